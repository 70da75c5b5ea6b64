import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from recommender.catalog.credits import credit_artists, find_artist, find_release, set_genres
from recommender.catalog.models import (
    Artist,
    ArtistAlias,
    AudioFile,
    Credit,
    Release,
    Shelf,
    Track,
    TrackTag,
    Visibility,
)
from recommender.catalog.names import fold
from recommender.catalog.triggers import create_triggers, drop_triggers, rebuild_words
from tests.people import make_track, make_user

ON_SQLITE = connection.vendor == "sqlite"


@pytest.mark.django_db
def test_a_shelf_says_what_its_track_says():
    track = make_track(year=1994, tempo_bpm=89.9, tempo_confidence=0.5, key=21, key_confidence=0.49)
    set_genres(track, ["Rock", "Jazz"])
    for name in ("piano", "calm"):
        TrackTag.objects.create(track=track, name=name, probability=0.9)
    shelf = Shelf.objects.get(track=track)
    assert (shelf.decade, shelf.pace, shelf.key, shelf.file_format) == (1990, "slow", None, "mp3")
    assert [int(pk) for pk in shelf.genres.split("\n")] == sorted(track.genres.values_list("pk", flat=True))
    assert shelf.tags == "calm\npiano"
    AudioFile.objects.update(suffix=".flac")
    track.tags.all().delete()
    Track.objects.update(is_deleting=True)
    shelf.refresh_from_db()
    assert (shelf.file_format, shelf.tags, shelf.is_deleting) == ("flac", "", True)
    track.delete()
    assert not Shelf.objects.exists()


@pytest.mark.skipif(ON_SQLITE, reason="SQLite has one writer at a time")
@pytest.mark.django_db
def test_a_change_that_is_not_counted_leaves_the_shelf_alone():
    def version():
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text FROM catalog_shelf")
            return cursor.fetchone()

    make_track()
    before = version()
    AudioFile.objects.update(codec="mp3", audio_sha256="a" * 64)
    Track.objects.update(title="Another", waveform=b"1")
    assert version() == before
    Track.objects.update(year=1980)
    assert version() != before


def read_kept():
    """Everything that triggers keep, as sets of words: in what order artists stand in a document says nothing."""
    with connection.cursor() as cursor:
        documents = []
        for table in ("catalog_track_words", "catalog_artist_words", "catalog_release_words"):
            cursor.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid")
            documents.append([(pk, *(sorted(part.split()) for part in parts)) for pk, *parts in cursor.fetchall()])
    return documents, sorted(Shelf.objects.values_list())


NAMES = st.sampled_from(["Ada", "Björk", "The Band", "東京", "x", "AC/DC", "a b c"])
CHANGES = st.lists(
    st.tuples(st.sampled_from(range(14)), st.integers(0, 5), NAMES, st.integers(0, 5)), min_size=1, max_size=12
)


@pytest.mark.skipif(not ON_SQLITE, reason="other databases search the names where they stand")
class TestKeptTables(TestCase):
    @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(changes=CHANGES)
    def test_random_changes_leave_what_a_rebuild_would(self, changes):
        owner = make_user()
        tracks = [make_track(owner, title=f"first {number}", year=1990 + number) for number in range(3)]
        for kind, number, name, other in changes:
            change(tracks[number % 3], kind, name, other)
        kept = read_kept()
        rebuild_words()
        Shelf.objects.all().delete()
        drop_triggers()
        create_triggers()
        assert kept == read_kept()


def change(track, kind, name, number):
    """One of the ways in which the catalog is written to."""
    row = Track.objects.filter(pk=track.pk)
    if not row.exists():
        return
    track.refresh_from_db()
    (
        lambda: row.update(title=name, title_key=fold(name)),
        lambda: credit_artists(track, [name, f"{name} {number}"]),
        lambda: row.update(release=find_release(f"on {name}", find_artist(name), year=1980 + number)),
        lambda: Artist.objects.filter(name=name).update(name_key=f"renamed {fold(name)}"[:200] + str(number)),
        lambda: (
            Release.objects.update(title_key=fold(name) + "x", artist=find_artist(f"solo {number}"))
            if Release.objects.count() == 1
            else None
        ),
        lambda: set_genres(track, [name, f"genre {number}"]),
        lambda: TrackTag.objects.update_or_create(track=track, name=name, defaults={"probability": 0.5}),
        lambda: TrackTag.objects.filter(track=track).delete(),
        lambda: row.update(year=1900 + 7 * number, tempo_bpm=60 + 25 * number, tempo_confidence=1, key=number),
        lambda: Credit.objects.bulk_create([Credit(track=track, artist=find_artist(name))], ignore_conflicts=True),
        lambda: row.update(visibility=Visibility.WITHDRAWN, is_playable=False),
        lambda: row.delete() if number > 3 else Artist.objects.filter(name=name).delete(),
        lambda: ArtistAlias.objects.update_or_create(
            name=f"{name} too", defaults={"artist": find_artist(f"{name} {number}")}
        ),
        lambda: ArtistAlias.objects.filter(name=f"{name} too").delete(),
    )[kind]()
