import logging

import numpy as np
import pytest
from django.conf import settings
from filelock import FileLock

from recommender.catalog.models import Embedding, MapPoint, MapRegion
from recommender.conf import Milvus
from recommender.ingest import mapping
from recommender.ingest.mapping import update_map
from recommender.ingest.sweeper import wake_drawing
from recommender.ingest.tasks import update_map_task
from recommender.ingest.wake import queue_length
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.map import drawing
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_space, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def add():
    owner = make_user()

    def add_track(space, axis):
        return make_embedding(make_track(owner), space, np.eye(8, dtype=np.float32)[axis])

    return add_track


def fill(space, add, count):
    for number in range(count):
        add(space, number % 2)
    Embedding.objects.update(indexed_generation=space.generation)


def test_the_task_draws_a_map_and_then_has_nothing_to_do(add):
    space = make_space()
    fill(space, add, 4)
    update_map_task()
    assert MapPoint.objects.count() == 4
    before = set(MapRegion.objects.values_list("pk", flat=True))
    update_map_task()
    assert set(MapRegion.objects.values_list("pk", flat=True)) == before


def test_without_a_space_there_is_nothing_to_draw():
    update_map()
    assert not MapRegion.objects.exists()


def test_whoever_comes_meanwhile_leaves_again(add):
    fill(make_space(), add, 2)
    with FileLock(settings.STORAGE.locks / "map.lock"):
        update_map()
    assert not MapPoint.objects.exists()
    update_map()
    assert MapPoint.objects.count() == 2


@pytest.mark.usefixtures("empty_queue")
def test_the_rest_of_many_new_tracks_has_its_turn_later(space, add, monkeypatch):
    for room in (mapping, drawing):
        monkeypatch.setattr(room, "AT_ONCE", 1)
    fill(space, add, 9)
    update_map()
    for axis in (0, 1):
        add(space, axis)
    synchronise_space(space)
    update_map()
    assert (MapPoint.objects.count(), queue_length("background", is_urgent=False)) == (10, 1)


def test_without_the_index_the_map_waits(add, settings, caplog):
    space = make_space()
    fill(space, add, 9)
    update_map()
    fill(space, add, 1)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="", timeout_seconds=0.5)
    index_room._index_of_process.cache_clear()
    with caplog.at_level(logging.WARNING):
        update_map()
    index_room._index_of_process.cache_clear()
    assert "later" in caplog.text
    assert MapPoint.objects.count() == 9


@pytest.mark.usefixtures("empty_queue")
def test_the_sweeper_asks_for_the_map_once_and_only_where_it_is_behind(add):
    space = make_space()
    wake_drawing()
    assert queue_length("background", is_urgent=False) == 0
    fill(space, add, 3)
    wake_drawing()
    wake_drawing()
    assert queue_length("background", is_urgent=False) == 1
