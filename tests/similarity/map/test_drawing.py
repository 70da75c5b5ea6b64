import numpy as np
import pytest
from django.db import DatabaseError

from recommender.catalog.models import Embedding, MapPoint, MapRegion, Space, Track
from recommender.conf import Milvus
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.map import drawing, layout
from recommender.similarity.map.drawing import draw_map, is_map_behind, is_outgrown, place_new
from recommender.similarity.map.layout import GRID
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_space, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_program(monkeypatch):
    """Principal components tell these few apart as well, and sooner."""
    monkeypatch.setattr(layout, "FEWEST", 100)


@pytest.fixture
def add():
    """A track whose vector is about one of the axes; not in the index unless asked for."""
    owner, rng = make_user(), np.random.default_rng(5)

    def add_track(space, axis):
        vector = np.eye(8, dtype=np.float32)[axis] + rng.normal(0, 0.03, 8).astype(np.float32)
        track = make_track(owner)
        make_embedding(track, space, vector / np.linalg.norm(vector))
        return track

    return add_track


def mark_indexed(space):
    Embedding.objects.filter(space=space).update(indexed_generation=space.generation)


def places_of(space):
    points = MapPoint.objects.filter(space=space).values_list("track_id", "x", "y")
    return {track_id: np.array([x, y]) for track_id, x, y in points}


@pytest.fixture
def drawn(add):
    space = make_space()
    tracks = [add(space, number % 3) for number in range(9)]
    mark_indexed(space)
    draw_map(space)
    return space, tracks


def test_a_map_has_all_tracks_in_their_regions(drawn):
    space, tracks = drawn
    assert set(places_of(space)) == {track.pk for track in tracks}
    assert not is_map_behind(space)
    regions = dict(MapPoint.objects.values_list("track_id", "region"))
    assert {frozenset(regions[track.pk] for track in tracks[axis::3]) for axis in range(3)} == {
        frozenset({number}) for number in (1, 2, 3)
    }
    assert list(MapRegion.objects.order_by("number").values_list("number", "name")) == [
        (number, f"Region {number}") for number in (1, 2, 3)
    ]


def test_without_tracks_there_is_no_map():
    space = make_space()
    assert not is_map_behind(space)
    assert draw_map(space) == 0
    assert not MapRegion.objects.exists()


def test_a_map_can_be_drawn_again_and_is_the_same(drawn):
    space, _ = drawn
    before = places_of(space)
    assert draw_map(space) == 9
    assert max(np.abs(before[track] - place).max() for track, place in places_of(space).items()) <= 2
    assert MapRegion.objects.count() == 3


def test_a_catalog_half_again_as_large_or_half_as_large_has_outgrown_its_map(drawn, add):
    space, tracks = drawn
    for _ in range(3):
        add(space, 0)
    assert not is_outgrown(space)
    for _ in range(6):
        add(space, 1)
    assert is_outgrown(space)
    draw_map(space)
    assert not is_outgrown(space)
    Embedding.objects.filter(track__in=tracks).delete()
    assert is_outgrown(space)


def test_what_has_no_vector_any_more_leaves_the_map(drawn):
    space, tracks = drawn
    Embedding.objects.filter(track=tracks[0]).delete()
    Track.objects.filter(pk=tracks[1].pk).update(is_deleting=True)
    draw_map(space)
    assert tracks[0].pk not in places_of(space)


def test_a_drawing_that_broke_off_is_done_again(add, monkeypatch):
    space = make_space()
    for number in range(6):
        add(space, number % 2)

    def break_off(*_arguments):
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(drawing, "name_regions", break_off)
        with pytest.raises(DatabaseError):
            draw_map(space)
    assert is_outgrown(space)
    assert draw_map(space) == 6
    assert not is_outgrown(space)


def test_of_a_large_catalog_some_are_laid_out_and_the_others_placed_among_them(add, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_LAID_OUT", 9)
    monkeypatch.setattr(drawing, "_CHUNK", 4)
    space = make_space()
    tracks = [add(space, number % 2) for number in range(15)]
    told = []
    assert draw_map(space, lambda stage: lambda done, total: told.append((stage, done, total))) == 15
    places = places_of(space)
    middles = [np.mean([places[track.pk] for track in tracks[axis::2]], axis=0) for axis in (0, 1)]
    for number, track in enumerate(tracks):
        gaps = [np.linalg.norm(places[track.pk] - middle) for middle in middles]
        assert np.argmin(gaps) == number % 2
    assert told[0] == ("Laying out", 0, 1)
    assert told[-1] == ("Tracks placed", 15, 15)


def test_the_map_of_a_new_encoder_begins_where_the_old_one_ends(drawn):
    _, tracks = drawn
    other = Space.objects.create(signature="other", encoder_name="test", dimension=8)
    for number, track in enumerate(tracks):
        make_embedding(track, other, np.roll(np.eye(8, dtype=np.float32)[number % 3], 4))
    draw_map(other)
    old, new = (places_of(space) for space in (drawn[0], other))
    assert max(np.linalg.norm(old[pk] - new[pk]) for pk in old) < GRID * 0.2


@pytest.mark.usefixtures("milvus_server")
def test_new_tracks_are_placed_near_their_neighbours_and_nothing_moves(space, add, monkeypatch):
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    tracks = [add(space, number % 3) for number in range(9)]
    synchronise_space(space)
    draw_map(space)
    before = places_of(space)
    new = [add(space, 0), add(space, 1), add(space, 1)]
    assert not is_map_behind(space)
    synchronise_space(space)
    assert is_map_behind(space)
    assert [place_new(space), place_new(space), place_new(space)] == [2, 1, 0]
    assert not is_map_behind(space)
    after, regions = places_of(space), dict(MapPoint.objects.values_list("track_id", "region"))
    assert all(np.array_equal(after[pk], place) for pk, place in before.items())
    for track, axis in zip(new, (0, 1, 1), strict=True):
        assert regions[track.pk] == regions[tracks[axis].pk]


@pytest.mark.usefixtures("milvus_server")
def test_where_no_neighbour_is_on_the_map_the_sample_tells_the_place(space, add, monkeypatch):
    monkeypatch.setattr(drawing, "_NEIGHBOURS", 1)
    tracks = [add(space, number % 3) for number in range(9)]
    synchronise_space(space)
    draw_map(space)
    new = add(space, 2)
    synchronise_space(space)
    place_new(space)
    regions = dict(MapPoint.objects.values_list("track_id", "region"))
    assert regions[new.pk] == regions[tracks[2].pk]


def test_without_the_index_new_tracks_wait(drawn, add, settings):
    space, _ = drawn
    add(space, 0)
    mark_indexed(space)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="", timeout_seconds=0.5)
    index_room._index_of_process.cache_clear()
    with pytest.raises(IndexUnavailableError):
        place_new(space)
    index_room._index_of_process.cache_clear()
    assert is_map_behind(space)
