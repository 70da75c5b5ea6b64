"""Uploads by an independent client of the protocol, tuspy, and over connections that break."""

import contextlib
import hashlib
import io
import os
import random
import signal
import time

import pytest
from django.urls import reverse
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from recommender.ingest.part_files import is_held
from tests.flows.music import make_song, wait_until_ready
from tests.flows.tus import HEADERS, begin, go_on, look, make_wav, offset, open_patch, reset
from tests.stack import wait_until


@pytest.fixture(scope="module")
def browser(stack):
    return stack.open_browser()


@pytest.fixture
def client(browser):
    cookies = {cookie.name: cookie.value for cookie in browser.cookies}
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
        "Referer": browser.address,
    }
    return TusClient(browser.address + reverse("tus_uploads"), headers=headers)


def part_of(stack, path):
    return stack.home / "media" / "staging" / f"upload-{path.rsplit('/', 1)[1]}.part"


def stored(stack, content):
    sha256 = hashlib.sha256(content).hexdigest()
    path = stack.home / "media" / "audio" / sha256[:2] / sha256[2:4] / sha256
    return path.read_bytes() if path.exists() else None


def track_of(browser, path):
    return int(look(browser, path).headers["Soundalike-Track"])


def test_a_song_in_pieces_with_checksums_becomes_ready(stack, browser, client, tmp_path):
    song = make_song(tmp_path, "rock", 900)
    said = {"filename": song.name}
    with song.open("rb") as opened:
        sender = client.uploader(file_stream=opened, chunk_size=50_000, metadata=said, upload_checksum=True)
        sender.upload()
    assert stored(stack, song.read_bytes()) == song.read_bytes()
    wait_until_ready(browser, [track_of(browser, sender.url.removeprefix(browser.address))])


def test_another_client_goes_on_in_the_middle(stack, browser, client):
    content = make_wav(300_000, 901)
    first = client.uploader(file_stream=io.BytesIO(content), chunk_size=70_000, metadata={"filename": "noise.wav"})
    first.upload(stop_at=100_000)
    path = first.url.removeprefix(browser.address)
    assert offset(browser, path) == first.offset == 100_000
    second = client.uploader(file_stream=io.BytesIO(content), url=first.url)
    assert second.offset == 100_000
    second.upload()
    assert stored(stack, content) == content


def test_a_wrong_checksum_is_refused_and_changes_nothing(browser, client, monkeypatch):
    content = make_wav(100_000, 902)
    sender = client.uploader(file_stream=io.BytesIO(content), chunk_size=40_000, upload_checksum=True)
    sender.upload_chunk()
    with monkeypatch.context() as patched:
        patched.setattr("tusclient.uploader.baseuploader.BaseUploader.checksum_algorithm", hashlib.sha256)
        with pytest.raises(TusUploadFailed) as caught:
            sender.upload_chunk()
    assert caught.value.status_code == 460
    assert sender.get_offset() == 40_000
    assert browser.request("DELETE", sender.url.removeprefix(browser.address), headers=HEADERS).status == 204
    with pytest.raises(TusCommunicationError):
        sender.get_offset()


def send_and_cut(browser, path, part, content, length, *, by_reset):
    arrived = part.stat().st_size
    with open_patch(browser, path, arrived, len(content) - arrived) as connection:
        connection.sendall(content[arrived : arrived + length])
        wait_until(lambda: is_held(part), every=0.005)
        if by_reset:
            reset(connection)


def test_cut_connections(stack, browser):
    """Each is cut at a random byte, every fifth by a reset; what had arrived counts, and not one byte else."""
    chance, content = random.Random(4), make_wav(2_000_000, 903)
    path = begin(browser, content)
    part, arrived = part_of(stack, path), 0
    part.touch()
    for number in range(30):
        length, by_reset = chance.choice([0, 1, 100, 10_000, chance.randrange(40_000)]), number % 5 == 4
        send_and_cut(browser, path, part, content, length, by_reset=by_reset)
        sent, least = arrived + length, arrived if by_reset else arrived + length
        wait_until(lambda least=least: part.stat().st_size >= least and not is_held(part), every=0.01)
        arrived = offset(browser, path)
        assert least <= arrived <= sent
    assert part.read_bytes() == content[:arrived]
    assert stored(stack, content) is None
    assert go_on(browser, path, content).headers["Upload-Offset"] == str(len(content))
    assert stored(stack, content) == content
    assert not part.exists()


@pytest.mark.chaos
def test_a_connection_that_falls_silent_holds_nobody_up_for_long(stack, browser):
    content = make_wav(500_000, 904)
    path = begin(browser, content)
    with open_patch(browser, path, 0, len(content)) as silent:
        silent.sendall(content[:300_000])
        wait_until(lambda: offset(browser, path) > 0)
        # It is still held: this one waits, and may have to learn that the other had sent a little more.
        go_on(browser, path, content)
    assert stored(stack, content) == content


@pytest.mark.chaos
def test_a_trickle_is_ended_and_keeps_nobody_waiting(stack, browser):
    content = make_wav(30_000, 906)
    path = begin(browser, content)
    with open_patch(browser, path, 0, len(content)) as connection:
        connection.settimeout(0.1)
        answer, sent = b"", 0
        while not answer and sent < 600:
            connection.sendall(content[sent : sent + 1])
            sent += 1
            assert browser.get(reverse("library")).status == 200
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(1000)
        assert answer.startswith(b"HTTP/1.1 503")
    assert 0 < offset(browser, path) <= sent
    go_on(browser, path, content)
    assert stored(stack, content) == content


@pytest.mark.chaos
@pytest.mark.parametrize("delay_seconds", [0, 0.005, 0.02])
def test_a_web_server_killed_around_the_last_byte(stack, browser, delay_seconds):
    """Whole or absent: afterwards the upload goes on where it was, or has its track, and there is one of it."""
    content = make_wav(3_000_000, 905 + int(delay_seconds * 1000))
    path = begin(browser, content)
    with open_patch(browser, path, 0, len(content)) as connection:
        connection.sendall(content)
        time.sleep(delay_seconds)
        for pid in stack.pool_pids("web"):
            os.kill(pid, signal.SIGKILL)
    wait_until(stack.is_ready)
    assert stored(stack, content) in (None, content)
    answer = go_on(browser, path, content)
    assert stored(stack, content) == content
    assert answer.headers["Soundalike-Track"] == str(track_of(browser, path))


@pytest.mark.chaos
@pytest.mark.parametrize("share", [0.01, 0.7])
def test_a_web_server_killed_in_the_middle(stack, browser, share):
    content = make_wav(3_000_000, 950 + int(share * 100))
    path = begin(browser, content)
    sent = int(share * len(content))
    with open_patch(browser, path, 0, len(content)) as connection:
        connection.sendall(content[:sent])
        wait_until(lambda: part_of(stack, path).exists() and part_of(stack, path).stat().st_size > sent - 300_000)
        for pid in stack.pool_pids("web"):
            os.kill(pid, signal.SIGKILL)
    wait_until(stack.is_ready)
    arrived = offset(browser, path)
    assert 0 <= arrived <= sent
    assert part_of(stack, path).read_bytes() == content[:arrived]
    assert stored(stack, content) is None
    go_on(browser, path, content)
    assert stored(stack, content) == content
