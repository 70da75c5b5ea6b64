import time

import pytest
from celery import current_app
from django.conf import settings

from recommender.curation import machinery
from recommender.curation.machinery import QUEUES, compare_index, describe_queues, find_last_sweep, measure_disk
from recommender.ingest.sweeper import MARK
from recommender.ingest.wake import ANALYSE, LATER, send_task
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, make_audio_file, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    for found in (machinery._workers, machinery._index, machinery._disk):
        found.forget()


def flush():
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushall()


@pytest.fixture
def queue(redis_server):
    flush()
    yield
    flush()


@pytest.mark.usefixtures("queue")
def test_messages_are_counted_whatever_their_turn():
    send_task(ANALYSE, 1)
    send_task(ANALYSE, 2, priority=LATER)
    found = {queue.name: queue for queue in describe_queues()}
    assert list(found) == list(QUEUES)
    assert (found["analysis"].waiting, found["index"].waiting) == (2, 0)
    assert {queue.workers for queue in found.values()} == {0}


def test_redis_may_be_away(monkeypatch):
    nowhere = current_app.connection("redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app, "connection_for_read", lambda: nowhere)
    assert {queue.waiting for queue in describe_queues()} == {None}


def test_the_index_is_held_against_the_database(space):
    add_heard(space, unit_vector(1))
    assert (compare_index().expected, compare_index().held) == (0, 0)
    synchronise_space(space)
    machinery._index.forget()
    assert (compare_index().expected, compare_index().held) == (1, 1)


def test_what_lies_on_the_disk_is_weighed():
    make_audio_file(b"twelve bytes")
    staged = settings.STORAGE.staging / "part"
    before = measure_disk().used["staging"]
    staged.write_bytes(bytes(5))
    machinery._disk.forget()
    use = measure_disk()
    staged.unlink()
    assert (use.used["audio"], use.used["staging"] - before) == (12, 5)
    assert 0 < use.free_bytes < use.total_bytes


def test_when_the_sweeper_was_there_last():
    mark = settings.STORAGE.locks / MARK
    mark.unlink(missing_ok=True)
    assert find_last_sweep() is None
    mark.touch()
    assert abs(find_last_sweep().timestamp() - time.time()) < 60
