"""Suggestions in a real browser: a file without a genre gets that of those it sounds like, and loses it again."""

import pytest
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from tests.flows.browsing import PATIENCE_MS, needs_chromium, wait_for_state

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]
RATE_HZ, SECONDS = 22_050, 12
GENRE, BARE = "Lantern music", "A lantern unlit"


def make_music(folder):
    """Four of one kind that have its genre, and one that has none."""
    for number, title in enumerate([*(f"Lantern {number}" for number in range(4)), BARE]):
        tags = {"title": title, "artist": f"Lamp {number}", **({"genre": GENRE} if title != BARE else {})}
        path = folder / f"{number}.mp3"
        yield write_audio(path, synthesise("flute", 90 + number, SECONDS, RATE_HZ), RATE_HZ, container="mp3", tags=tags)


def test_suggested_heard_accepted_and_taken_back(page, tmp_path):
    page.set_input_files("#files", list(make_music(tmp_path)))
    for title in ("Lantern 0", "Lantern 3", BARE):
        wait_for_state(page, title, "ready")
    row = page.locator("main li", has_text=BARE).filter(has_text=GENRE)
    _open_until_there(page, row)
    sync_api.expect(row).to_contain_text("that sound like it: Lantern")
    row.locator("[data-play]").click()
    page.wait_for_function("() => document.querySelector('.player').textContent.includes('lantern unlit')")

    row.get_by_role("button", name="Accept").click()
    notice = page.locator(".notice", has_text="1 track was described.")
    notice.wait_for()
    sync_api.expect(row).to_have_count(0)
    notice.get_by_role("button", name="Undo").click()
    page.locator(".notice", has_text="Taken back.").wait_for()
    sync_api.expect(row).to_have_count(1)

    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Dismiss what is ticked").click()
    page.locator(".notice", has_text="1 suggestion was declined.").wait_for()
    sync_api.expect(row).to_have_count(0)
    page.goto(reverse("desk_suggestions"))
    sync_api.expect(row).to_have_count(0)


def _open_until_there(page, row):
    """The index answers for new tracks within a few seconds."""
    for _attempt in range(round(PATIENCE_MS / 1000)):
        page.goto(reverse("desk_suggestions"))
        if row.count():
            return
        page.wait_for_timeout(1000)
    pytest.fail("nothing was suggested")
