"""Duplicates in a real browser: a FLAC and its MP3 that lacks the start are found, heard in turn, merged, and split."""

import pytest

from embeddings.synthesis import synthesise, write_audio
from tests.flows.browsing import PATIENCE_MS, needs_chromium, wait_for_state

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]
RATE_HZ, SECONDS, CUT_SECONDS = 44_100, 30, 5
# Every element that was ever told to play, in that order.
HEARD = """
  window.heard = [];
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () { heard.push(this); return play.call(this); };
"""


def make_versions(folder):
    samples = synthesise("piano", 81, SECONDS)
    cut = samples[:, CUT_SECONDS * RATE_HZ :]
    whole = {"title": "Harbour Lights", "artist": "The pianos"}
    return [
        write_audio(folder / "whole.flac", samples, RATE_HZ, container="flac", tags=whole),
        write_audio(folder / "cut.mp3", cut, RATE_HZ, container="mp3", tags={"title": "01 harbour"}, bit_rate=128_000),
    ]


def test_found_heard_merged_and_split_again(page, tmp_path):
    page.add_init_script(HEARD)
    page.set_input_files("#files", make_versions(tmp_path))
    for title in ("Harbour Lights", "01 harbour"):
        wait_for_state(page, title, "ready")
    _wait_for_group(page)
    page.locator("main li.shelf", has_text="Harbour Lights").get_by_role("link", name="Compare").click()
    sync_api.expect(page.locator("main")).to_contain_text("since it is lossless")

    page.keyboard.press("Space")
    page.wait_for_function("() => window.heard.at(-1)?.currentTime > 7", timeout=PATIENCE_MS)
    page.keyboard.press("2")
    page.wait_for_function("() => window.heard.length > 1 && !window.heard.at(-1).paused")
    begun, went_on = page.evaluate("() => [window.heard.at(-1).currentTime, window.heard[0].currentTime]")
    assert begun == pytest.approx(went_on - CUT_SECONDS, abs=1.0)
    page.keyboard.press("Space")
    page.wait_for_function("() => window.heard.every((audio) => audio.paused)")

    kept, old = (page.locator("thead a").nth(place).get_attribute("href") for place in (0, 1))
    page.get_by_role("button", name="Merge", exact=True).click()
    notice = page.locator(".notice", has_text="1 track was merged into “Harbour Lights”.")
    notice.wait_for()
    assert page.request.get(old).url.endswith(kept)
    notice.get_by_role("button", name="Undo").click()
    page.locator(".notice", has_text="Taken back.").wait_for()
    assert page.request.get(old).url.endswith(old)
    page.goto("/desk/duplicates/")
    sync_api.expect(page.locator("main li.shelf", has_text="Harbour Lights")).to_contain_text("01 harbour")


def _wait_for_group(page):
    """Fingerprints are compared when nothing more urgent waits."""
    for _ in range(60):
        page.goto("/desk/duplicates/")
        if page.locator("main li.shelf", has_text="Harbour Lights").count():
            return
        page.wait_for_timeout(1000)
    pytest.fail("the two files were not found to be one recording")
