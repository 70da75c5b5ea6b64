import os
import time
import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from celery import current_app
from django.conf import settings as configured
from kombu.exceptions import OperationalError

from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.queries import (
    NoQueryError,
    NotHeard,
    Query,
    check_crowd,
    discard_old_queries,
    finish_query,
    read_query,
    receive_query,
)
from recommender.ingest.sweeper import sweep
from recommender.ingest.wake import queue_length
from tests.people import make_user
from tests.sounds import make_sound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean():
    yield
    for path in Path(configured.STORAGE.staging).glob("query-*"):
        path.unlink()


@pytest.fixture
def interactive(redis_server):
    """Counts what waits in the queue, which is empty at first."""
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushall()
    return lambda: queue_length("interactive")


def put(owner, seconds_ago=0.0):
    """A query whose sound is in staging, without anybody having been woken."""
    query = Query(owner.pk, uuid.uuid4())
    query.sound.write_bytes(b"sound")
    then = time.time() - seconds_ago
    os.utime(query.sound, (then, then))
    return query


def code_of(caught):
    return caught.value.code, caught.value.status


def test_a_sound_waits_under_a_name_of_its_own(interactive, send, song):
    query = receive_query(make_user(), send(song).check())
    assert query.sound.read_bytes() == song
    assert interactive() == 1
    assert read_query(query) is None
    query.sound.unlink()


def test_without_the_broker_nothing_stays(send, song, monkeypatch):
    def break_off(*_arguments, **_options):
        raise OperationalError("gone")

    monkeypatch.setattr(current_app, "send_task", break_off)
    with pytest.raises(UploadRefusedError) as caught:
        receive_query(make_user(), send(song).check())
    assert code_of(caught) == ("not_listening", 503)


def test_what_was_heard_comes_back_as_it_was_and_the_sound_is_gone():
    query, sound = put(make_user()), make_sound(1)
    finish_query(query, sound)
    assert not query.sound.exists()
    found = read_query(query)
    assert np.array_equal(found.vector, sound.vector)
    assert {**vars(found), "vector": None} == {**vars(sound), "vector": None}


def test_why_nothing_was_heard_comes_back():
    query, why = put(make_user()), NotHeard("silent", "Nothing is to be heard.")
    finish_query(query, why)
    assert read_query(query) == why
    assert not query.sound.exists()


def test_nobody_else_can_read_it():
    query = put(make_user())
    finish_query(query, make_sound(1))
    for other in (Query(make_user().pk, query.id), Query(query.owner_id, uuid.uuid4())):
        with pytest.raises(NoQueryError):
            read_query(other)


def test_nobody_waits_for_ever():
    query = put(make_user(), seconds_ago=configured.QUERIES.wait_seconds + 1)
    found = read_query(query)
    assert (found.code, found.is_our_fault) == ("too_late", True)
    assert not query.sound.exists()
    finish_query(query, make_sound(1))
    assert read_query(query) == found


def test_one_person_asks_so_much_at_once_and_all_together_so_much(settings):
    owner, other = make_user(), make_user()
    for _ in range(settings.QUERIES.most_waiting):
        check_crowd(owner)
        put(owner)
    with pytest.raises(UploadRefusedError) as caught:
        check_crowd(owner)
    assert code_of(caught) == ("too_many", 429)
    check_crowd(other)
    settings.QUERIES = replace(settings.QUERIES, most_waiting_in_all=2)
    with pytest.raises(UploadRefusedError) as caught:
        check_crowd(other)
    assert code_of(caught) == ("crowded", 503)


def test_of_one_person_only_the_latest_answers_stay(interactive, send, song, settings):
    settings.QUERIES = replace(settings.QUERIES, most_kept=1)
    owner = make_user()
    earlier, later, foreign = put(owner), put(owner), put(make_user())
    for query in (earlier, later, foreign):
        finish_query(query, make_sound(1))
    os.utime(earlier.heard, (1, 1))
    receive_query(owner, send(song).check()).sound.unlink()
    assert [query.heard.exists() for query in (earlier, later, foreign)] == [False, True, True]
    for query in (later, foreign):
        query.heard.unlink()


def test_what_a_crash_left_behind_goes_and_what_is_young_stays(settings):
    owner = make_user()
    young, lost, answered = put(owner), put(owner, 2 * settings.QUERIES.wait_seconds + 1), put(owner)
    finish_query(answered, make_sound(1))
    half_written = answered.heard.with_suffix(".half")
    half_written.write_text("{")
    for path in (answered.heard, half_written):
        os.utime(path, (1, 1))
    sweep()
    assert [path.exists() for path in (young.sound, lost.sound, answered.heard, half_written)] == [True, *[False] * 3]
    discard_old_queries()
    assert young.sound.exists()
