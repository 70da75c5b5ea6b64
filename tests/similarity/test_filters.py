import datetime as dt

import pytest
from django.utils import timezone

from recommender.catalog.models import Artist, Credit, Genre, Release, Track, TrackTag
from recommender.similarity.errors import BadWishError
from recommender.similarity.filters import Filters
from tests.people import make_track

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks():
    """One that all filters below find, and one that none does."""
    artist = Artist.objects.create(name="Ana")
    release = Release.objects.create(title="First", artist=artist)
    found = make_track(
        release=release, year=1994, tempo_bpm=100, tempo_confidence=0.9, key=0, key_confidence=0.9, duration_seconds=200
    )
    other = make_track(year=2011, tempo_bpm=140, tempo_confidence=0.9, key=6, key_confidence=0.9, duration_seconds=600)
    Track.objects.filter(pk=other.pk).update(added_at=timezone.now() - dt.timedelta(days=30))
    Credit.objects.create(track=found, artist=artist)
    found.genres.add(Genre.objects.create(name="Folk"))
    TrackTag.objects.create(track=found, name="calm", probability=0.5)
    return found, other


GIVEN = {
    "genre": lambda: Filters(genres=frozenset(Genre.objects.values_list("pk", flat=True))),
    "tag": lambda: Filters(tags=frozenset({"calm", "loud"})),
    "artist": lambda: Filters(artist=Artist.objects.get().pk),
    "release": lambda: Filters(release=Release.objects.get().pk),
    "year": lambda: Filters(year=(1990, 1999)),
    "tempo": lambda: Filters(tempo_bpm=(None, 100)),
    "duration": lambda: Filters(duration_seconds=(200, 200)),
    "key": lambda: Filters(key=0),
    "harmonic": lambda: Filters(key=7, is_harmonic=True),
    "since": lambda: Filters(added_since=timezone.now() - dt.timedelta(days=1)),
    "all": lambda: Filters(year=(1990, None), key=0, tags=frozenset({"calm"}), tempo_bpm=(90, 110)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_each_finds_the_one_and_not_the_other(name, tracks):
    filters = GIVEN[name]()
    assert not filters.is_empty
    assert list(Track.objects.filter(filters.condition())) == [tracks[0]]


def test_no_filter_is_everything(tracks):
    assert Filters().is_empty
    assert Track.objects.filter(Filters().condition()).count() == 2


def test_a_guess_is_not_found():
    make_track(tempo_bpm=100, tempo_confidence=0.1, key=0, key_confidence=0.1)
    for filters in (Filters(tempo_bpm=(90, 110)), Filters(key=0)):
        assert not Track.objects.filter(filters.condition()).exists()


@pytest.mark.parametrize(
    "given",
    [
        {"year": (2000, 1990)},
        {"tempo_bpm": (float("nan"), None)},
        {"duration_seconds": (None, float("inf"))},
        {"tempo_bpm": (-1, None)},
        {"year": (0, 1e9)},
        {"key": 24},
        {"key": -1},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(given):
    with pytest.raises(BadWishError, match=r"\.$"):
        Filters(**given)
