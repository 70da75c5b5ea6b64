"""Uploads that wait for review, in a real browser: heard, judged by keys, sent back and handed in again."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from tests.flows.browsing import PATIENCE_MS, needs_chromium, row_of, sign_in, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song
from tests.stack import run_stack

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]

REVIEW = reverse("desk_review")


@pytest.fixture
def reviewed(tmp_path):
    """A Soundalike where uploads wait for review."""
    with run_stack(tmp_path / "home", {"SOUNDALIKE_REVIEW_UPLOADS": "true"}) as stack:
        yield stack


def make_uploader(stack):
    """As an administrator makes one. The same stack, with that name to sign in by."""
    browser = stack.open_browser()
    browser.get(reverse("admin:index"))
    password = "a-song-for-everybody"
    given = {"username": "anna", "usable_password": "true", "password1": password, "password2": password}
    page = browser.post(reverse("admin:accounts_user_add"), given)
    number = re.search(r"/user/(\d+)/change/", page.text)[1]
    group = re.search(r'<option value="(\d+)"[^>]*>uploader<', page.text)[1]
    answer = browser.post(
        reverse("admin:accounts_user_change", args=[number]), {"username": "anna", "is_active": "on", "groups": group}
    )
    assert answer.status == 200, answer.text
    return replace(stack, admin_name="anna", admin_password=password)


def open_page(browser, stack, address):
    page = browser.new_context(base_url=stack.address).new_page()
    sign_in(page, stack, address)
    return page


def expect_shown(page, title):
    """And that its keys work."""
    sync_api.expect(page.locator("#review-title")).to_have_text(title, timeout=PATIENCE_MS)
    page.locator("button[aria-keyshortcuts=a]").wait_for()


def test_songs_are_judged_by_keys(browser, reviewed, tmp_path):
    uploads = open_page(browser, make_uploader(reviewed), reverse("upload"))
    songs = [make_song(tmp_path, "piano", seed) for seed in range(1, 5)]
    for number, song in enumerate(songs, 1):
        uploads.set_input_files("#files", song)
        wait_for_state(uploads, f"piano {number}", "ready")
    sync_api.expect(row_of(uploads, "piano 1")).to_contain_text("Waiting for review")

    page = open_page(browser, reviewed, REVIEW)
    expect_shown(page, "piano 1")
    page.keyboard.press("Space")
    wait_until_elapsed(page, 1)
    page.keyboard.press("j")
    expect_shown(page, "piano 2")
    page.keyboard.press("k")
    expect_shown(page, "piano 1")
    page.keyboard.press("a")
    expect_shown(page, "piano 2")
    # The page was not loaded anew: the sound goes on, and the next song comes by the same key.
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 1")
    page.keyboard.press("Space")
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 2")
    page.keyboard.press("c")
    # Letters are letters now.
    page.keyboard.type("jar: say the year")
    page.keyboard.press("Enter")
    expect_shown(page, "piano 3")
    page.keyboard.press("r")
    page.keyboard.type("Not music")
    page.keyboard.press("Enter")
    expect_shown(page, "piano 4")
    page.locator(".notices").get_by_role("button", name="Undo").click()
    expect_shown(page, "piano 4")
    page.keyboard.press("k")
    expect_shown(page, "piano 3")

    uploads.reload()
    sync_api.expect(row_of(uploads, "piano 2")).to_contain_text("Changes are asked for: jar: say the year")
    sync_api.expect(row_of(uploads, "piano 1")).not_to_contain_text("Waiting")
    uploads.get_by_role("link", name="piano 2", exact=True).click()
    uploads.get_by_role("button", name="Submit for review").click()
    sync_api.expect(uploads.locator(".notices")).to_contain_text("1 track waits for review.")

    page.get_by_label("Choose piano 3").check()
    page.get_by_label("Choose piano 4").check()
    page.locator("#review-queue").get_by_role("button", name="Approve").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("2 tracks were approved.")
    expect_shown(page, "piano 2")
