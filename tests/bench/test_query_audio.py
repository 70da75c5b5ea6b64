"""How long an answer to a recording takes while nothing else is done, and while an import keeps the workers busy."""

import json
import statistics
import time

import pytest
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from tests.flows.music import make_song, states, upload, wait_until_ready
from tests.stack import Browser, Stack

ASKED, SONGS = 15, 10


def ask(browser: Browser, recording: bytes) -> float:
    """Seconds from sending it to the answer, which is looked for all the time."""
    began = time.perf_counter()
    sent = browser.upload(reverse("ask_sound"), "recording.webm", recording)
    assert sent.status == 202, sent.text
    address = json.loads(sent.text)["answer_url"]
    while (answer := browser.get(address, Accept="application/json")).status == 202:
        time.sleep(0.02)
    assert answer.status == 200, answer.text
    return time.perf_counter() - began


def measure(browser: Browser, recording: bytes) -> tuple[float, float]:
    """The median and the longest."""
    seconds = [ask(browser, recording) for _ in range(ASKED)]
    return statistics.median(seconds), max(seconds)


@pytest.mark.bench
def test_an_import_holds_up_nobody_who_asks(stack: Stack, tmp_path):
    path = tmp_path / "recording.webm"
    recording = write_audio(path, synthesise("rock", 1, 5, 48_000), 48_000, container="webm").read_bytes()
    browser = stack.open_browser()
    wait_until_ready(browser, [upload(browser, make_song(tmp_path, "piano", 0))])
    ask(browser, recording)
    alone, longest_alone = measure(browser, recording)
    songs = [make_song(tmp_path, "rock", seed, seconds=180) for seed in range(SONGS)]
    ids = [upload(browser, song) for song in songs]
    busy, longest_busy = measure(browser, recording)
    left = sum(state not in ("ready", "failed") for state in states(browser, ids).values())
    wait_until_ready(browser, ids, seconds=200)
    print(f"\nanswer to 5 s of sound: {alone:.2f} s (at most {longest_alone:.2f})")
    print(f"during an import: {busy:.2f} s (at most {longest_busy:.2f}), {busy / alone:.1f} times that")
    print(f"tracks that were still to be analysed then: {left} of {len(ids)}")
