"""Twenty uploads at once: what they cost the web server in memory, and how near they come to the disk's own speed."""

import base64
import hashlib
import http.client
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flows.tus import BYTES, begin, make_wav
from tests.servers import choose_port, run_server
from tests.stack import ADMIN_NAME, ADMIN_PASSWORD, ROOT, Browser

UPLOADS, PIECE_BYTES, PIECES = 20, 8 * 1024 * 1024, 12
FILE_BYTES = PIECE_BYTES * PIECES
MIB = 1024 * 1024


@pytest.fixture
def web_server(tmp_path):
    """The web server alone, as `up` starts it: nothing is analysed. Its address, its process and its home."""
    port, home = choose_port(), tmp_path / "home"
    given = {"SOUNDALIKE_HOME": str(home), "SOUNDALIKE_ADMIN_PASSWORD": ADMIN_PASSWORD, "DATABASE_URL": ""}
    environment = [f"{name}={value}" for name, value in given.items()]
    subprocess.run(["env", *environment, sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "recommender/operations/web_server.py"]
    command = ["env", "-C", str(ROOT), *environment, *gunicorn, "--bind", f"127.0.0.1:{port}", "recommender.wsgi"]
    with run_server(command, port, tmp_path / "web.log") as process:
        yield f"http://127.0.0.1:{port}", process.pid, home


class MemoryWatch(threading.Thread):
    """Samples what the workers of a server hold: private and shared pages, in bytes."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        self.ended = threading.Event()
        self.peak = 0

    def measure(self):
        told = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids]
        return sum(int(status.split("VmRSS:")[1].split()[0]) * 1024 for status in told)

    def run(self):
        while not self.ended.wait(0.1):
            self.peak = max(self.peak, self.measure())


def write_raw(folder, piece):
    """Bytes a second of the same amount, written by one process and synced."""
    began, path = time.perf_counter(), folder / "raw"
    with path.open("wb", buffering=0) as raw:
        for _ in range(UPLOADS * PIECES):
            raw.write(piece)
        os.fsync(raw.fileno())
    path.unlink()
    return UPLOADS * FILE_BYTES / (time.perf_counter() - began)


def send(browser, path, pieces):
    """One upload in pieces with checksums, as the browser sends it; the id of its track."""
    for number, (piece, checksum) in enumerate(pieces):
        place = {"Upload-Offset": str(number * PIECE_BYTES), "Upload-Checksum": f"sha256 {checksum}"}
        track = patch(browser, path, piece, place)
    return track


def send_at_once(browser, path, pieces):
    return patch(
        browser, path, (piece for piece, _ in pieces), {"Upload-Offset": "0", "Content-Length": str(FILE_BYTES)}
    )


def patch(browser, path, body, place):
    address = urlsplit(browser.address)
    cookies = {cookie.name: cookie.value for cookie in browser.cookies}
    common = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), "X-CSRFToken": cookies["csrftoken"], **BYTES}
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    connection.request("PATCH", path, body, {**common, **place})
    answer = connection.getresponse()
    assert answer.status == 204, answer.read()
    connection.close()
    return answer.headers["Soundalike-Track"]


def with_checksum(piece):
    return piece, base64.b64encode(hashlib.sha256(piece).digest()).decode()


@pytest.mark.load
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", [send, send_at_once], ids=["in pieces", "at once"])
def test_twenty_uploads_at_once(web_server, way, capsys):
    address, pid, home = web_server
    browser = Browser(address)
    browser.sign_in(ADMIN_NAME, ADMIN_PASSWORD)
    rest = [with_checksum(make_wav(PIECE_BYTES, number)) for number in range(1, PIECES)]
    files = [[with_checksum(make_wav(PIECE_BYTES, 100 + number)), *rest] for number in range(UPLOADS)]
    warm = make_wav(1000, 1)
    send(browser, begin(browser, warm), [with_checksum(warm)])
    paths = [begin(browser, b"".join(piece for piece, _ in pieces)) for pieces in files]
    raw = write_raw(home, rest[0][0])
    watch = MemoryWatch(pid)
    before = watch.measure()
    watch.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(UPLOADS) as pool:
        tracks = set(pool.map(way, [browser] * UPLOADS, paths, files))
    rate = UPLOADS * FILE_BYTES / (time.perf_counter() - began)
    watch.ended.set()
    assert len(tracks) == UPLOADS
    with capsys.disabled():
        grown = (watch.peak - before) / MIB
        print(f"\n{UPLOADS} uploads of {FILE_BYTES / MIB:.0f} MiB at the same time, {way.__name__}")
        print(f"web server: {before / MIB:.0f} MiB before, {watch.peak / MIB:.0f} MiB at most (+{grown:.0f})")
        print(f"{rate / MIB:.0f} MiB/s to the track; raw writing {raw / MIB:.0f} MiB/s (x {rate / raw:.2f})")
