import base64
import datetime as dt
import hashlib
import socket
import uuid
from email.utils import parsedate_to_datetime

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Track, Upload, UploadState
from recommender.conf import Uploads
from recommender.ingest.part_files import part_of
from recommender.web.steady_body import SteadyBody
from tests.people import make_user
from tests.web.sockets import SocketBody

pytestmark = pytest.mark.django_db

SONG = b"RIFF\xff\xff\xff\x7fWAVEfmt " + hashlib.shake_128(b"song").digest(200_000)
LENGTH = len(SONG)
BYTES = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _clean_staging():
    yield
    for left in configured.STORAGE.staging.iterdir():
        left.unlink()


@pytest.fixture
def owner():
    return make_user()


class Sender:
    """Speaks tus as a script does, cookies, token and all."""

    def __init__(self, user=None):
        self.client = Client(enforce_csrf_checks=True)
        if user:
            self.client.force_login(user)
        self.client.get(reverse("sign_in") if user is None else reverse("upload"))
        cookie = self.client.cookies.get("csrftoken")
        self.token = cookie.value if cookie else ""

    def ask(self, method, address, body=b"", *, content_type="", **headers):
        sent = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.token}
        sent |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value}
        body_is = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
        return self.client.generic(method, address, body, content_type, headers=sent, **body_is)

    def create(self, length=LENGTH, body=b"", **headers):
        said = {"filename": "My song.wav", **headers.pop("meta", {})}
        metadata = ",".join(f"{key} {b64(value)}" for key, value in said.items())
        content_type = BYTES if body else ""
        announced = {"Upload_Length": length, "Upload_Metadata": metadata, **headers}
        return self.ask("POST", reverse("tus_uploads"), body, content_type=content_type, **announced)

    def begin(self, **given):
        return self.create(**given)["Location"]

    def patch(self, address, body, offset=0, **headers):
        return self.ask("PATCH", address, body, content_type=BYTES, Upload_Offset=offset, **headers)


@pytest.fixture
def sender(owner):
    return Sender(owner)


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def problem_of(answer):
    assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["detail"].endswith(".")
    return told["code"], answer.status_code


def test_options_tell_what_is_spoken_and_ask_for_nothing():
    for address in (reverse("tus_uploads"), reverse("tus_upload", args=[uuid.uuid4()])):
        answer = Client(enforce_csrf_checks=True).options(address, headers={"Tus-Resumable": "0.2.2"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["Tus-Resumable"] == answer["Tus-Version"] == "1.0.0"
        assert answer["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
        assert answer["Tus-Max-Size"] == str(configured.UPLOADS.max_bytes)
        assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"


@pytest.mark.parametrize("version", ["", "0.2.2", "1.0.1"])
def test_another_version_is_not_processed(sender, version):
    answer = sender.ask("POST", reverse("tus_uploads"), Tus_Resumable=version, Upload_Length=10)
    assert problem_of(answer) == ("tus_version", 412)
    assert answer["Tus-Version"] == "1.0.0"
    assert not Upload.objects.exists()


def test_an_upload_in_pieces(sender, owner):
    created = sender.create(meta={"sha256": hashlib.sha256(SONG).hexdigest()})
    address = created["Location"]
    assert (created.status_code, created["Tus-Resumable"]) == (201, "1.0.0")
    assert "Upload-Offset" not in created
    half = len(SONG) // 2
    first = sender.patch(address, SONG[:half])
    assert (first.status_code, first["Upload-Offset"]) == (204, str(half))
    assert "Soundalike-Track" not in first
    state = sender.ask("HEAD", address)
    assert (state.status_code, state["Upload-Offset"], state["Upload-Length"]) == (200, str(half), str(len(SONG)))
    assert state["Cache-Control"] == "no-store"
    assert state["Upload-Metadata"].startswith(f"filename {b64('My song.wav')},sha256 ")
    last = sender.patch(address, SONG[half:], half)
    track = Track.objects.get()
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(SONG)))
    assert (last["Soundalike-Track"], last["Soundalike-Duplicate"]) == (str(track.pk), "false")
    assert (track.owner, track.title, path_of(track.audio_file_id).read_bytes()) == (owner, "My song", SONG)


def test_an_upload_whose_answer_was_lost(sender):
    address = sender.begin()
    done = sender.patch(address, SONG)
    asked = sender.ask("HEAD", address)
    assert (asked["Upload-Offset"], asked["Soundalike-Track"]) == (str(len(SONG)), done["Soundalike-Track"])
    assert "Upload-Expires" not in asked
    again = sender.patch(address, b"", len(SONG))
    assert (again.status_code, again["Soundalike-Track"]) == (204, done["Soundalike-Track"])


def test_a_server_that_died_after_the_last_byte(sender):
    address = sender.begin()
    part_of(Upload.objects.get().pk).write_bytes(SONG)
    asked = sender.ask("HEAD", address)
    assert (asked["Upload-Offset"], asked["Soundalike-Track"]) == (str(len(SONG)), str(Track.objects.get().pk))


def test_creation_with_upload(sender):
    part = sender.create(body=SONG[:1000])
    assert (part.status_code, part["Upload-Offset"]) == (201, "1000")
    assert sender.patch(part["Location"], SONG[1000:], 1000).status_code == 204
    whole = sender.create(body=SONG)
    assert (whole.status_code, whole["Upload-Offset"], whole["Soundalike-Duplicate"]) == (201, str(len(SONG)), "true")
    assert Track.objects.count() == 1


def test_what_is_refused_with_its_creation_is_gone(sender):
    answer = sender.create(body=SONG[:1000], Upload_Checksum=f"sha1 {b64(b'0' * 20)}")
    assert problem_of(answer) == ("checksum", 460)
    assert not Upload.objects.exists()
    assert problem_of(sender.create(body=b"text " * 100, length=500)) == ("not_audio", 415)
    assert Upload.objects.get().state == UploadState.REFUSED


def test_checksums(sender):
    address = sender.begin()
    for algorithm in ("sha1", "sha256", "md5"):
        right = b64(hashlib.new(algorithm, SONG[:1000]).digest())
        wrong = sender.patch(address, SONG[1000:2000], Upload_Checksum=f"{algorithm} {right}")
        assert problem_of(wrong) == ("checksum", 460)
        assert sender.ask("HEAD", address)["Upload-Offset"] == "0"
    assert sender.patch(address, SONG[:1000], Upload_Checksum=f"md5 {right}")["Upload-Offset"] == "1000"
    unknown = sender.patch(address, SONG[1000:], 1000, Upload_Checksum=f"crc32 {right}")
    assert problem_of(unknown) == ("checksum_algorithm", 400)
    assert problem_of(sender.patch(address, SONG[1000:], 1000, Upload_Checksum="sha1 ?")) == ("bad_header", 400)
    assert sender.ask("HEAD", address)["Upload-Offset"] == "1000"


def test_expiration(sender):
    created = sender.create()
    address = created["Location"]
    for answer in (created, sender.patch(address, SONG[:10]), sender.ask("HEAD", address)):
        assert answer["Upload-Expires"].endswith(" GMT")
        left = parsedate_to_datetime(answer["Upload-Expires"]) - timezone.now()
        assert dt.timedelta(hours=23) < left < dt.timedelta(hours=25)
    Upload.objects.update(updated_at=timezone.now() - dt.timedelta(days=2))
    assert sender.ask("HEAD", address).status_code == 410
    assert problem_of(sender.patch(address, SONG[10:], 10)) == ("expired", 410)


def test_termination(sender):
    address = sender.begin()
    sender.patch(address, SONG[:1000])
    gone = sender.ask("DELETE", address)
    assert (gone.status_code, gone["Tus-Resumable"]) == (204, "1.0.0")
    assert list(configured.STORAGE.staging.iterdir()) == []
    assert sender.ask("HEAD", address).status_code == 404
    assert problem_of(sender.patch(address, SONG[1000:], 1000)) == ("not_found", 404)


def test_terminating_a_finished_upload_leaves_the_track(sender):
    address = sender.begin()
    sender.patch(address, SONG)
    assert sender.ask("DELETE", address).status_code == 204
    assert Track.objects.exists()


def test_offsets_have_to_match(sender):
    address = sender.begin()
    sender.patch(address, SONG[:1000])
    assert problem_of(sender.patch(address, SONG)) == ("wrong_offset", 409)
    assert problem_of(sender.patch(address, SONG, 1000)) == ("too_large", 413)
    assert problem_of(sender.patch(address, SONG, "")) == ("bad_header", 400)
    assert sender.ask("HEAD", address)["Upload-Offset"] == "1000"


def test_only_the_owner_knows_of_it(sender):
    address = sender.begin()
    for role in (Role.UPLOADER, Role.CURATOR, Role.ADMIN):
        other = Sender(make_user(role))
        statuses = {other.ask(method, address).status_code for method in ("HEAD", "DELETE")}
        assert statuses == {other.patch(address, SONG).status_code} == {404}
    assert problem_of(Sender().patch(address, SONG)) == ("signed_out", 403)
    assert sender.ask("HEAD", address)["Upload-Offset"] == "0"


def test_who_may_no_longer_upload_cannot_go_on(sender, owner):
    address = sender.begin()
    owner.groups.clear()
    assert problem_of(sender.patch(address, SONG)) == ("forbidden", 403)
    assert problem_of(sender.create()) == ("forbidden", 403)


def test_the_token_is_asked_for_by_header(sender):
    address = sender.begin()
    sender.token = "wrong" * 10
    for answer in (sender.create(), sender.patch(address, SONG), sender.ask("DELETE", address)):
        assert problem_of(answer) == ("stale_page", 403)
    assert sender.ask("HEAD", address)["Upload-Offset"] == "0"


def test_methods_in_disguise(sender):
    address = sender.begin()
    patched = sender.ask(
        "POST", address, SONG[:10], content_type=BYTES, Upload_Offset=0, X_HTTP_Method_Override="PATCH"
    )
    assert (patched.status_code, patched["Upload-Offset"]) == (204, "10")
    assert sender.ask("POST", address, X_HTTP_Method_Override="HEAD")["Upload-Offset"] == "10"
    assert sender.ask("GET", address, X_HTTP_Method_Override="DELETE").status_code == 405
    token, sender.token = sender.token, ""
    assert sender.ask("POST", address, X_HTTP_Method_Override="DELETE").status_code == 403
    sender.token = token
    assert sender.ask("POST", address, X_HTTP_Method_Override="DELETE").status_code == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_other_methods(sender, method):
    answer = sender.ask(method, sender.begin())
    assert (answer.status_code, answer["Tus-Resumable"]) == (405, "1.0.0")


class UnreadableBody:
    """Fails the test when somebody reads the body of a request that had to be refused before."""

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


def refuse_unread(sender, method, address, length, content_type=BYTES, **headers):
    sent = {"HTTP_" + name.upper(): str(value) for name, value in headers.items()}
    request = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_X_CSRFTOKEN": sender.token, **sent}
    request |= {"CONTENT_TYPE": content_type, "wsgi.input": UnreadableBody()}
    if length is not None:
        request["CONTENT_LENGTH"] = str(length)
    return problem_of(sender.client.generic(method, address, b"", **request))


def test_the_body_of_a_refused_request_is_never_read(sender, settings):
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False, quota_bytes=5 * 10**5)
    begin, upload = reverse("tus_uploads"), sender.begin()

    def create(length, **headers):
        return refuse_unread(sender, "POST", begin, 1000, upload_length=length, **headers)

    assert create(10**6 + 1) == ("too_large", 413)
    assert create(4 * 10**5) == ("quota", 413)
    assert create(0) == ("empty_file", 400)
    assert create("many") == ("bad_header", 400)
    assert create(1000, tus_resumable="2") == ("tus_version", 412)
    assert create(1000, x_csrftoken="") == ("stale_page", 403)
    assert create(1000, origin="https://elsewhere.example") == ("stale_page", 403)
    for content_type in ("", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "audio/wav"):
        assert create(1000, content_type=content_type) == ("content_type", 415)
        assert refuse_unread(sender, "PATCH", upload, 9, content_type, upload_offset=0) == ("content_type", 415)
    assert refuse_unread(sender, "PATCH", upload, 9, upload_offset=1) == ("wrong_offset", 409)
    assert refuse_unread(sender, "PATCH", upload, 10**6, upload_offset=0) == ("too_large", 413)
    assert refuse_unread(sender, "PATCH", upload, 9, upload_offset=0, transfer_encoding="chunked")[1] == 411
    assert refuse_unread(Sender(), "POST", begin, 9, upload_length=10) == ("signed_out", 403)
    listener = Sender(make_user(Role.LISTENER))
    assert refuse_unread(listener, "POST", begin, 9, upload_length=10) == ("forbidden", 403)


@pytest.mark.parametrize(
    "metadata",
    ["filename ?", " ,", "filename YQ==,filename YQ==", "f\xe4 YQ==", "x " + "YWFh" * 2000, f"sha256 {b64('short')}"],
)
def test_metadata_that_cannot_be_read(sender, metadata):
    answer = sender.ask("POST", reverse("tus_uploads"), Upload_Length=10, Upload_Metadata=metadata)
    assert problem_of(answer) == ("bad_header", 400)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ("", ""),
        ("filename", ""),
        (f"other,filename {b64('a/../b.mp3')}", "a/b.mp3"),
        (f"filename {b64('Grüße.mp3')}", "Grüße.mp3"),
        (f"filename {b64(bytes([255, 254]))}", "\ufffd\ufffd"),
    ],
)
def test_names_are_shown_but_never_trusted(sender, metadata, name):
    answer = sender.ask("POST", reverse("tus_uploads"), Upload_Length=10, Upload_Metadata=metadata)
    assert Upload.objects.get().file_name == name
    assert sender.ask("HEAD", answer["Location"]).get("Upload-Metadata", "") == metadata


def test_what_is_no_audio_ends_at_once_and_says_why_later_too(sender):
    address = sender.begin()
    assert problem_of(sender.patch(address, b"text " * 40_000)) == ("not_audio", 415)
    assert list(configured.STORAGE.staging.iterdir()) == []
    assert problem_of(sender.patch(address, b"", 0)) == ("not_audio", 410)
    assert sender.ask("HEAD", address).status_code == 410


def test_another_file_than_announced(sender):
    address = sender.begin(meta={"sha256": "0" * 64})
    assert problem_of(sender.patch(address, SONG)) == ("hash_mismatch", 422)
    assert not Track.objects.exists()


@pytest.mark.parametrize("end", ["silence", "close"])
def test_a_connection_that_ends_early_leaves_what_it_brought(sender, monkeypatch, end):
    monkeypatch.setattr("recommender.web.steady_body.SILENCE_SECONDS", 0.05)
    address = sender.begin()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(SONG[:5000])
        if end == "close":
            theirs.close()
        headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": sender.token, "Upload-Offset": "0"}
        body = SteadyBody(SocketBody(ours), len(SONG), ours)
        request = {"wsgi.input": body, "CONTENT_LENGTH": str(len(SONG))}
        answer = sender.client.generic("PATCH", address, b"", headers=headers, CONTENT_TYPE=BYTES, **request)
    assert problem_of(answer) == ("broken_off", 503)
    assert sender.ask("HEAD", address)["Upload-Offset"] == "5000"
