import numpy as np
import pytest

from recommender.similarity.vectors import stack_vectors, to_bytes
from tests.people import unit_vector


def test_vectors_come_back_with_their_tracks():
    vectors = [unit_vector(seed) for seed in range(3)]
    ids, stacked = stack_vectors([(7 + seed, to_bytes(vector)) for seed, vector in enumerate(vectors)], 8)
    assert ids.tolist() == [7, 8, 9]
    assert np.array_equal(stacked, np.stack(vectors))


def test_of_nothing_there_is_nothing():
    ids, stacked = stack_vectors([], 8)
    assert (ids.shape, stacked.shape) == ((0,), (0, 8))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        to_bytes(unit_vector(1))[:-1],
        to_bytes(np.zeros(8)),
        to_bytes(np.full(8, np.nan)),
        to_bytes(np.full(8, 9.0)),
    ],
    ids=["empty", "cut", "zero", "NaN", "too long"],
)
def test_what_was_damaged_is_left_out(damaged):
    ids, stacked = stack_vectors([(1, to_bytes(unit_vector(1))), (2, damaged), (3, to_bytes(unit_vector(3)))], 8)
    assert ids.tolist() == [1, 3]
    assert stacked.shape == (2, 8)
