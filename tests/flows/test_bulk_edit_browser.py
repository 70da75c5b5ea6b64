"""Many tracks edited in a real browser: the library is narrowed, what would change is seen, done, and taken back."""

import pytest
from django.urls import reverse

from tests.flows.browsing import needs_chromium, wait_for_state
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]


def test_narrowed_said_seen_done_and_taken_back(page, tmp_path):
    page.set_input_files("#files", [make_song(tmp_path, "piano", seed) for seed in (91, 92)])
    for title in ("piano 91", "piano 92"):
        wait_for_state(page, title, "ready")
    page.goto(reverse("library") + "?q=piano+9&sort=title")
    page.get_by_role("link", name="Edit these 2 tracks").click()

    genres = page.get_by_role("group", name="Genres")
    sync_api.expect(genres.get_by_role("textbox")).to_be_hidden()
    genres.get_by_role("combobox").select_option("Add")
    genres.get_by_role("textbox").fill("Nocturne")
    page.get_by_role("group", name="Track").get_by_role("combobox").select_option("number")
    page.get_by_role("group", name="Track").get_by_role("spinbutton").fill("7")
    page.get_by_label("Find", exact=True).fill("piano")
    page.get_by_label("Replace with").fill("Klavier")
    page.get_by_role("button", name="See what would change").click()
    sync_api.expect(page.locator("h1")).to_have_text("2 of 2 tracks would change")
    sync_api.expect(page.locator("main li.row").nth(1)).to_contain_text("Title: piano 92 → Klavier 92")
    sync_api.expect(page.locator("main li.row").nth(1)).to_contain_text("Track: 8")

    page.get_by_role("button", name="Back to the form").click()
    sync_api.expect(genres.get_by_role("textbox")).to_have_value("Nocturne")
    page.get_by_label("Replace with").fill("Flügel")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Change 2 tracks").click()
    notice = page.locator(".notice", has_text="2 tracks were described.")
    notice.wait_for()
    page.goto(reverse("library") + "?q=Fl%C3%BCgel")
    sync_api.expect(page.locator("main")).to_contain_text("Flügel 92")
    page.goto(reverse("desk_acts"))
    page.locator("main li.row").first.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Take it back").click()
    page.locator(".notice", has_text="Taken back.").wait_for()
    page.goto(reverse("library") + "?q=piano+9")
    sync_api.expect(page.locator("main")).to_contain_text("piano 92")
