import numpy as np
import pytest

from recommender.similarity.nearness import rank_shares, rank_shares_in, similarity_of, weigh_hubs
from recommender.similarity.reach import find_nearest, measure_spread, order_as_served
from recommender.similarity.sample import Sample, draw_rows

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


def test_one_track_and_many_count_alike(vectors, sample):
    row = sample.cosines(vectors[:1], IDS[:1])[0]
    levels = np.linspace(-0.2, 1.0, 300).astype(np.float32)
    levels[:5] = row[np.isfinite(row)][:5]
    one_by_one = rank_shares(levels, np.broadcast_to(row, (len(levels), len(row))))
    np.testing.assert_allclose(rank_shares_in(levels, row), one_by_one, atol=1e-9)


def test_without_a_sample_one_track_counts_as_many_do():
    levels = np.array([0.95, 0.44], np.float32)
    nobody = np.zeros((2, 0), np.float32)
    np.testing.assert_allclose(rank_shares_in(levels, nobody[0]), rank_shares(levels, nobody))


def test_the_order_is_that_of_recommendations(vectors, sample):
    nearest = find_nearest(vectors, 30)
    lists = order_as_served(vectors, IDS, nearest, sample)
    rows, cosines = nearest
    for seed in (0, 1, 57):
        by_seed = rank_shares_in(cosines[seed], sample.cosines(vectors[[seed]], IDS[[seed]])[0])
        worst = np.maximum(by_seed, sample.shares_seen_by(vectors[rows[seed]], rows[seed], cosines[seed]))
        assert lists.rows[seed].tolist() == rows[seed][np.lexsort((-cosines[seed], worst))].tolist()
        np.testing.assert_allclose(lists.similarities[seed], np.sort(similarity_of(worst))[::-1], atol=1e-3)


def test_planted_hubs_give_way(vectors, sample):
    nearest = find_nearest(vectors, 60)
    plain = measure_spread(nearest[0], TRACKS)
    served = measure_spread(order_as_served(vectors, IDS, nearest, sample).rows, TRACKS)
    is_hub = IDS % EACH == 0
    assert served.occurrences[is_hub].mean() < 0.8 * plain.occurrences[is_hub].mean()
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


def test_standing_in_many_lists_counts_against_a_track():
    ends = np.full(100, 0.5, np.float32)
    seen = np.full((3, 100), 0.4, np.float32)
    seen[1, :10] = seen[2, :80] = 0.6
    rare, usual, hub = weigh_hubs(np.array([0.1, 0.1, 0.1]), seen, ends)
    assert usual == pytest.approx(0.1)
    assert rare < usual < hub <= 1
    assert weigh_hubs(np.array([0.1]), seen[2:, :20], ends[:20]) == pytest.approx(0.1)


def test_a_draw_is_the_same_every_time():
    assert draw_rows(1000, 50).tolist() == draw_rows(1000, 50).tolist()
    assert draw_rows(5, 50).tolist() == [0, 1, 2, 3, 4]
