import itertools

from recommender.similarity.additions import choose_seeds
from recommender.similarity.blend import MOST_SEEDS


def test_seeds_are_spread_over_the_whole_playlist():
    assert choose_seeds([]) == []
    assert sorted(choose_seeds([3, 1, 3, 2])) == [1, 2, 3]
    seeds = choose_seeds(list(range(10_000)))
    assert len(set(seeds)) == MOST_SEEDS
    assert {0, 9_999} < set(seeds)
    assert max(abs(one - other) for one, other in itertools.pairwise(seeds)) < 600
