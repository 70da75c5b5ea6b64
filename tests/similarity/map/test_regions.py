import numpy as np
import pytest

from recommender.similarity.map.regions import find_middles, find_nearest, regions_for

NOTHING = np.zeros((0, 2))


@pytest.mark.parametrize(
    ("tracks", "regions"), [(0, 0), (1, 1), (2, 2), (40, 5), (1_000, 15), (10**5, 70), (10**9, 255)]
)
def test_regions_befit_a_catalog(tracks, regions):
    assert regions_for(tracks) == regions


@pytest.fixture
def crowds():
    rng = np.random.default_rng(1)
    return np.concatenate(
        [rng.normal(middle, 500, (20, 2)) for middle in ((9_000, 9_000), (50_000, 9_000), (30_000, 50_000))]
    )


def test_regions_are_the_crowds(crowds):
    middles = find_middles(crowds, 3, NOTHING)
    assert sorted(np.bincount(find_nearest(crowds, middles)).tolist()) == [20, 20, 20]
    assert np.array_equal(middles, find_middles(crowds, 3, NOTHING))


def test_a_region_keeps_its_number_while_others_come(crowds):
    old = np.array([[31_000.0, 49_000], [48_000, 8_000]])
    middles = find_middles(crowds, 3, old)
    assert middles == pytest.approx(np.array([[30_000, 50_000], [50_000, 9_000], [9_000, 9_000]]), abs=500)
    assert find_middles(crowds, 1, old).shape == (1, 2)


def test_a_region_that_nothing_is_left_of_begins_anew_elsewhere(crowds):
    middles = find_middles(crowds, 3, np.array([[29_000.0, 29_000], [30_000, 30_000], [-900_000, -900_000]]))
    assert np.bincount(find_nearest(crowds, middles), minlength=3).tolist() == [20, 20, 20]


def test_more_regions_than_places_leave_some_empty():
    middles = find_middles(np.full((4, 2), 7.0), 3, NOTHING)
    assert middles.shape == (3, 2)
    assert np.isfinite(middles).all()
