"""What rules keep out of recommendations."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.catalog.models import Artist, Genre, PoolHit, PoolKind, PoolRule, Release, Track
from tests.people import make_track

pytestmark = pytest.mark.django_db


def day_in(days):
    day = timezone.localdate() + dt.timedelta(days=days)
    return day.month * 100 + day.day


def make_rule(kind, **named):
    return PoolRule.objects.create(kind=kind, **{"is_on": True, **named})


@pytest.fixture
def track():
    artist, guest = (Artist.objects.create(name=name) for name in ("Band", "Guest"))
    release = Release.objects.create(title="Carols", artist=artist)
    track = make_track(artist=artist, release=release, duration_seconds=30.0)
    track.credits.create(artist=guest)
    track.genres.add(Genre.objects.create(name="Christmas"))
    track.tags.create(name="choir", probability=0.9)
    track.tags.create(name="drums", probability=0.1)
    make_track(title="Another", duration_seconds=200.0)
    return track


def make_rule_of(track, kind):
    named = {
        "artist": {"artist": track.artist},
        "guest": {"artist": Artist.objects.get(name="Guest")},
        "release": {"release": track.release},
        "genre": {"genre": track.genres.get()},
        "tag": {"tag": "choir"},
        "length": {"least_seconds": 30.0, "most_seconds": 31.0},
    }
    return make_rule("artist" if kind == "guest" else kind, **named[kind])


@pytest.mark.parametrize("kind", ["artist", "guest", "release", "genre", "tag", "length"])
def test_what_it_names_is_played_and_not_recommended(track, kind):
    rule = make_rule_of(track, kind)
    assert [each.title for each in Track.objects.recommendable()] == ["Another"]
    assert Track.objects.playable().count() == 2
    assert list(PoolHit.objects.filter(rule=rule).values_list("track", flat=True)) == [track.pk]
    PoolRule.objects.update(is_on=False)
    assert Track.objects.recommendable().count() == 2
    assert PoolHit.objects.filter(rule=rule).count() == 1


def test_without_rules_everything_is_recommended(track):
    assert Track.objects.recommendable().count() == 2


def test_what_is_hardly_so_is_not_meant(track):
    make_rule(PoolKind.TAG, tag="drums")
    assert Track.objects.recommendable().count() == 2


@pytest.mark.parametrize(
    ("from_day", "to_day", "holds"),
    [
        (0, 0, True),
        (-20, 20, True),
        (5, 20, False),
        (-20, -5, False),
        # All of the year but some days, over new year.
        (5, -5, False),
        (5, 0, True),
        (0, -5, True),
    ],
)
def test_seasons(track, from_day, to_day, holds):
    make_rule(PoolKind.TAG, tag="choir", from_day=day_in(from_day), to_day=day_in(to_day))
    assert PoolHit.objects.get().holds is holds
    assert Track.objects.recommendable().count() == (1 if holds else 2)


def test_a_genre_that_comes_later_counts_at_once(track):
    make_rule(PoolKind.GENRE, genre=track.genres.get())
    Track.objects.get(title="Another").genres.add(track.genres.get())
    assert not Track.objects.recommendable().exists()


def test_a_track_goes_although_a_rule_hits_it(track):
    make_rule_of(track, "artist")
    track.delete()
    assert not PoolHit.objects.exists()
