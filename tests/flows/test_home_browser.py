"""A listener's round in a real browser: a moment by link, a search by keys, what was heard and liked, and home."""

import pytest

from tests.flows.browsing import needs_chromium, row_of, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium

WAVEFORM = "document.querySelector('canvas').toDataURL()"


def bring(page, tmp_path, *seeds):
    page.set_input_files("#files", [make_song(tmp_path, "piano", seed) for seed in seeds])
    for seed in seeds:
        wait_for_state(page, f"piano {seed}", "ready")


def play_found(page, title):
    """Search by keys, which plays without leaving the page."""
    search = page.get_by_role("combobox")
    search.press_sequentially(title)
    sync_api.expect(page.get_by_role("option").first).to_contain_text(title)
    search.press("ArrowDown")
    search.press("Shift+Enter")
    sync_api.expect(page.locator(".player [data-title]")).to_have_text(title)


def test_a_search_by_keys_and_home(page, tmp_path):
    expect, search = sync_api.expect, page.get_by_role("combobox")
    bring(page, tmp_path, 73)
    play_found(page, "piano 73")
    expect(page.locator("#announcer")).to_contain_text("found")
    expect(page.get_by_role("heading", level=1)).to_have_text("Upload")
    search.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    search.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(search).to_have_value("piano 73")
    page.get_by_role("link", name="Soundalike").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")
    expect(page.locator("#fresh .card", has_text="piano 73").first).to_be_visible()
    expect(page.locator("#made h2").first).to_be_visible()
    expect(page.locator(".player [data-title]")).to_have_text("piano 73")


@pytest.mark.slow
def test_what_was_heard_and_liked(open_upload_page, tmp_path):
    page = open_upload_page(permissions=["clipboard-read", "clipboard-write"], timezone_id="Asia/Tokyo")
    expect = sync_api.expect
    bring(page, tmp_path, 71, 72)

    # A moment by link.
    track = row_of(page, "piano 71").get_by_role("link", name="piano 71", exact=True).get_attribute("href")
    page.goto(f"{track}?t=0:03")
    page.get_by_role("button", name="Copy link at 0:03").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"{track}?t=3")
    # What is painted has the colours of the theme at once.
    light = page.evaluate(WAVEFORM)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate(WAVEFORM) != light
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Like", exact=True).and_(page.locator("main button")).click()
    page.get_by_role("button", name="Play piano 71", exact=True).click()
    wait_until_elapsed(page, 6)
    play_found(page, "piano 72")
    expect(page.get_by_role("heading", level=1)).to_have_text("piano 71")

    # What was heard, and how it is forgotten.
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("link", name="History").click()
    heard = page.locator("main ol .row", has_text="piano 71")
    expect(heard.first).to_contain_text("Skipped")
    before = heard.count()
    heard.first.locator("[data-confirm-delete]").click()
    page.get_by_role("button", name="Forget it").click()
    expect(heard).to_have_count(before - 1)
    assert page.evaluate("document.activeElement !== document.body")

    # What is liked, and no longer liked, with the sound going on all the while.
    page.get_by_role("link", name="Liked", exact=True).click()
    liked = page.locator("#liked .row", has_text="piano 71")
    expect(liked.first).to_be_visible()
    before = liked.count()
    liked.first.get_by_role("button", name="No longer like").click()
    expect(liked).to_have_count(before - 1)
    wait_until_elapsed(page, 3)
