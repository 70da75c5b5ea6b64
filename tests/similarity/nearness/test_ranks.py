import numpy as np
import pytest

from recommender.similarity.nearness.ranks import (
    join_shares,
    let_outsiders_in,
    rank_shares,
    rank_shares_in,
    similarity_of,
    weigh_views,
)


def shares(cosines, *rows):
    return rank_shares(np.array(cosines, np.float32), np.array(rows, np.float32))


@pytest.fixture(scope="module")
def crowd():
    """A sample whose similarities are spread evenly from 0 to 1."""
    return np.linspace(0, 1, 2001, dtype=np.float32)


def test_a_share_is_about_how_much_of_the_sample_is_nearer(crowd):
    found = shares([0.9, 0.5], crowd, crowd)
    assert found == pytest.approx([0.1, 0.5], abs=0.02)


def test_the_nearer_the_smaller_also_between_two_of_the_sample(crowd):
    cosines = np.linspace(0.01, 1.1, 5000).astype(np.float32)
    found = rank_shares(cosines, np.broadcast_to(crowd, (len(cosines), len(crowd))))
    assert (np.diff(found) < 0).all()


def test_beyond_the_nearest_of_the_sample_shares_fall_off(crowd):
    first, beyond, far_beyond = shares([1.0, 1.01, 1.05], crowd, crowd, crowd)
    assert first > beyond > far_beyond > 0


def test_a_track_is_not_nearer_than_itself():
    assert shares([0.9], [-np.inf, 0.2, 0.1])[0] < shares([0.9], [0.95, 0.2, 0.1])[0]


def test_one_track_and_many_count_alike(crowd):
    levels = np.linspace(-0.2, 1.2, 300).astype(np.float32)
    levels[:5] = crowd[:5]
    for seen in (crowd, crowd[:3], crowd[:0]):
        one_by_one = rank_shares(levels, np.broadcast_to(seen, (len(levels), len(seen))))
        np.testing.assert_allclose(rank_shares_in(levels, seen), one_by_one, atol=1e-9)


def test_without_a_sample_the_world_outside_decides():
    near, far = let_outsiders_in(np.zeros(2), np.array([0.95, 0.44], np.float32), 0)
    assert near < 0.01
    assert far == pytest.approx(0.5)


def test_a_large_sample_speaks_for_itself():
    cosines = np.full(2, 0.44, np.float32)
    assert let_outsiders_in(np.array([0.01, 0.2]), cosines, 2048) == pytest.approx([0.01, 0.2], abs=1e-4)
    assert let_outsiders_in(np.array([0.01, 0.2]), cosines, 100)[0] > 0.2


def test_standing_in_many_lists_counts_against_a_track():
    ends = np.full(100, 0.5, np.float32)
    seen = np.full((3, 100), 0.4, np.float32)
    seen[1, :10] = seen[2, :80] = 0.6
    rare, usual, hub = weigh_views(seen, ends)
    assert rare < usual < hub
    assert weigh_views(seen[2:, :20], ends[:20]) == pytest.approx(usual)


def test_what_the_neighbour_sees_counts_where_it_is_much_more():
    joined = join_shares(np.array([0.1, 0.1, 0.9]), np.array([0.12, 0.5, 1.0]), np.array([0.6, 0.6, 2.0]))
    assert joined == pytest.approx([0.1, 0.3, 1.0])


def test_a_sample_of_equal_similarities_gives_no_nonsense():
    found = shares([0.5, 0.4, 0.6], *[[0.5] * 20] * 3)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert found[2] <= found[0] < found[1]


def test_similarity_has_the_values_its_docstring_says():
    assert similarity_of(np.array([0.1, 0.001, 1.0])) == pytest.approx([0.536, 0.9, 0.0], abs=0.001)


def test_a_hub_gives_way_to_mutual_neighbours():
    """400 tracks in ten families; the first is near to all of them without belonging to one."""
    chance = np.random.default_rng(5)
    middles = chance.normal(size=(10, 64))
    vectors = np.repeat(middles, 40, axis=0) + 0.9 * chance.normal(size=(400, 64))
    vectors[0] = middles.sum(axis=0)
    vectors = (vectors / np.linalg.norm(vectors, axis=1)[:, None]).astype(np.float32)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    by_one = np.stack([rank_shares(row, np.broadcast_to(row, cosines.shape)) for row in cosines])
    mutual = join_shares(by_one, by_one.T)
    np.fill_diagonal(mutual, 1)
    found_by_cosine, found_by_rank = ((-near).argsort(axis=1)[:, :45] == 0 for near in (cosines, -mutual))
    assert found_by_cosine.sum() > 2 * found_by_rank.sum()
