import pytest

from recommender.similarity.nearness import held as held_room
from recommender.similarity.nearness.held import HeldBySpace
from tests.people import make_space

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(monkeypatch):
    """A number of tracks, and what was drawn of it; looked at every time."""
    monkeypatch.setattr(held_room, "CHECKED_EVERY_SECONDS", 0.0)
    return {"tracks": 100, "drawn": []}


@pytest.fixture
def held(catalog):
    def draw(_space):
        catalog["drawn"].append(catalog["tracks"])
        return catalog["tracks"]

    return HeldBySpace(lambda _space: catalog["tracks"], draw)


def test_what_is_held_stands_until_the_catalog_has_changed_much(catalog, held):
    space = make_space()
    assert held.of(space) == 100
    for tracks, expected in ((104, 100), (96, 100), (106, 106), (110, 106), (90, 90)):
        catalog["tracks"] = tracks
        assert held.of(space) == expected
    assert catalog["drawn"] == [100, 106, 90]


def test_small_steps_add_up(catalog, held):
    space = make_space()
    held.of(space)
    for tracks in range(101, 107):
        catalog["tracks"] = tracks
        held.of(space)
    assert catalog["drawn"] == [100, 106]


def test_an_index_made_anew_changes_nothing(catalog, held):
    space = make_space()
    held.of(space)
    space.generation = "another"
    held.of(space)
    assert catalog["drawn"] == [100]


def test_every_space_has_its_own(catalog, held):
    held.of(make_space())
    held.of(make_space(is_active=False))
    assert catalog["drawn"] == [100, 100]


def test_it_is_not_looked_at_all_the_time(catalog, held, monkeypatch):
    space = make_space()
    held.of(space)
    monkeypatch.setattr(held_room, "CHECKED_EVERY_SECONDS", 60.0)
    catalog["tracks"] = 1_000
    assert held.of(space) == 100
