import numpy as np
import pytest

from recommender.catalog.models import Genre, MapPoint, Visibility
from recommender.similarity.map.regions import find_middles, find_nearest, name_regions, regions_for
from tests.people import make_space, make_track, make_user

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


@pytest.fixture
def add(db):
    space, owner = make_space(), make_user()

    def add_track(region, tags=(), genres=(), **given):
        track = make_track(owner, **given)
        for name in tags:
            track.tags.create(name=name, probability=0.5)
        track.genres.set([Genre.objects.get_or_create(name=name)[0] for name in genres])
        MapPoint.objects.create(track=track, space=space, x=1, y=1, region=region)
        return space

    return add_track


def test_names_are_what_a_region_has_more_of_than_the_rest(add):
    for _ in range(4):
        add(1, ["piano", "calm", "instrumental"])
        add(2, ["drums", "fast", "instrumental"])
        space = add(3, ["drums", "slow", "instrumental"])
    add(1, ["drums"])
    assert name_regions(space, 3) == ["calm, piano", "fast, drums", "slow, drums"]


def test_genres_are_for_regions_without_words_and_numbers_for_the_others(add):
    for _ in range(2):
        add(1, ["piano"])
        add(2, (), ["Folk"])
        add(3, (), ["Folk"])
    space = add(4)
    assert name_regions(space, 5) == ["piano", "Folk", "Folk 3", "Region 4", "Region 5"]


def test_one_odd_track_names_no_region(add):
    for number in range(5):
        space = add(1, ["piano"] if number else ["bagpipes"])
        add(2, ["drums"])
    assert name_regions(space, 2) == ["piano", "drums"]


def test_what_is_not_published_names_nothing(add):
    for _ in range(3):
        add(1, ["secret"], ["Secret"], visibility=Visibility.PRIVATE)
        add(1, ["hidden"], is_recommendable=False)
    space = add(1)
    add(2, ["drums"])
    assert name_regions(space, 1) == ["Region 1"]
