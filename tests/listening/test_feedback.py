import datetime as dt

import pytest
from django.utils import timezone

from recommender.listening import feedback
from recommender.listening.errors import TooManyError
from recommender.listening.feedback import (
    Kind,
    feedback_of_sitting,
    give_opinion,
    newest_feedback,
    opinions_of,
    say_unlike,
    take_back_opinion,
    take_back_unlike,
)
from recommender.listening.models import Opinion, Play, Unlikeness, Verdict
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener():
    return make_user()


def skip(listener, track, days_ago=0.0, **given):
    started_at = timezone.now() - dt.timedelta(days=days_ago)
    facts = {"heard_seconds": 5.0, "is_skipped": True, "started_at": started_at, **given}
    return Play.objects.create(listener=listener, track=track, **facts)


def told(listener, *seeds, most=10):
    return [(each.track_id, each.kind) for each in newest_feedback(listener, [seed.pk for seed in seeds], most=most)]


def test_the_last_word_counts_and_can_be_taken_back(listener):
    track = make_track()
    give_opinion(listener, track, Verdict.LIKE)
    first = Opinion.objects.get().given_at
    give_opinion(listener, track, Verdict.DISLIKE)
    assert Opinion.objects.get().given_at > first
    assert opinions_of(listener, [track.pk, make_track().pk]) == {track.pk: "dislike"}
    take_back_opinion(make_user(), track)
    assert Opinion.objects.exists()
    take_back_opinion(listener, track)
    assert opinions_of(listener, [track.pk]) == {}


def test_not_similar_is_said_of_a_pair(listener):
    seed, track = make_track(), make_track()
    for _ in range(2):
        say_unlike(listener, seed, track)
    assert told(listener, seed) == [(track.pk, Kind.UNLIKE)]
    assert told(listener, track) == told(listener) == told(make_user(), seed) == []
    take_back_unlike(listener, seed, track)
    assert not Unlikeness.objects.exists()


def test_only_so_much_is_not_similar_in_an_hour(listener, monkeypatch):
    monkeypatch.setattr(feedback, "MOST_UNLIKE_AN_HOUR", 1)
    seed = make_track()
    say_unlike(listener, seed, make_track())
    with pytest.raises(TooManyError):
        say_unlike(listener, seed, make_track())


def test_all_that_was_said_in_one_query_the_newest_first(listener, django_assert_num_queries):
    liked, skipped, unlike, seed = (make_track() for _ in range(4))
    say_unlike(listener, seed, unlike)
    skip(listener, skipped, days_ago=2)
    give_opinion(listener, liked, Verdict.LIKE)
    give_opinion(make_user(), seed, Verdict.DISLIKE)
    with django_assert_num_queries(1):
        found = told(listener, seed)
    assert found == [(unlike.pk, Kind.UNLIKE), (liked.pk, Kind.LIKE), (skipped.pk, Kind.SKIP)]
    assert told(listener, seed, most=2) == found[:2]


def test_a_skip_counts_until_something_says_more(listener):
    track, other = make_track(), make_track()
    skip(listener, track, days_ago=1)
    skip(listener, other, days_ago=100)
    assert told(listener) == [(track.pk, Kind.SKIP)]
    # Heard before the skip: the skip is newer.
    skip(listener, track, days_ago=3, is_skipped=False)
    assert told(listener) == [(track.pk, Kind.SKIP)]
    skip(listener, track, is_skipped=False)
    assert told(listener) == []
    skip(listener, track)
    give_opinion(listener, track, Verdict.LIKE)
    assert told(listener) == [(track.pk, Kind.LIKE)]


def test_what_was_skipped_in_this_sitting(listener):
    now, before, elsewhere = (make_track() for _ in range(3))
    skip(listener, now)
    skip(listener, before, days_ago=2)
    skip(listener, elsewhere)
    give_opinion(listener, before, Verdict.LIKE)
    found = feedback_of_sitting(listener, [now.pk, before.pk])
    assert {(each.track_id, each.kind) for each in found} == {(now.pk, Kind.SKIP), (before.pk, Kind.LIKE)}
