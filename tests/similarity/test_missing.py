import numpy as np
import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Artist, Credit, Evidence, PairRule, RecordingPair, Visibility
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion, say_unlike
from recommender.listening.models import Play, Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.errors import BadWishError
from recommender.similarity.missing import MissingTracks, find_missing
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


def beside(axis: int, share: float = 1.0) -> np.ndarray:
    """A unit vector at cosine `share` to an axis."""
    return at_cosine(share, 7, to=axis)


@pytest.fixture
def listener():
    return make_user(Role.LISTENER)


def play(listener, track, times=1, **given):
    for _ in range(times):
        Play.objects.create(listener=listener, track=track, heard_seconds=60.0, **given)


def test_both_sides_of_a_taste_take_turns(space, listener):
    liked, played = add_heard(space, beside(0)), add_heard(space, beside(1))
    near_liked = [add_heard(space, beside(0, share)) for share in (0.97, 0.94)]
    near_played = [add_heard(space, beside(1, share)) for share in (0.97, 0.94)]
    add_heard(space, beside(3))
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    play(listener, played, times=2)
    found = find_missing(listener, 10).tracks
    assert [(each.track, each.because) for each in found] == [
        (near_liked[0], liked),
        (near_played[0], played),
        (near_liked[1], liked),
        (near_played[1], played),
    ]
    assert len(find_missing(listener, 3).tracks) == 3


def test_neither_side_brings_the_same_recording_or_artist_again(space, listener):
    liked, played, artist = (
        add_heard(space, beside(0)),
        add_heard(space, beside(1)),
        Artist.objects.create(name="Everywhere"),
    )
    one, version = add_heard(space, beside(0, 0.97)), add_heard(space, beside(1, 0.97))
    RecordingPair.objects.create(first=one, second=version, evidence=Evidence.FINGERPRINT, score=0.95)
    by_artist = [add_heard(space, beside(axis, share)) for share in (0.95, 0.93) for axis in (0, 1)]
    Credit.objects.bulk_create(Credit(track=track, artist=artist) for track in by_artist)
    synchronise_space(space)
    for track in (liked, played):
        give_opinion(listener, track, Verdict.LIKE)
    found = [each.track for each in find_missing(listener, 10).tracks]
    assert len({one, version} & set(found)) == 1
    assert len(set(by_artist) & set(found)) == 2


def test_only_what_was_never_played_and_may_be_seen(space, listener):
    liked = add_heard(space, beside(0))
    made = [add_heard(space, beside(0, 0.97 - number / 100)) for number in range(7)]
    unheard, heard, skipped, disliked, ruled, version, unlike = made
    add_heard(space, beside(0, 0.96), visibility=Visibility.PRIVATE)
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    play(listener, heard)
    play(listener, skipped, is_skipped=True)
    give_opinion(listener, disliked, Verdict.DISLIKE)
    PairRule.objects.create(first=liked, second=ruled)
    RecordingPair.objects.create(first=heard, second=version, evidence=Evidence.FINGERPRINT, score=1.0)
    say_unlike(listener, liked, unlike)
    play(make_user(), unheard)
    Play.objects.filter(track=skipped).update(started_at="2020-01-01T00:00Z")
    # Long ago: what was said of these moves none of the others any more.
    disliked.opinions.update(given_at="2020-01-01T00:00Z")
    unlike.unlike_as_found.update(given_at="2020-01-01T00:00Z")
    assert [each.track for each in find_missing(listener, 10).tracks] == [unheard]


def test_four_parts_of_a_taste_take_few_queries(space, listener, django_assert_max_num_queries):
    liked = [add_heard(space, beside(axis)) for axis in range(4)]
    near = [add_heard(space, beside(axis, 0.95)) for axis in range(4)]
    RecordingPair.objects.create(first=near[0], second=near[1], evidence=Evidence.FINGERPRINT, score=0.95)
    synchronise_space(space)
    for track in liked:
        give_opinion(listener, track, Verdict.LIKE)
    give_opinion(listener, add_heard(space, beside(4)), Verdict.DISLIKE)
    find_missing(listener, 40)
    # With the session and the listener these are the twelve that a page may take.
    with django_assert_max_num_queries(10):
        assert len(find_missing(listener, 40).tracks) == 3


def test_who_liked_and_played_nothing_is_told_so(space, listener):
    track = add_heard(space, beside(0))
    synchronise_space(space)
    play(listener, track)
    play(listener, add_heard(space, beside(1)), times=5, is_skipped=True)
    assert find_missing(listener, 10) == MissingTracks(is_known=False)
    play(listener, track)
    assert find_missing(listener, 10) == MissingTracks()


def test_a_liked_track_that_was_hidden_since_tells_nothing(space, listener):
    liked = add_heard(space, beside(0), visibility=Visibility.PRIVATE)
    synchronise_space(space)
    give_opinion(listener, liked, Verdict.LIKE)
    assert not find_missing(listener, 10).is_known


def test_without_the_index_it_says_so(space, listener, settings):
    give_opinion(listener, add_heard(space, beside(0)), Verdict.LIKE)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert find_missing(listener, 10).is_degraded
    finally:
        index_room._index_of_process.cache_clear()


@pytest.mark.parametrize("count", [0, -1, 10**9])
def test_counts_that_make_no_sense(listener, count):
    with pytest.raises(BadWishError):
        find_missing(listener, count)
