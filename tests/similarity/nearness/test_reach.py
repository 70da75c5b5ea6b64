import numpy as np
import pytest

from recommender.similarity.nearness.ranks import similarity_of
from recommender.similarity.nearness.reach import find_nearest, measure_spread, order_as_served
from recommender.similarity.nearness.sample import Sample, draw_rows

TRACKS, EACH = 1_600, 20
IDS = np.arange(TRACKS)


@pytest.fixture(scope="module")
def vectors():
    """Clusters of twenty, of which the first lies in the middle."""
    chance = np.random.default_rng(1)
    middles = chance.normal(size=(TRACKS // EACH, 64))
    middles /= np.linalg.norm(middles, axis=1)[:, None]
    width = np.where(IDS % EACH == 0, 0.15, 1.0) / 8
    made = np.repeat(middles, EACH, axis=0) + chance.normal(size=(TRACKS, 64)) * width[:, None]
    return (made / np.linalg.norm(made, axis=1)[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def sample(vectors):
    members = draw_rows(TRACKS, 1_400)
    return Sample(members, vectors[members])


def test_the_nearest_are_found_exactly_and_never_oneself(vectors):
    rows, cosines = find_nearest(vectors, 5)
    everything = vectors @ vectors.T
    np.fill_diagonal(everything, -np.inf)
    assert rows.tolist() == np.argsort(-everything, axis=1)[:, :5].tolist()
    np.testing.assert_allclose(cosines, -np.sort(-everything, axis=1)[:, :5], atol=1e-6)
    assert find_nearest(vectors[:3], 10)[0].shape == (3, 2)


def test_the_order_is_that_of_recommendations(vectors, sample):
    nearest = find_nearest(vectors, 30)
    lists = order_as_served(vectors, IDS, nearest, sample)
    rows, cosines = nearest
    for seed in (0, 1, 57):
        shares = sample.rank_from(vectors[seed], seed, vectors[rows[seed]], rows[seed])
        assert lists.rows[seed].tolist() == rows[seed][np.lexsort((-cosines[seed], shares))].tolist()
        np.testing.assert_allclose(lists.similarities[seed], np.sort(similarity_of(shares))[::-1], atol=1e-3)


def test_planted_hubs_give_way(vectors, sample):
    nearest = find_nearest(vectors, 60)
    plain = measure_spread(nearest[0], TRACKS)
    served = measure_spread(order_as_served(vectors, IDS, nearest, sample).rows, TRACKS)
    is_hub = IDS % EACH == 0
    assert served.occurrences[is_hub].mean() < 0.9 * plain.occurrences[is_hub].mean()
    assert served.hubness < plain.hubness
    assert served.reach >= plain.reach


def test_progress_is_told(vectors, sample):
    told = []
    order_as_served(vectors, IDS, find_nearest(vectors, 10), sample, lambda done, total: told.append((done, total)))
    assert told[-1] == (TRACKS, TRACKS)


def test_spread_counts_the_first_ten_of_each_list():
    lists = np.array([[1, 2, -1], [2, 0, -1], [1, 0, -1]])
    spread = measure_spread(lists, 4)
    assert spread.occurrences.tolist() == [2, 2, 2, 0]
    assert spread.reach == 0.75
    assert spread.hubness < 0
    assert measure_spread(np.array([[1], [0]]), 2).hubness == 0
    assert measure_spread(np.tile(np.arange(12), (12, 1)), 12).occurrences.tolist() == [12] * 10 + [0, 0]
