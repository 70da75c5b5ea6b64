import datetime as dt

import pytest
from django.utils import timezone

from recommender.catalog.models import Track
from recommender.listening import plays
from recommender.listening.errors import TooManyError
from recommender.listening.models import Opinion, Play, Verdict
from recommender.listening.plays import record_play
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("duration", "heard", "is_left", "expected"),
    [
        (200.0, 29.0, True, (29.0, True)),
        (200.0, 30.0, True, (30.0, False)),
        # Of a short track half is enough.
        (40.0, 19.0, True, (19.0, True)),
        (40.0, 20.0, True, (20.0, False)),
        (200.0, 200.0, False, (200.0, False)),
        (None, 31.0, True, (31.0, False)),
        # What was merely stopped, or slipped, says nothing.
        (200.0, 20.0, False, None),
        (200.0, 1.5, True, None),
        # Nobody hears more of a track than there is, whatever a script says.
        (200.0, 1e8, False, (200.0, False)),
    ],
)
def test_what_is_a_play_and_what_a_skip(duration, heard, is_left, expected):
    play = record_play(make_user(), make_track(duration_seconds=duration), heard, is_left=is_left)
    assert (play and (play.heard_seconds, play.is_skipped)) == expected
    assert Play.objects.count() == (expected is not None)


def test_nobody_hears_more_than_an_hour_holds(monkeypatch):
    monkeypatch.setattr(plays, "MOST_AN_HOUR", 2)
    listener, other, track = make_user(), make_user(), make_track(duration_seconds=1e6)
    record_play(listener, track, 1e6, is_left=False)
    record_play(listener, track, 10.0, is_left=True)
    with pytest.raises(TooManyError):
        record_play(listener, track, 10.0, is_left=True)
    assert record_play(other, track, 10.0, is_left=True)
    Play.objects.filter(listener=listener).update(started_at=timezone.now() - dt.timedelta(hours=2))
    assert record_play(listener, track, 10.0, is_left=True)


def test_the_tracks_heard_last_once_each():
    listener, first, second, third = make_user(), make_track(), make_track(), make_track()
    now = timezone.now()
    heard = [first, second, first, third]
    kept = [
        Play.objects.create(listener=listener, track=track, started_at=now - dt.timedelta(hours=hours))
        for hours, track in enumerate(heard)
    ]
    Play.objects.create(listener=listener, track=make_track(), is_skipped=True, started_at=now)
    Play.objects.create(listener=make_user(), track=third, started_at=now)
    assert plays.played_lately(listener, 10) == [kept[0], kept[1], kept[3]]
    assert plays.played_lately(listener, 2) == kept[:2]


def test_favourites_are_forgotten_when_nothing_was_heard_of_them():
    listener, liked, often, heard, skipped = make_user(), *(make_track() for _ in range(4))
    now, month = timezone.now(), dt.timedelta(days=30)
    for track in (liked, heard):
        Opinion.objects.create(listener=listener, track=track, verdict=Verdict.LIKE, given_at=now - 2 * month)
    for track, is_skipped in ((often, False), (skipped, True)):
        for _ in range(plays.OFTEN):
            Play.objects.create(listener=listener, track=track, is_skipped=is_skipped, started_at=now - 2 * month)
    Play.objects.create(listener=listener, track=heard, started_at=now)
    found = plays.forgotten_favourites(listener, Track.objects.all(), since=now - month)
    assert set(found) == {liked, often}
    assert not plays.forgotten_favourites(make_user(), Track.objects.all(), since=now).exists()


def test_only_ones_own_plays_are_forgotten():
    listener, other, track = make_user(), make_user(), make_track()
    own, _, others = (Play.objects.create(listener=who, track=track) for who in (listener, listener, other))
    assert not plays.forget_play(listener, others.pk)
    assert plays.forget_play(listener, own.pk)
    assert plays.forget_all_plays(listener) == 1
    assert list(Play.objects.all()) == [others]
