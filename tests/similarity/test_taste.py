import datetime as dt

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recommender.listening.feedback import Feedback, Kind, give_opinion, say_unlike
from recommender.listening.models import Opinion, Verdict
from recommender.similarity.taste import HALF_LIFE_DAYS, MOST_DEMOTED, MOST_LIFTED, WEIGHTS, read_taste, weigh
from tests.people import at_cosine, make_embedding, make_space, make_track, make_user, unit_vector

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
IT, NEAR, FAR = 1, 2, 3


VECTORS = {IT: at_cosine(1.0), NEAR: at_cosine(0.9), FAR: at_cosine(0.7)}


def said(kind, days_ago=0.0, track_id=IT):
    return Feedback(track_id, NOW - dt.timedelta(days=days_ago), kind)


def moved(*feedback):
    """By how much it moves the track itself, one near to it and one far from it."""
    taste = weigh(feedback, VECTORS, 8, NOW)
    return taste.move(np.array([IT, NEAR, FAR]), np.stack([VECTORS[each] for each in (IT, NEAR, FAR)])).tolist()


@pytest.mark.parametrize("kind", Kind)
def test_what_is_said_moves_the_track_and_its_neighbourhood(kind):
    weight = WEIGHTS[kind]
    assert moved(said(kind)) == pytest.approx([weight, 0.6 * weight, 0], abs=1e-6)


@pytest.mark.parametrize("kind", Kind)
def test_it_fades_for_the_neighbourhood(kind):
    itself, near, _ = moved(said(kind, HALF_LIFE_DAYS[kind]))
    assert near == pytest.approx(0.3 * WEIGHTS[kind])
    assert itself == pytest.approx(WEIGHTS[kind] / (2 if kind == Kind.SKIP else 1))


def test_several_add_up_to_a_bound():
    assert moved(said(Kind.SKIP), said(Kind.SKIP))[0] == pytest.approx(2 * WEIGHTS[Kind.SKIP])
    assert moved(*[said(Kind.SKIP)] * 50) == pytest.approx([-MOST_DEMOTED, -MOST_DEMOTED, 0])
    assert moved(*[said(Kind.LIKE)] * 50) == pytest.approx([MOST_LIFTED, MOST_LIFTED, 0])
    both = moved(said(Kind.LIKE), said(Kind.DISLIKE, track_id=NEAR))
    assert both[1] == pytest.approx(0.6 * WEIGHTS[Kind.LIKE] + WEIGHTS[Kind.DISLIKE])


def test_nothing_said_moves_nothing():
    assert moved() == [0, 0, 0]
    assert moved(said(Kind.DISLIKE, track_id=99)) == [0, 0, 0]


@pytest.mark.django_db
def test_the_taste_of_a_listener_in_two_queries(django_assert_num_queries):
    space, listener = make_space(), make_user()
    seed, liked, unlike, unheard = (make_track() for _ in range(4))
    for number, track in enumerate((seed, liked, unlike)):
        make_embedding(track, space, unit_vector(number))
    for track in (seed, liked, unheard):
        give_opinion(listener, track, Verdict.LIKE)
    Opinion.objects.filter(track=liked).update(given_at=timezone.now() - dt.timedelta(days=180))
    say_unlike(listener, seed, unlike)
    with django_assert_num_queries(2):
        taste = read_taste(listener, space, [seed.pk])
    assert set(taste.track_ids.tolist()) == {liked.pk, unlike.pk}
    assert taste.unlike_ids == {unlike.pk}
    faded = taste.near[taste.track_ids.tolist().index(liked.pk)]
    assert faded == pytest.approx(WEIGHTS[Kind.LIKE] / 2, rel=1e-3)
    other = read_taste(listener, space, [liked.pk])
    # Whoever opens a track is shown what sounds like it, whatever was said of the track itself.
    assert (other.track_ids.tolist(), other.unlike_ids) == ([seed.pk], frozenset())


@pytest.mark.django_db
def test_who_said_nothing_has_no_taste():
    space = make_space()
    assert read_taste(AnonymousUser(), space, []) is None
    assert read_taste(make_user(), space, []) is None
    assert read_taste(make_user(is_active=False), space, []) is None
