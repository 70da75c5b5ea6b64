import datetime as dt

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import Evidence, PairRule, RecordingPair, Track, Visibility
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion, say_unlike
from recommender.listening.models import Play, Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity import made_for_you
from recommender.similarity.made_for_you import MadeForYou, make_shelves
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


def beside(axis: int, share: float = 1.0, aside: int = 7) -> np.ndarray:
    """A unit vector at cosine `share` to an axis."""
    vector = np.zeros(8, np.float32)
    vector[[axis, aside]] = share, np.sqrt(1 - share**2)
    return vector


def add(space, vector, **given):
    track = make_track(**given)
    make_embedding(track, space, vector)
    return track


def add_near(space, axis, count=4):
    lengths = (60.0 + 2 * number for number in range(count))
    return [add(space, beside(axis, 0.98 - n / 100), duration_seconds=length) for n, length in enumerate(lengths)]


@pytest.fixture
def listener():
    return make_user(Role.LISTENER)


def play(listener, track, times=1, days_ago=0.0, **given):
    at = timezone.now() - dt.timedelta(days=days_ago)
    for _ in range(times):
        Play.objects.create(listener=listener, track=track, heard_seconds=60.0, started_at=at, **given)


def test_every_part_of_a_taste_has_a_shelf(space, listener):
    liked, played = add(space, beside(0)), add(space, beside(1))
    for name, probability in (("calm", 0.7), ("piano", 0.9)):
        liked.tags.create(name=name, probability=probability)
    near_liked, near_played = add_near(space, 0), add_near(space, 1)
    add(space, beside(3))
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    play(listener, played, times=2)
    make_shelves(listener)  # which reads the sample once
    with CaptureQueriesContext(connection) as queries:
        shelves = make_shelves(listener).shelves

    assert len(queries) <= 9
    told = [(each.because, each.is_liked, each.words, each.tracks) for each in shelves]
    assert told == [(liked, True, ["piano", "calm"], near_liked), (played, False, [], near_played)]


def test_only_what_is_fresh_to_the_listener_and_may_be_seen(space, listener):
    liked = add(space, beside(0))
    kept = add_near(space, 0)
    heard, disliked, ruled, version, hidden, held_back = [
        add(space, beside(0, 0.93 - number / 100, aside=6), duration_seconds=90.0 + 2 * number) for number in range(6)
    ]
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    play(listener, heard, is_skipped=True)
    play(listener, kept[0], days_ago=40)
    give_opinion(listener, disliked, Verdict.DISLIKE)
    # Long ago: it moves none of the others any more.
    disliked.opinions.update(given_at="2020-01-01T00:00Z")
    Play.objects.filter(track=heard).update(started_at=timezone.now() - dt.timedelta(days=29))
    PairRule.objects.create(first=liked, second=ruled)
    RecordingPair.objects.create(first=liked, second=version, evidence=Evidence.FINGERPRINT, score=1.0)
    Track.objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)
    Track.objects.filter(pk=held_back.pk).update(is_recommendable=False)
    (shelf,) = make_shelves(listener).shelves
    assert set(shelf.tracks) == set(kept)


def test_neither_another_copy_of_the_track_nor_what_is_unlike_it_to_the_listener(space, listener):
    liked = add(space, beside(0))
    kept = add_near(space, 0)
    unlike = add(space, beside(0, 0.93, aside=6), duration_seconds=90.0)
    add(space, beside(0), audio_file=liked.audio_file, duration_seconds=liked.duration_seconds)
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    say_unlike(listener, liked, unlike)
    # Long ago: it moves none of the others any more.
    unlike.unlike_as_found.update(given_at="2020-01-01T00:00Z")
    (shelf,) = make_shelves(listener).shelves
    assert set(shelf.tracks) == set(kept)


def test_further_neighbours_come_where_the_nearest_are_not_to_be_seen(space, listener, monkeypatch):
    monkeypatch.setattr(made_for_you, "_SIZES", (4,))
    liked = add(space, beside(0))
    for number in range(6):
        add(space, beside(0, 0.999 - number / 1000), visibility=Visibility.PRIVATE)
    kept = add_near(space, 0)
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    assert [shelf.tracks for shelf in make_shelves(listener).shelves] == [kept]


def test_a_shelf_of_next_to_nothing_is_none(space, listener):
    liked = add(space, beside(0))
    add_near(space, 0, count=2)
    synchronise_space(space)
    assert make_shelves(listener) == MadeForYou(is_known=False)
    give_opinion(listener, liked, Verdict.LIKE)
    assert make_shelves(listener) == MadeForYou()


def test_without_the_index_it_says_so(space, listener, settings):
    give_opinion(listener, add(space, beside(0)), Verdict.LIKE)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert make_shelves(listener).is_degraded
    finally:
        index_room._index_of_process.cache_clear()
