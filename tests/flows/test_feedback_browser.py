"""What a listener says and skips, in a real browser: it is kept, it moves the list, and it is taken back."""

import pytest

from tests.flows.browsing import needs_chromium, row_of, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]


def test_what_is_said_and_skipped_is_kept_and_taken_back(page, tmp_path):
    page.set_input_files("#files", [make_song(tmp_path, "piano", seed) for seed in (71, 72)])
    for title in ("piano 71", "piano 72"):
        wait_for_state(page, title, "ready")
    row_of(page, "piano 71").get_by_role("link", name="piano 71", exact=True).click()
    page.get_by_role("button", name="Play piano 71", exact=True).click()
    wait_until_elapsed(page, 3)
    similar = page.locator("#similar .row", has_text="piano 72")
    with page.expect_response(lambda answer: answer.url.endswith("/play")) as told:
        similar.locator(".play").click()
    assert told.value.status == 204

    similar.locator("summary").click()
    similar.get_by_role("button", name="Not similar", exact=True).click()
    sync_api.expect(similar).to_have_count(0)
    # The page was not loaded anew: the sound goes on.
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 72")
    page.get_by_role("link", name="Your feedback").first.click()
    for kind, title in (("Not similar", "piano 72"), ("Skipped", "piano 71")):
        page.get_by_role("link", name=kind, exact=True).click()
        row = page.locator("main .row", has_text=title).first
        address = row.locator("form").get_attribute("action")
        row.get_by_role("button", name="Undo").click()
        sync_api.expect(page.locator(f"form[action='{address}']")).to_have_count(0)
