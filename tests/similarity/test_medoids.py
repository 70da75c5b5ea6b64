import numpy as np

from recommender.similarity.medoids import choose_medoids
from tests.people import at_cosine, unit_vector


def test_medoids_stand_for_the_parts_of_a_taste():
    calm, loud = ([at_cosine(share, 7, to=axis) for share in (0.99, 1.0, 0.98)] for axis in (0, 1))
    vectors = np.stack([*calm, *loud])
    chosen = choose_medoids(vectors, np.array([1.0, 1, 1, 5, 5, 5]), 4)
    # The part that weighs more comes first; a third one would stand for nothing of its own.
    assert [row // 3 for row in chosen] == [1, 0]
    assert choose_medoids(np.stack([unit_vector(1)] * 5), np.ones(5), 4) == [0]
