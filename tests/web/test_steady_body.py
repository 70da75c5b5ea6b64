import contextlib
import io
import socket
import threading
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from recommender.catalog.models import Track
from recommender.web import steady_body
from recommender.web.steady_body import BodyBrokenOffError, SteadyBody, hold_bodies_to_pace
from tests.people import make_user
from tests.web.sockets import SocketBody


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@contextlib.contextmanager
def trickle(connection):
    """A byte every 10 ms, until the other side hangs up."""
    enough = threading.Event()

    def send():
        with contextlib.suppress(OSError):
            while not enough.wait(0.01):
                connection.sendall(b"x")

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        enough.set()
        sender.join()


def test_a_body_that_comes_is_read_to_its_end(ends):
    ours, theirs = ends
    theirs.sendall(b"some bytes, and the next request")
    body = SteadyBody(SocketBody(ours), 10, ours)
    assert [body.read(4), body.readline(2), body.read(), body.read(), body.read(4)] == [
        b"some",
        b" b",
        b"ytes",
        b"",
        b"",
    ]
    assert ours.gettimeout() is None


@pytest.mark.parametrize("end", ["silence", "close"])
def test_what_came_before_the_end_is_kept(ends, monkeypatch, end):
    monkeypatch.setattr(steady_body, "SILENCE_SECONDS", 0.05)
    ours, theirs = ends
    theirs.sendall(b"half")
    if end == "close":
        theirs.close()
    body = SteadyBody(SocketBody(ours), 8, ours)
    assert body.read(8) == b"half"
    with pytest.raises(BodyBrokenOffError):
        body.read(8)


def test_a_trickle_is_given_up_in_the_middle_of_a_block(ends, monkeypatch):
    monkeypatch.setattr(steady_body, "START_SECONDS", 0.2)
    ours, theirs = ends
    body = SteadyBody(SocketBody(ours), 1_000, ours)
    with trickle(theirs):
        arrived = body.read(1_000)
        with pytest.raises(BodyBrokenOffError):
            body.read(1_000)
    assert 0 < len(arrived) < 1_000


def test_a_steady_sender_has_the_time_its_bytes_take(ends, monkeypatch):
    monkeypatch.setattr(steady_body, "START_SECONDS", 0.05)
    monkeypatch.setattr(steady_body, "SLOWEST_BYTES_PER_SECOND", 20)
    ours, theirs = ends
    with trickle(theirs):
        assert SteadyBody(SocketBody(ours), 40, ours).read() == b"x" * 40


@pytest.mark.django_db
def test_half_a_form_is_nothing(script_client):
    script_client.force_login(make_user())
    script_client.get(reverse("upload"), headers={"Accept": "text/html"})
    token = script_client.cookies["csrftoken"].value
    song = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 400_000
    form = script_client._encode_data({"file": SimpleUploadedFile("song.wav", song)}, MULTIPART_CONTENT)
    cut = SteadyBody(io.BytesIO(form[:200_000]), len(form), None)
    answer = script_client.generic(
        "POST",
        reverse("upload_file"),
        b"",
        headers={"X-CSRFToken": token},
        CONTENT_TYPE=MULTIPART_CONTENT,
        CONTENT_LENGTH=str(len(form)),
        **{"wsgi.input": cut},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "broken_off")
    assert not Track.objects.exists()
    assert not [path for path in Path(configured.STORAGE.staging).iterdir() if path.name.startswith("upload-")]


@pytest.mark.parametrize("rest", ["trickle", "silence"])
def test_what_nobody_reads_is_not_waited_for_long(ends, monkeypatch, rest):
    monkeypatch.setattr(steady_body, "REST_SECONDS", 0.2)
    monkeypatch.setattr(steady_body, "SILENCE_SECONDS", 0.5)
    ours, theirs = ends
    environ = {"wsgi.input": SocketBody(ours), "CONTENT_LENGTH": "100000", "gunicorn.socket": ours}
    with trickle(theirs) if rest == "trickle" else contextlib.nullcontext():
        assert hold_bodies_to_pace(lambda _environ, _start: ["refused"])(environ, None) == ["refused"]
        assert ours.recv(1) == b""


def test_what_nobody_reads_is_taken_in_where_it_comes(ends):
    ours, theirs = ends
    theirs.sendall(b"x" * 100_000 + b"the next request")
    environ = {"wsgi.input": SocketBody(ours), "CONTENT_LENGTH": "100000", "gunicorn.socket": ours}
    hold_bodies_to_pace(lambda _environ, _start: ["refused"])(environ, None)
    assert ours.recv(100) == b"the next request"


@pytest.mark.parametrize(("announced", "is_held"), [("4", True), ("", False), (None, False), ("-1", False)])
def test_only_bodies_of_announced_size_are_held_to_a_pace(announced, is_held):
    seen = {}
    body = io.BytesIO(b"text")
    given = {"wsgi.input": body} if announced is None else {"wsgi.input": body, "CONTENT_LENGTH": announced}
    hold_bodies_to_pace(lambda environ, _: seen.update(environ, read=environ["wsgi.input"].read(-1)))(given, None)
    assert isinstance(seen["wsgi.input"], SteadyBody) is is_held
    assert seen["read"] == b"text"
