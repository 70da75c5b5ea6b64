import logging

import numpy as np
import pytest

from recommender.similarity.map import layout
from recommender.similarity.map.layout import FEWEST, GRID, lay_out, place_all, place_near


def make_clusters(sizes, dimension=12, spread=0.05):
    """Unit vectors about as many axes, and which of them each is about."""
    rng = np.random.default_rng(3)
    about = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(dimension)[about] + spread * rng.standard_normal((len(about), dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), about


def unplaced(count):
    return np.full((count, 2), np.nan)


def share_beside_its_own(places, about):
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return np.mean(about[gaps.argmin(axis=1)] == about)


@pytest.fixture(scope="module")
def drawn():
    vectors, about = make_clusters([14, 12, 10])
    return vectors, about, lay_out(vectors, unplaced(len(vectors)))


def test_alike_lies_together_on_the_whole_grid(drawn):
    _, about, places = drawn
    assert share_beside_its_own(places, about) == 1
    assert places.min() >= 0
    assert places.max() <= GRID
    assert np.ptp(places, axis=0).max() > 0.9 * GRID


def test_a_map_laid_out_anew_begins_where_things_were(drawn, caplog):
    vectors, about, places = drawn
    more, about_more = make_clusters([21, 18, 15])
    held = np.concatenate([np.flatnonzero(about_more == each)[: np.count_nonzero(about == each)] for each in range(3)])
    more[held] = vectors
    old = unplaced(len(more))
    old[held] = places
    anew = lay_out(more, old)
    assert share_beside_its_own(anew, about_more) == 1
    middles = [
        [where[kind == each].mean(axis=0) for each in range(3)] for where, kind in ((places, about), (anew, about_more))
    ]
    assert np.linalg.norm(np.subtract(*middles), axis=1).max() < 0.2 * GRID
    assert not caplog.records


@pytest.mark.slow
def test_the_same_vectors_give_the_same_map(drawn):
    vectors, _, places = drawn
    assert np.array_equal(lay_out(vectors, unplaced(len(vectors))), places)


@pytest.mark.parametrize("count", [0, 1, 2, FEWEST - 1])
def test_a_few_tracks_need_no_program(count, monkeypatch):
    monkeypatch.setattr(layout.sys, "executable", "there is no such program")
    vectors, _ = make_clusters([count])
    places = lay_out(vectors, unplaced(count))
    assert places.shape == (count, 2)
    assert ((places >= 0) & (places <= GRID)).all()


def test_a_map_is_turned_and_mirrored_to_the_one_before():
    vectors, _ = make_clusters([5, 5, 3])
    places = lay_out(vectors, unplaced(13))
    turned = np.stack([GRID - places[:, 1], places[:, 0]], axis=1)
    for old in (turned, places[:, ::-1]):
        assert lay_out(vectors, old) == pytest.approx(old, abs=GRID / 100)


def test_copies_of_one_recording_have_a_map(caplog):
    vectors = np.tile(make_clusters([1])[0], (FEWEST, 1))
    assert np.isfinite(lay_out(vectors, unplaced(FEWEST))).all()
    assert not caplog.records


def test_without_the_program_the_map_shows_components(monkeypatch, caplog):
    monkeypatch.setattr(layout.sys, "executable", "/there is no such program")
    vectors, about = make_clusters([10, 10])
    with caplog.at_level(logging.ERROR):
        assert share_beside_its_own(lay_out(vectors, unplaced(20)), about) == 1
    assert "t-SNE failed" in caplog.text


def test_a_new_track_lies_among_its_nearest_and_not_between_two_crowds():
    places = np.array(
        [[1_000, 1_000], [1_200, 1_000], [60_000, 60_000], [30_000, 5_000], [1_000, 1_200], [0, 0]], float
    )
    cosines = np.array([0.95, 0.94, 0.9, 0.1, 0.93, -0.5])
    place = place_near(7, cosines, places)
    assert np.abs(place - [1_066, 1_066]).max() < 400
    assert np.array_equal(place, place_near(7, cosines, places))
    assert not np.array_equal(place, place_near(8, cosines, places))


def test_a_track_beside_one_other_stays_on_the_grid():
    corner = place_near(3, np.array([-1.0]), np.array([[0.0, GRID]]))
    assert ((corner >= 0) & (corner <= GRID)).all()


def test_many_are_placed_at_once(drawn):
    vectors, about, places = drawn
    found = place_all(np.arange(100, 136), vectors, vectors, places)
    assert share_beside_its_own(np.vstack([places, found]), np.concatenate([about, about])) == 1
    assert place_all(np.zeros(0, np.int64), vectors[:0], vectors, places).shape == (0, 2)
