import threading
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Track, Visibility
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("songs")
    return [
        write_audio(folder / f"{style}.{kind}", synthesise(style, 1, 1, 16_000), 16_000, container=kind).read_bytes()
        for style, kind in (("rock", "wav"), ("piano", "flac"))
    ]


@pytest.fixture
def uploader():
    return make_user()


@pytest.fixture
def script(uploader, script_client):
    """Uploads one file as our script does; the answer."""
    script_client.force_login(uploader)
    script_client.get(reverse("upload"), headers={"Accept": "text/html"})
    token = script_client.cookies["csrftoken"].value

    def send(content, name="song.mp3", **more):
        body = {"file": SimpleUploadedFile(name, content), **more}
        return script_client.post(reverse("upload_file"), body, headers={"X-CSRFToken": token})

    return send


def staged():
    return [path for path in Path(configured.STORAGE.staging).iterdir() if path.name.startswith("upload-")]


def test_a_new_song_becomes_a_track(script, songs, uploader):
    answer = script(songs[0], "My song.wav")
    told = answer.json()
    track = Track.objects.get()
    assert (answer.status_code, told["id"], told["title"]) == (201, track.pk, "My song")
    assert (told["state"], told["is_new"], told["url"]) == ("queued", True, reverse("track", args=[track.pk]))
    assert track.owner == uploader
    assert path_of(track.audio_file_id).read_bytes() == songs[0]
    assert staged() == []


def test_the_same_bytes_again_lead_to_the_track_there_is(script, songs):
    first = script(songs[0]).json()
    again = script(songs[0], "other name.wav")
    assert (again.status_code, again.json()["id"], again.json()["is_new"]) == (200, first["id"], False)
    assert staged() == []


def test_the_private_twin_of_somebody_else_is_not_revealed(script, songs):
    answer = script(songs[0])
    Track.objects.update(visibility=Visibility.PRIVATE, owner=make_user())
    again = script(songs[0])
    assert (again.status_code, again.json()["is_new"]) == (201, True)
    assert again.json()["id"] != answer.json()["id"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"hello, I am text\n" * 100, 415, "not_audio"),
        (b"", 400, "empty_file"),
        (b"<html><script>alert(1)</script>", 415, "not_audio"),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(3 * 1024 * 1024), 413, "too_large"),
    ],
)
def test_refusals_say_why_and_leave_nothing(script, settings, content, status, code):
    settings.UPLOADS = configured.UPLOADS.__class__(max_bytes=2 * 1024 * 1024, needs_review=False)
    answer = script(content)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    told = answer.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["detail"].endswith(".")
    assert not Track.objects.exists()
    assert staged() == []


def test_a_script_sends_one_file_a_request(script_client, songs, uploader):
    script_client.force_login(uploader)
    script_client.handler.enforce_csrf_checks = False
    files = [SimpleUploadedFile(f"{number}.wav", song) for number, song in enumerate(songs)]
    for body in ({"file": files}, {"other": files[0]}, {}):
        assert script_client.post(reverse("upload_file"), body).json()["code"] == "one_file"
    assert not Track.objects.exists()


def test_a_form_without_scripts_may_carry_several_files(page_client, songs, uploader):
    page_client.force_login(uploader)
    files = [
        SimpleUploadedFile("a.wav", songs[0]),
        SimpleUploadedFile("b.flac", songs[1]),
        SimpleUploadedFile("text.mp3", b"text"),
    ]
    page = page_client.post(reverse("upload_file"), {"file": files}, follow=True)
    assert page.redirect_chain == [(reverse("upload"), 302)]
    told = [str(message) for message in page.context["messages"]]
    assert told[:2] == ["“a” was received.", "“b” was received."]
    assert told[2].startswith("text.mp3: This is not an audio file")
    again = page_client.post(reverse("upload_file"), {"file": SimpleUploadedFile("a.wav", songs[0])}, follow=True)
    assert "“a” is here already." in [str(message) for message in again.context["messages"]]
    assert Track.objects.count() == 2


class UnreadableBody:
    """Fails the test when somebody reads the body of a request that had to be refused before."""

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


def refuse_unread(client, **given):
    announced = {"CONTENT_LENGTH": "1000", "CONTENT_TYPE": "multipart/form-data; boundary=x", **given}
    return client.generic("POST", reverse("upload_file"), **announced, **{"wsgi.input": UnreadableBody()})


def test_the_body_of_a_refused_request_is_never_read(uploader, settings):
    listener, sender = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    listener.force_login(make_user(Role.LISTENER))
    sender.force_login(uploader)
    assert refuse_unread(Client()).status_code == 403
    assert refuse_unread(listener).status_code == 403
    assert refuse_unread(sender, HTTP_ORIGIN="https://elsewhere.example").status_code == 403
    too_large = refuse_unread(sender, CONTENT_LENGTH=str(settings.UPLOADS.max_bytes + 10**6))
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")
    assert refuse_unread(sender, CONTENT_LENGTH="").status_code == 411
    page = refuse_unread(sender, CONTENT_LENGTH=str(10**12), HTTP_ACCEPT="text/html")
    assert (page.status_code, page["Location"]) == (302, reverse("upload"))


def test_states_follow_a_track(script, songs, script_client):
    told = script(songs[0]).json()
    space = make_space()
    Track.objects.get().analyses.update_or_create(space=space, defaults={"state": "failed", "reason": "corrupt"})
    state = script_client.get(reverse("upload_states"), {"ids": told["id"]}).json()["tracks"][0]
    assert (state["state"], state["label"]) == ("failed", "Failed")
    assert (state["is_unfinished"], state["is_retriable"]) == (False, True)
    assert "damaged" in state["sentence"]


@pytest.mark.parametrize("ids", ["", "x", "1,,2", "-1", "1;2", "9" * 25, "٣"])
def test_states_want_numbers(ids, script_client):
    assert script_client.get(reverse("upload_states"), {"ids": ids}).json()["code"] == "bad_ids"


def test_the_upload_page_lists_own_uploads_with_what_can_be_done(page_client, uploader):
    space = make_space()
    failed, ready = make_track(uploader, title="failed one"), make_track(uploader, title="ready one")
    make_track(title="somebody else's")
    failed.analyses.create(space=space, state="failed", reason="corrupt")
    ready.analyses.create(space=space, state="ready")
    page_client.force_login(uploader)
    page = page_client.get(reverse("upload")).content.decode()
    assert "failed one" in page
    assert "ready one" in page
    assert "somebody else" not in page
    assert page.count(reverse("track_delete", args=[failed.pk])) == 1
    assert "300 MB" in page


@pytest.mark.django_db(transaction=True)
def test_the_same_song_twice_at_once_is_one_track(songs):
    uploader = make_user()
    answers = []

    def send():
        client = Client()
        client.force_login(uploader)
        answers.append(client.post(reverse("upload_file"), {"file": SimpleUploadedFile("a.wav", songs[0])}).json())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["id"] for answer in answers}) == Track.objects.count() == 1
    assert sorted(answer["is_new"] for answer in answers) == [False, False, False, True]
