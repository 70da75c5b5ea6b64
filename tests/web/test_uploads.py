import hashlib
import json
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
from recommender.catalog.models import Track, Upload, UploadState, Visibility
from recommender.conf import Uploads
from recommender.ingest.partial_uploads import Announcement, Piece, open_upload, receive_piece
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


def test_every_upload_leaves_a_row_and_refusals_stay_readable(script, songs, page_client, uploader):
    script(songs[0], "good.wav")
    script(b"only text", "bad.mp3")
    accepted, refused = Upload.objects.order_by("file_name")[1], Upload.objects.order_by("file_name")[0]
    assert (accepted.state, accepted.track, accepted.size_bytes) == ("accepted", Track.objects.get(), len(songs[0]))
    assert (refused.state, refused.code, refused.file_name) == ("refused", "not_audio", "bad.mp3")
    page_client.force_login(uploader)
    shown = page_client.get(reverse("upload")).context
    assert [upload.sentence for upload in shown["refused"]] == [refused.sentence]
    assert [track for track, *_ in shown["recent"]] == [accepted.track]


def test_a_file_refused_again_and_again_is_one_row_until_it_is_accepted(script, songs, settings):
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False, quota_bytes=10)
    for _ in range(3):
        assert script(songs[0]).json()["code"] == "quota"
    assert Upload.objects.count() == 1
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False)
    assert script(songs[0]).status_code == 201
    assert Upload.objects.get().state == UploadState.ACCEPTED


def test_a_full_disk_or_quota_is_told_before_the_body_is_read(uploader, settings, monkeypatch):
    sender = Client(enforce_csrf_checks=True)
    sender.force_login(uploader)
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=False, quota_bytes=1000)
    assert refuse_unread(sender, CONTENT_LENGTH="200000").json()["code"] == "quota"
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10**6}))
    full = refuse_unread(sender, CONTENT_LENGTH="200000")
    assert (full.status_code, full.json()["code"]) == (507, "disk_full")


def test_what_is_unfinished_is_shown_with_what_arrived(page_client, uploader):
    upload = open_upload(uploader, Announcement(file_name="half.wav", size_bytes=1000))
    receive_piece(upload, Piece(offset=0, size_bytes=400, blocks=[bytes(400)]))
    open_upload(make_user(), Announcement(file_name="other.wav", size_bytes=1000))
    page_client.force_login(uploader)
    page = page_client.get(reverse("upload"))
    (left,) = page.context["unfinished"]
    assert (left.upload, left.received_bytes, page.context["quota"].used_bytes) == (upload, 400, 1000)
    assert "half.wav" in page.content.decode()
    dismissed = page_client.post(reverse("upload_dismiss", args=[upload.pk]))
    assert dismissed.status_code == 302
    assert staged() == []
    assert not page_client.get(reverse("upload")).context["unfinished"]


def test_only_ones_own_refusals_can_be_dismissed(script, script_client, page_client):
    script(b"only text", "bad.mp3")
    address = reverse("upload_dismiss", args=[Upload.objects.get().pk])
    for role in (Role.UPLOADER, Role.CURATOR, Role.ADMIN):
        page_client.force_login(make_user(role))
        assert page_client.post(address).status_code == 404
    token = script_client.cookies["csrftoken"].value
    assert script_client.post(address, headers={"X-CSRFToken": token}).status_code == 204
    assert not Upload.objects.exists()


@pytest.fixture
def ask_known(script, script_client):
    def ask(body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        token = script_client.cookies["csrftoken"].value
        return script_client.post(reverse("upload_known"), text, "application/json", headers={"X-CSRFToken": token})

    return ask


def test_known_files_need_not_be_sent(script, ask_known, songs):
    told = script(songs[0]).json()
    make_track(title="somebody else's")
    hashes = [hashlib.sha256(content).hexdigest() for content in (*songs, b"new")]
    others = list(Track.objects.exclude(pk=told["id"]).values_list("audio_file_id", flat=True))
    known = ask_known({"sha256": [*hashes, *others]}).json()["known"]
    assert list(known) == hashes[:1]
    assert (known[hashes[0]]["id"], known[hashes[0]]["state"]) == (told["id"], told["state"])


def test_a_file_that_was_lost_or_is_being_deleted_is_not_known(script, ask_known, songs):
    script(songs[0])
    track = Track.objects.get()
    asked = {"sha256": [track.audio_file_id]}
    Track.objects.update(is_deleting=True)
    assert ask_known(asked).json() == {"known": {}}
    Track.objects.update(is_deleting=False)
    path_of(track.audio_file_id).unlink()
    assert ask_known(asked).json() == {"known": {}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 30_000,
        {},
        {"sha256": "x"},
        {"sha256": [1]},
        {"sha256": ["A" * 64]},
        {"sha256": ["a" * 64] * 501},
    ],
)
def test_hashes_that_cannot_be_read(ask_known, body):
    answer = ask_known(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_hashes")


def test_another_try_is_granted_so_often_only(script, script_client, page_client, songs):
    space = make_space()
    script(songs[0])
    track = Track.objects.get()
    track.analyses.get_or_create(space=space)
    address, token = reverse("track_retry", args=[track.pk]), script_client.cookies["csrftoken"].value
    for _ in range(3):
        track.analyses.update(state="failed")
        assert script_client.post(address, headers={"X-CSRFToken": token}).status_code == 204
        # Nothing to try again: that does not count.
        assert script_client.post(address, headers={"X-CSRFToken": token}).status_code == 204
    track.analyses.update(state="failed")
    refused = script_client.post(address, headers={"X-CSRFToken": token})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_often")
    assert 3500 < int(refused["Retry-After"]) <= 3600
    page_client.force_login(make_user(Role.ADMIN))
    assert page_client.post(address).status_code == 302
    assert track.analyses.get().state == "queued"


def test_every_upload_can_be_reached_a_page_at_a_time(page_client, uploader, monkeypatch):
    monkeypatch.setattr("recommender.web.uploads.RECENT", 2)
    titles = [make_track(uploader, title=f"track {number}").title for number in range(5)]
    page_client.force_login(uploader)
    seen, address = [], reverse("upload")
    while True:
        page = page_client.get(address).context
        seen += [track.title for track, *_ in page["recent"]]
        if not page["page"]["after"]:
            break
        address = reverse("upload") + page["page"]["after"]
    assert seen == titles[::-1]
    assert "before=" in page["page"]["before"]
