import os
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role
from recommender.ingest.queries import NotHeard, Query, finish_query
from recommender.ingest.wake import queue_length
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user, unit_vector
from tests.sounds import make_sound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]

SOUND = reverse("ask_sound")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("sounds") / "recording.webm"
    return write_audio(path, synthesise("rock", 1, 1, 48_000), 48_000, container="webm").read_bytes()


@pytest.fixture(autouse=True)
def _clean():
    yield
    for path in staged():
        path.unlink()


@pytest.fixture
def listener():
    return make_user(Role.LISTENER)


@pytest.fixture
def page(listener, page_client):
    page_client.force_login(listener)
    return page_client


@pytest.fixture
def query(listener):
    """A sound of the listener's that nobody has listened to yet."""
    made = Query(listener.pk, uuid.uuid4())
    made.sound.write_bytes(b"sound")
    return made


def staged():
    return list(Path(configured.STORAGE.staging).iterdir())


def sound_file(content, name="recording.webm"):
    return SimpleUploadedFile(name, content)


def address_of(query):
    return reverse("ask_answer", args=[query.id])


def ask_as_script(client, *files):
    return client.post(SOUND, {"file": files}, headers={"Accept": "application/json"})


def test_a_form_without_scripts_leads_to_the_answer(page, listener, recording):
    assert page.get(reverse("ask")).status_code == 200
    answer = page.post(SOUND, {"file": sound_file(recording)})
    (kept,) = staged()
    assert kept.name.startswith(f"query-{listener.pk}-")
    assert kept.read_bytes() == recording
    assert answer.url == reverse("ask_answer", args=[kept.stem.split("-", 2)[2]])
    waiting = page.get(answer.url)
    assert waiting.status_code == 202
    assert '<meta http-equiv="refresh" content="1">' in waiting.text


def test_whoever_opens_the_page_has_the_encoder_loaded(page):
    before = queue_length("interactive")
    page.get(reverse("ask"))
    assert queue_length("interactive") == before + 1


def test_a_script_is_told_where_the_answer_will_be(page, recording):
    answer = ask_as_script(page, sound_file(recording))
    assert answer.status_code == 202
    told = page.get(answer.json()["answer_url"], headers={"Accept": "application/json"})
    assert (told.status_code, told.json()) == (202, {"is_waiting": True})


@pytest.mark.parametrize(
    ("contents", "status", "code"),
    [
        ([b"hello, I am text\n" * 100], 415, "not_audio"),
        ([b""], 400, "empty_file"),
        ([], 400, "one_file"),
        ([b"OggS", b"OggS"], 400, "one_file"),
        ([b"RIFF\0\0\0\0WAVEfmt " + bytes(4096)], 413, "too_large"),
        ([b"RIFF\0\0\0\0WAVEfmt " + bytes(100_000)], 413, "too_large"),
    ],
)
def test_refusals_say_why_and_leave_nothing(page, settings, contents, status, code):
    settings.QUERIES = replace(settings.QUERIES, max_bytes=2048)
    answer = ask_as_script(page, *map(sound_file, contents))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert staged() == []
    told = page.post(SOUND, {"file": [*map(sound_file, contents)]}, follow=True)
    assert [str(message) for message in told.context["messages"]] == [answer.json()["detail"]]


def test_who_has_asked_enough_waits_before_anything_is_read(page, settings, query):
    settings.QUERIES = replace(settings.QUERIES, most_waiting=1)
    assert ask_as_script(page, sound_file(b"")).status_code == 429


def test_only_with_the_token_of_the_page(listener, recording):
    client = Client(enforce_csrf_checks=True)
    client.force_login(listener)
    assert ask_as_script(client, sound_file(recording)).status_code == 403
    assert staged() == []


def test_the_answer_names_what_was_heard_and_what_sounds_like_it(page, query, space):
    track = make_track(title="The one that was meant")
    make_embedding(track, space, unit_vector(1))
    synchronise_space(space)
    finish_query(query, make_sound(1, signature=space.signature, is_truncated=True))
    shown = page.get(address_of(query))
    assert shown.status_code == 200
    for told in ("The one that was meant", "same recording", "about 120 BPM", "A major", "calm", "end of this file"):
        assert told in shown.text
    assert page.get(address_of(query), headers={"Accept": "application/json"}).json() == {"is_waiting": False}


def test_nothing_to_compare_with_yet(page, query, space):
    synchronise_space(space)
    finish_query(query, make_sound(1, signature=space.signature))
    assert "nothing to compare with yet" in page.get(address_of(query)).text


def test_a_change_of_the_encoder_meanwhile_is_said(page, query, space):
    finish_query(query, make_sound(1, signature="another"))
    shown = page.get(address_of(query))
    assert (shown.status_code, "Ask once more" in shown.text) == (503, True)


@pytest.mark.parametrize(("is_our_fault", "status"), [(False, 422), (True, 503)])
def test_why_nothing_came_of_it(page, query, is_our_fault, status):
    finish_query(query, NotHeard("silent", "Nothing is to be heard.", is_our_fault))
    shown = page.get(address_of(query))
    assert (shown.status_code, "Nothing is to be heard." in shown.text) == (status, True)
    told = page.get(address_of(query), headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (status, "silent")


def test_a_worker_that_does_not_come_is_waited_for_so_long(page, query):
    os.utime(query.sound, (1, 1))
    shown = page.get(address_of(query))
    assert (shown.status_code, "not listened to in time" in shown.text) == (503, True)
    assert page.get(address_of(query)).status_code == 503
    assert not query.sound.exists()


def test_the_answer_is_nobody_elses(page, query):
    other = Client()
    other.force_login(make_user(Role.ADMIN))
    for state in ("waiting", "answered"):
        assert page.get(address_of(query)).status_code in (200, 202, 503), state
        assert other.get(address_of(query)).status_code == 404, state
        finish_query(query, make_sound(1))


@pytest.mark.parametrize("asked", ["limit=0", "limit=1000000000", "strictness=nan", "variety=odd", "tempo=90-60"])
def test_wishes_that_make_no_sense(page, query, asked):
    assert page.get(f"{address_of(query)}?{asked}").status_code == 400
