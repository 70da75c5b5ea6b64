import datetime as dt

import pytest
from django.utils import timezone

from recommender.listening import plays
from recommender.listening.errors import TooManyError
from recommender.listening.models import Play
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
