"""What rows say otherwise than the tracks they are about, and what of them cannot be used."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, find_artist, find_release, set_genres
from recommender.catalog.editing import edit_track, read_fields
from recommender.catalog.models import Track, Visibility
from recommender.curation import table_comparing
from recommender.curation.table_comparing import Findings, compare_row, compare_rows
from recommender.curation.table_reading import Row
from recommender.web.metadata_form import MetadataForm
from tests.people import make_audio_file, make_track, make_user

pytestmark = pytest.mark.django_db

FIELDS = MetadataForm.base_fields
SAID = {
    "title": "Jóga",
    "artists": ["Björk"],
    "release": "Homogenic",
    "album_artist": "Björk",
    "year": 1997,
    "track_number": None,
    "disc_number": None,
    "genres": ["Art Pop", "Trip Hop"],
    "moods": [],
    "isrc": "",
}


def compare(said=SAID, **cells):
    return compare_row(Row(2, cells), said, FIELDS)


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"file_name": "other.mp3", "shoe_size": "44"},
        {"title": " Jóga ", "year": "1997.0", "genres": "Trip Hop;Art Pop ;"},
        {"genres": ["Trip Hop", "Art Pop"], "artists": ["Björk"], "track_number": "", "isrc": " "},
        {"album_artist": ""},
    ],
)
def test_what_says_the_same_changes_nothing(cells):
    assert compare(**cells) == ({}, {})


def test_empty_cells_clear():
    assert compare(year="", genres="", artists="") == ({"year": None, "genres": [], "artists": []}, {})
    assert compare(release="", album_artist="Somebody") == ({"release": "", "album_artist": ""}, {})


def test_what_cannot_be_read_leaves_its_field_alone():
    wanted, wrong = compare(title="", year="abc", isrc="x", moods="grumpy", genres=None, track_number="3")
    assert wanted == {"track_number": 3}
    assert wrong["year"] == "“abc”: Enter a whole number."
    assert wrong["title"] == "This field is required."
    assert "neither text" in wrong["genres"]
    assert sorted(wrong) == ["genres", "isrc", "moods", "title", "year"]


def test_what_is_quoted_is_short_and_can_be_read():
    _wanted, wrong = compare(year="\u202e\n" + "9" * 200, moods="grumpy " * 200)
    assert wrong["year"].startswith("“999")
    assert all(len(why) < 400 for why in wrong.values())


def test_a_release_is_by_somebody():
    nameless = {**SAID, "artists": [], "release": "", "album_artist": ""}
    assert compare(nameless, release="Homogenic") == ({}, {"release": "A release needs an artist."})
    assert compare(nameless, album_artist="Björk") == ({}, {"album_artist": "It is on no release."})
    wanted = {"release": "Homogenic", "album_artist": "Björk", "artists": ["Björk"]}
    assert compare(nameless, release="Homogenic", artists="Björk") == (wanted, {})


def test_what_it_says_is_what_becomes_of_it():
    """The rules of the release are those of the catalog."""
    track = make_track(title="Jóga", year=1997)
    for cells in ({"artists": "Björk", "release": "Homogenic"}, {"album_artist": "Various"}, {"release": "Live"}):
        wanted, _wrong = compare(read_fields(track), **cells)
        edit_track(track, track.owner, wanted)
        track = Track.objects.get(pk=track.pk)
        assert {name: read_fields(track)[name] for name in wanted} == wanted
        assert compare(read_fields(track), **cells) == ({}, {})


def test_names_that_no_form_would_have_written_are_left_alone():
    track = make_track(title="two\r\nlines  \u202e", year=3000)
    credit_artists(track, ["A; B"])
    track.release = find_release("C", find_artist("C"))
    track.save()
    set_genres(track, ["x;y"])
    said = read_fields(track)
    cells = {"title": track.title, "year": "3000", "artists": "A; B", "genres": "x;y", "album_artist": "C"}
    assert compare(said, **cells) == ({}, {})
    assert compare(said, artists=["A; B"]) == ({}, {})


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def find(owner, *rows):
    findings = Findings()
    compare_rows([Row(number, cells) for number, cells in enumerate(rows, 2)], owner, FIELDS, findings)
    return findings


def test_rows_find_their_tracks(curator):
    by_id, by_sum = make_track(), make_track()
    found = find(
        curator,
        {"id": str(by_id.pk), "title": "A", "colour": "red"},
        {"id": "", "sha256": by_sum.audio_file_id.upper(), "title": "B"},
        {"id": str(by_sum.pk), "title": "C"},
    )
    assert [(change["track"], change["row"]) for change in found.changes] == [(by_id.pk, 2), (by_sum.pk, 3)]
    assert found.changes[0]["seen"] == {"title": by_id.title}
    assert found.changes[0]["wanted"] == {"title": "A"}
    assert found.problems == [(4, "", "Row 3 is about the same track, and counts.")]
    assert list(found.unknown) == ["colour"]
    assert (found.rows, found.same, found.changing, found.wrong) == (3, 0, 2, 1)


def test_one_file_of_several_people(curator):
    shared = make_audio_file()
    first, _second = make_track(audio_file=shared), make_track(audio_file=shared)
    row = {"sha256": shared.sha256, "title": "A"}
    assert "Several tracks" in find(curator, row).problems[0][2]
    assert find(first.owner, row).changes[0]["track"] == first.pk


def test_what_is_out_of_reach_is_said(curator):
    waiting = make_track(visibility=Visibility.SUBMITTED)
    hidden = make_track(visibility=Visibility.PRIVATE)
    rows = [{"id": text, "title": "A"} for text in (str(waiting.pk), str(hidden.pk), "999999", "seven", "-1", "9" * 30)]
    found = find(curator, *rows, {"sha256": hidden.audio_file_id}, {"title": "A"}, {"id": None})
    assert [why for _row, _column, why in found.problems] == [
        f"Track {waiting.pk} is not yours to describe.",
        f"There is no track {hidden.pk}, or it is not for you to see.",
        "There is no track 999999, or it is not for you to see.",
        "“seven” is no number of a track.",
        "“-1” is no number of a track.",
        f"“{'9' * 30}” is no number of a track.",
        "No track that is yours to describe has this file.",
        "It does not say which track it is about: neither “id” nor “sha256” is there.",
        "It does not say which track it is about: neither “id” nor “sha256” is there.",
    ]


def test_owners_describe_what_is_theirs():
    owner, other = make_user(), make_track()
    hidden = make_track(owner, visibility=Visibility.PRIVATE)
    found = find(owner, {"id": str(hidden.pk), "title": "A"}, {"id": str(other.pk), "title": "A"})
    assert [change["track"] for change in found.changes] == [hidden.pk]
    assert "not yours to describe" in found.problems[0][2]


def test_only_so_much_is_kept(curator, monkeypatch):
    monkeypatch.setattr(table_comparing, "MOST_CHANGES", 1)
    monkeypatch.setattr(table_comparing, "MOST_PROBLEMS", 1)
    rows = [{"id": str(make_track().pk), "title": "A"} for _number in range(2)]
    found = find(curator, *rows, {"id": "a"}, {"id": "b"})
    assert (len(found.changes), found.changing) == (1, 2)
    assert (len(found.problems), found.wrong) == (1, 2)


def test_names_on_tracks_of_others_stay_spelt_as_they_are():
    own, other = make_track(), make_track()
    for track in (own, other):
        credit_artists(track, ["bjork"])
        set_genres(track, ["trip hop"])
    found = find(own.owner, {"id": str(own.pk), "artists": "Björk", "genres": "Trip Hop; Pop"})
    assert found.changes[0]["wanted"] == {"genres": ["Pop", "trip hop"]}
    assert "tracks that are not yours" in found.problems[0][2]
    other.delete()
    found = find(own.owner, {"id": str(own.pk), "artists": "Björk"})
    assert found.changes[0]["wanted"] == {"artists": ["Björk"]}


def test_many_rows_are_few_queries(curator, django_assert_num_queries):
    rows = [{"id": str(make_track().pk), "title": "A"} for _number in range(20)]
    rows.append({"id": "999999"})
    curator = type(curator).objects.get(pk=curator.pk)
    with django_assert_num_queries(6):
        find(curator, *rows)
