import numpy as np
import pytest

from recommender.similarity.errors import BadWishError
from recommender.similarity.moments import Moment, Passage, find_moments, pool_passage
from recommender.similarity.segments import Segments
from tests.people import keep_parts, make_embedding, make_space, make_track, unit_vector


def axis(number):
    return np.eye(8, dtype=np.float32)[number]


@pytest.mark.django_db
def test_the_pair_of_segments_that_match_best_in_one_query(django_assert_num_queries):
    space = make_space()
    seed, other, unknown = (make_embedding(make_track(), space, unit_vector(number)) for number in range(3))
    keep_parts(seed, [axis(0), axis(1), axis(2)], step=5.0)
    keep_parts(other, [axis(4), axis(5), axis(6), (axis(1) * 3 + axis(7) * 4) / 5], step=2.5)
    with django_assert_num_queries(1):
        moments = find_moments(space, seed.track_id, [other.track_id, unknown.track_id])
    assert moments == {other.track_id: Moment(seed_seconds=5.0, other_seconds=7.5, cosine=pytest.approx(0.6, abs=1e-3))}


@pytest.mark.django_db
def test_nothing_is_asked_where_nothing_is_shown(django_assert_num_queries):
    space = make_space()
    with django_assert_num_queries(0):
        assert find_moments(space, 1, []) == {}
    assert find_moments(space, 1, [2]) == {}


@pytest.mark.parametrize(
    ("start", "end", "about"),
    [
        (-1, 5, "begins and ends"),
        (float("nan"), 5, "begins and ends"),
        (1, float("nan"), "begins and ends"),
        (10, 5, "before it begins"),
        (5, 5.5, "a second at least"),
        (50, 70, "after the end"),
        (0, float("inf"), "after the end"),
        (70, 72, "after the end"),
    ],
)
def test_a_passage_that_makes_no_sense_is_refused_with_a_sentence(start, end, about):
    with pytest.raises(BadWishError, match=about):
        Passage(from_seconds=start, to_seconds=end, duration_seconds=60.2)


def test_the_end_may_be_rounded_up():
    assert Passage(from_seconds=0, to_seconds=61, duration_seconds=60.2).to_seconds == 61


# Segments of 10 s that overlap by half, the last one ending with the track: their middles are 5, 10, 15, 20, 23.
SONG = Segments(np.eye(8, dtype=np.float32)[:5], np.array([0, 5, 10, 15, 18], np.float32))


@pytest.mark.parametrize(
    ("start", "end", "rows"),
    [(9, 16, [1, 2]), (0, 28, [0, 1, 2, 3, 4]), (11, 13, [1]), (11, 14.5, [2]), (0, 1, [0]), (26, 28, [4])],
)
def test_a_passage_is_what_its_segments_have_in_common(start, end, rows):
    pooled = pool_passage(SONG, Passage(from_seconds=start, to_seconds=end, duration_seconds=28))
    expected = np.zeros(8)
    expected[rows] = 1 / np.sqrt(len(rows))
    np.testing.assert_allclose(pooled, expected, atol=1e-6)


def test_silence_at_the_end_does_not_move_the_middles():
    pooled = pool_passage(SONG, Passage(from_seconds=9, to_seconds=11, duration_seconds=90))
    np.testing.assert_allclose(pooled, axis(1), atol=1e-6)


def test_a_passage_whose_segments_cancel_each_other_is_the_nearest_of_them():
    opposed = Segments(np.stack([axis(0), -axis(0)]), np.array([0, 5], np.float32))
    pooled = pool_passage(opposed, Passage(from_seconds=0, to_seconds=15, duration_seconds=15))
    assert abs(pooled @ axis(0)) == 1


def test_a_track_of_one_segment_is_one_passage():
    short = Segments(axis(3)[None, :], np.zeros(1, np.float32))
    pooled = pool_passage(short, Passage(from_seconds=1, to_seconds=2, duration_seconds=4))
    np.testing.assert_array_equal(pooled, axis(3))
