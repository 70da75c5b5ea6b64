"""Tables as they leave: every cell comes back as it was, and none is computed by a spreadsheet."""

import csv
import json
from io import StringIO

import pytest

from recommender.catalog.credits import credit_artists, find_artist, find_release, set_genres
from recommender.catalog.models import Track
from recommender.curation import table_writing
from recommender.curation.table_writing import COLUMNS, SAID, TableFormat, read_cell, write_cell, write_table
from tests.people import make_track

ODD = (
    *("=1+1", "'=1+1", "''=1", "+49", "-7", "@home", "\tx", "\rx", "＝1", "'", "''", "it's", "'quoted'", ""),  # noqa: RUF001
    *('She said "no"', "a;b", "a,b", "line\nbreak", "two\r\nlines", "🎧🏳️‍🌈", "שלום עולם", "\u202eevil", " spaces "),
)


@pytest.mark.parametrize("text", ODD)
def test_a_cell_comes_back_as_it_was(text):
    assert read_cell(write_cell(text)) == text


@pytest.mark.parametrize("text", [text for text in ODD if text[:1] in tuple("=+-@\t\r＝")])  # noqa: RUF001
def test_nothing_is_computed(text):
    assert not write_cell(text) or write_cell(text)[0] not in "=+-@\t\r＝"  # noqa: RUF001


def test_signs_that_were_typed_mean_what_they_say():
    assert read_cell("-Ziq") == "-Ziq"
    assert write_cell(-14.2) == "-14.2"
    assert write_cell(["-Ziq", "b"]) == "'-Ziq; b"
    assert write_cell(None) == ""


def make_song():
    track = make_track(
        title='"Hey"; = you', year=1997, duration_seconds=61.26, tempo_bpm=120.04, key=12, energy=0.51239
    )
    credit_artists(track, ["Björk", "A, B & C"])
    set_genres(track, ["Trip Hop", "Art Pop"])
    track.release = find_release("Homogenic", find_artist("Björk"))
    track.save()
    return track


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "delimiter"), [(TableFormat.CSV, ","), (TableFormat.SEMICOLONS, ";")])
def test_csv(kind, delimiter):
    track = make_song()
    written = b"".join(write_table(Track.objects.all(), kind))
    assert written.startswith(b"\xef\xbb\xbfid")
    (row,) = csv.DictReader(StringIO(written.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    assert tuple(row) == COLUMNS
    assert row == {
        "id": str(track.pk),
        "title": '"Hey"; = you',
        "artists": "Björk; A, B & C",
        "release": "Homogenic",
        "album_artist": "Björk",
        "year": "1997",
        "track_number": "",
        "disc_number": "",
        "isrc": "",
        "genres": "Art Pop; Trip Hop",
        "moods": "",
        "file_name": "track.mp3",
        "owner": track.owner.username,
        "visibility": "published",
        "duration_seconds": "61.3",
        "tempo_bpm": "120.0",
        "key": "C minor",
        "energy": "0.512",
        "loudness_lufs": "",
        "added": track.added_at.date().isoformat(),
        "sha256": track.audio_file_id,
    }


@pytest.mark.django_db
def test_json_keeps_lists_and_numbers():
    track = make_song()
    (row,) = json.loads(b"".join(write_table(Track.objects.all(), TableFormat.JSON)))
    assert tuple(row) == COLUMNS
    assert (row["id"], row["artists"], row["year"], row["track_number"], row["moods"]) == (
        *(track.pk, ["Björk", "A, B & C"], 1997, None),
        [],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TableFormat)
def test_it_is_written_in_pieces(kind, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(table_writing, "BATCH", 2)
    made = [make_track().pk for _number in range(5)]
    # Three pieces, each with names of artists, genres and moods, and the look for a fourth.
    with django_assert_num_queries(13):
        pieces = list(write_table(Track.objects.all(), kind))
    assert len(pieces) == 4
    text = b"".join(pieces).decode("utf-8-sig")
    rows = json.loads(text) if kind is TableFormat.JSON else csv.DictReader(StringIO(text), delimiter=text[2])
    assert [int(row["id"]) for row in rows] == made


@pytest.mark.django_db
def test_no_tracks_are_a_table_too():
    assert b"".join(write_table(Track.objects.none(), TableFormat.JSON)) == b"[]\n"
    assert len(b"".join(write_table(Track.objects.none(), TableFormat.CSV)).splitlines()) == 1


def test_every_field_has_a_column():
    from recommender.catalog.editing import FIELDS

    assert sorted(SAID) == sorted(FIELDS)
