import itertools

import numpy as np
import pytest

from recommender.catalog.models import Artist, Evidence, PairRule, RecordingPair, Visibility
from recommender.conf import Milvus
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.errors import BadWishError
from recommender.similarity.path import LARGEST_COUNT, find_path, find_smoothest, walk_arc
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


def at(degrees):
    """A unit vector on the circle of the first two axes."""
    vector = np.zeros(8, np.float32)
    vector[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vector


def add(space, degrees, artist="", **given):
    track = add_heard(space, at(degrees), **given)
    if artist:
        track.credits.create(artist=Artist.objects.get_or_create(name=artist)[0])
    return track


@pytest.fixture
def circle(space):
    """Tracks at every ten degrees from 0 to 90."""
    made = {degrees: add(space, degrees, f"artist {degrees}") for degrees in range(0, 100, 10)}
    synchronise_space(space)
    return made


def test_a_path_has_both_ends_and_even_steps(circle):
    path = find_path(circle[0], circle[90], make_user(), 4)
    degrees = [next(angle for angle, track in circle.items() if track == shown) for shown in path.tracks]
    assert (degrees[0], degrees[-1]) == (0, 90)
    assert all(20 <= step <= 40 for step in np.diff(degrees))
    assert len(path.similarities) == 3
    assert all(0 < similarity < 1 for similarity in path.similarities)


def test_nobody_appears_twice(space, circle):
    credit = circle[30].credits.get()
    circle[60].credits.update(artist=credit.artist)
    path = find_path(circle[0], circle[90], make_user(), 4)
    assert not {circle[30], circle[60]} <= set(path.tracks)
    circle[90].credits.update(artist=circle[0].credits.get().artist)
    circle[30].credits.update(artist=circle[0].credits.get().artist)
    ends_share = find_path(circle[0], circle[90], make_user(), 4)
    assert (ends_share.tracks[0], ends_share.tracks[-1]) == (circle[0], circle[90])
    assert circle[30] not in ends_share.tracks


def test_no_two_versions_of_one_recording_and_no_copies(space, circle):
    first, second = circle[30], circle[60]
    RecordingPair.objects.create(first=first, second=second, evidence=Evidence.FINGERPRINT, score=0.9)
    add(space, 0.5, "copyist")
    synchronise_space(space)
    path = find_path(circle[0], circle[90], make_user(), 4)
    assert not {first, second} <= set(path.tracks)
    assert all(track in circle.values() for track in path.tracks)


def test_what_curators_call_unlike_is_no_step(circle):
    PairRule.objects.create(first=circle[30], second=circle[60])
    path = find_path(circle[0], circle[90], make_user(), 4)
    assert (circle[30], circle[60]) not in set(itertools.pairwise(path.tracks))


def test_only_what_the_viewer_may_see(space):
    ends = [add(space, 0), add(space, 90)]
    hidden = [add(space, degrees, visibility=Visibility.PRIVATE, owner=ends[0].owner) for degrees in (30, 60)]
    shown = [add(space, 25), add(space, 65), add(space, 45, is_recommendable=False)]
    synchronise_space(space)
    assert find_path(*ends, make_user(), 4).tracks == [ends[0], *shown[:2], ends[1]]
    assert find_path(*ends, ends[0].owner, 4).tracks == [ends[0], *hidden, ends[1]]
    assert find_path(*ends, make_user(), 5).tracks == []


@pytest.mark.parametrize("count", [-1, 0, 2, LARGEST_COUNT + 1, 10**9])
def test_a_count_out_of_range(circle, count):
    with pytest.raises(BadWishError, match="3 to 30"):
        find_path(circle[0], circle[90], make_user(), count)


def test_a_path_to_itself_or_without_vectors(circle):
    with pytest.raises(BadWishError, match="another one"):
        find_path(circle[0], circle[0], make_user(), 5)
    assert not find_path(circle[0], make_track(), make_user(), 5).is_heard


def test_without_the_index_the_answer_says_so(circle, settings):
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert find_path(circle[0], circle[90], make_user(), 4).is_degraded
    finally:
        index_room._index_of_process.cache_clear()


def test_a_path_takes_few_queries(circle, django_assert_max_num_queries):
    viewer = make_user()
    find_path(circle[0], circle[90], viewer, 6)
    with django_assert_max_num_queries(12):
        assert find_path(circle[0], circle[90], viewer, 6).tracks


@pytest.mark.parametrize("seed", range(5))
def test_no_other_path_has_a_smaller_largest_step(seed):
    rng = np.random.default_rng(seed)
    similarities = rng.random((9, 9))
    similarities = (similarities + similarities.T) / 2
    conflicts = np.eye(9, dtype=bool)
    for first, second in ((1, 2), (3, 4), (5, 6)):
        conflicts[first, second] = conflicts[second, first] = True
    rows = find_smoothest(similarities, conflicts, 5)

    def worst(path):
        return min(similarities[pair] for pair in itertools.pairwise(path))

    allowed = [
        (0, *middle, 8)
        for middle in itertools.permutations(range(1, 8), 3)
        if not any(conflicts[pair] for pair in itertools.combinations(middle, 2))
    ]
    assert tuple(rows) in allowed
    assert worst(rows) == max(worst(path) for path in allowed)


def test_those_who_may_not_follow_each_other_promise_nothing():
    """More tracks of one artist, right beside the start, than the search holds: only one of them can be on the path."""
    crowd, others, end = slice(1, 41), slice(41, 44), 44
    similarities = np.full((45, 45), 0.1)
    for first, second, nearness in ((0, crowd, 0.99), (crowd, crowd, 0.99), (crowd, end, 0.9)):
        similarities[first, second] = similarities[second, first] = nearness
    similarities[0, 41] = similarities[41, 42] = similarities[42, 43] = similarities[43, end] = 0.6
    similarities = np.maximum(similarities, similarities.T)
    conflicts = np.eye(45, dtype=bool)
    conflicts[crowd, crowd] = True
    assert find_smoothest(similarities, conflicts, 5) == [0, *range(45)[others], end]


def test_the_arc_is_walked_in_equal_angles():
    assert walk_arc(at(0), at(90), 4) == pytest.approx(np.stack([at(0), at(30), at(60), at(90)]), abs=1e-6)
    for ends in ((at(0), at(0)), (at(0), -at(0))):
        points = walk_arc(*ends, 5)
        assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(5))
