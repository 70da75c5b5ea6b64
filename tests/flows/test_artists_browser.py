"""An artist written in two ways, in a real browser: suggested, merged, found at the old address, and taken back."""

import pytest

from embeddings.synthesis import synthesise, write_audio
from tests.flows.browsing import needs_chromium, wait_for_state

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]


def make_song(folder, title, artist, seed):
    path = folder / f"{seed}.mp3"
    tags = {"title": title, "artist": artist}
    return write_audio(path, synthesise("piano", seed, 12), 44_100, container="mp3", tags=tags)


def test_from_the_suggestion_to_the_undo(page, tmp_path):
    names = {"Ebb": "The Tidal Clocks", "Flow": "Tidal Clocks"}
    page.set_input_files("#files", [make_song(tmp_path, *said, 91 + n) for n, said in enumerate(names.items())])
    for title in names:
        wait_for_state(page, title, "ready")
    page.goto("/desk/artists/")
    found = page.locator("main li", has_text="The Tidal Clocks")
    sync_api.expect(found).to_contain_text("The same but for signs and articles")
    found.get_by_role("link", name="Tidal Clocks", exact=True).click()
    old = page.get_by_role("link", name="Their page").get_attribute("href")
    page.go_back()
    found.get_by_role("link", name="Merge").click()
    page.get_by_role("radio", name="The Tidal Clocks").check()
    page.get_by_role("button", name="Merge", exact=True).click()
    notice = page.locator(".notice", has_text="1 artist was merged into “The Tidal Clocks”.")
    notice.wait_for()

    page.evaluate("address => location.assign(address)", old)
    sync_api.expect(page.locator("main h1")).to_have_text("The Tidal Clocks")
    sync_api.expect(page.locator("main")).to_contain_text("also known as Tidal Clocks")
    for title in names:
        sync_api.expect(page.locator("main .row", has_text=title)).to_be_visible()

    page.goto("/desk/acts/?verb=join")
    page.get_by_role("link", name="Undo").first.click()
    page.get_by_role("button", name="Take it back").click()
    page.locator(".notice", has_text="Taken back.").wait_for()
    page.goto(old)
    sync_api.expect(page.locator("main h1")).to_have_text("Tidal Clocks")
    sync_api.expect(page.locator("main .row", has_text="Ebb")).to_have_count(0)
