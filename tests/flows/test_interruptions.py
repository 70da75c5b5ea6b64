"""Parts die in the middle of the work. Nothing that was accepted may be lost, and nobody has to do anything."""

import os
import signal

import pytest
from django.urls import reverse
from redis import Redis

from tests.flows.music import make_song, states, upload, wait_until_ready
from tests.stack import wait_until

pytestmark = pytest.mark.chaos


@pytest.fixture
def browser(stack):
    return stack.open_browser()


def broker(stack) -> Redis:
    port = next(line.split()[1] for line in ports(stack) if line.startswith("redis"))
    return Redis(port=int(port))


def ports(stack):
    command = (stack.home / "run" / "supervisord.conf").read_text()
    for line in command.splitlines():
        if line.startswith("command") and "redis-server" in line and "--port" in line:
            yield "redis " + line.split("--port")[1].split()[0]


def upload_some(browser, folder, style, count, first=0):
    return [upload(browser, make_song(folder, style, first + number)) for number in range(count)]


def test_a_worker_killed_in_the_middle_of_a_track(stack, browser, tmp_path):
    ids = upload_some(browser, tmp_path, "rock", 4, first=100)
    killed = 0
    while killed < 3 and set(states(browser, ids).values()) != {"ready"}:
        if "analysing" in states(browser, ids).values():
            for pid in stack.pool_pids("worker-analysis"):
                os.kill(pid, signal.SIGKILL)
                killed += 1
            wait_until(lambda: stack.pool_pids("worker-analysis"))
    assert killed
    wait_until_ready(browser, ids)


def test_the_vector_index_away_for_a_while(stack, browser, tmp_path):
    (before,) = upload_some(browser, tmp_path, "ambient", 1, first=200)
    wait_until_ready(browser, [before])
    stack.stop_program("milvus")
    try:
        ids = upload_some(browser, tmp_path, "ambient", 2, first=201)
        page = browser.get(reverse("track", args=[before]))
        assert page.status == 200
        assert "data-degraded" in page.text
        assert browser.get(reverse("library")).status == 200
        assert browser.get("/readyz").status == 503
        wait_until(lambda: set(states(browser, ids).values()) == {"indexing"}, 60)
        assert browser.get(reverse("track_audio", args=[ids[0]])).status == 200
    finally:
        stack.start_program("milvus")
    wait_until_ready(browser, [before, *ids])


def test_the_queue_flushed_with_work_in_it(stack, browser, tmp_path):
    stack.stop_program("worker-analysis")
    try:
        ids = upload_some(browser, tmp_path, "chiptune", 3, first=300)
        broker(stack).flushall()
    finally:
        stack.start_program("worker-analysis")
    wait_until_ready(browser, ids)


def test_uploads_go_on_without_the_broker(stack, browser, tmp_path):
    stack.stop_program("redis")
    try:
        ids = upload_some(browser, tmp_path, "techno", 2, first=400)
        assert browser.get(reverse("track", args=[ids[0]])).status == 200
    finally:
        stack.start_program("redis")
    wait_until_ready(browser, ids)


def test_the_whole_worker_killed(stack, browser, tmp_path):
    """Slower: the broker keeps the message of a dead worker, so that the lease in SQL has to run out first."""
    ids = upload_some(browser, tmp_path, "piano", 4, first=500)
    wait_until(lambda: "analysing" in states(browser, ids).values())
    stack.kill("worker-analysis")
    wait_until_ready(browser, ids, seconds=180)


def test_a_wiped_vector_index_is_filled_again(stack, browser, tmp_path):
    ids = upload_some(browser, tmp_path, "flute", 3, first=600)
    wait_until_ready(browser, ids)
    stack.stop_program("milvus")
    for path in sorted((stack.home / "milvus").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    stack.start_program("milvus")
    wait_until(lambda: "flute 601" in browser.get(reverse("track", args=[ids[0]])).text, 120)
