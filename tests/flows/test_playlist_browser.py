"""A playlist in a real browser: made, filled from a dialog, put into another order by keys, and played."""

import pytest

from tests.flows.browsing import needs_chromium, row_of, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]


def test_a_playlist_is_made_ordered_and_played(page, tmp_path):
    page.set_input_files("#files", [make_song(tmp_path, "piano", seed) for seed in (71, 72)])
    for title in ("piano 71", "piano 72"):
        wait_for_state(page, title, "ready")
    row_of(page, "piano 71").get_by_role("link", name="piano 71", exact=True).click()
    page.get_by_role("link", name="Add to playlist", exact=True).click()
    dialog = page.get_by_role("dialog", name="Add to a playlist")
    dialog.get_by_label("Name of a new playlist").fill("In the evening")
    dialog.get_by_role("button", name="Create").click()
    sync_api.expect(dialog.get_by_role("status")).to_have_text("Added to “In the evening”.")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Playlists", exact=True).first.click()
    page.get_by_role("link", name="In the evening").click()
    rows = page.locator("#playlist-entries > li")
    sync_api.expect(rows).to_have_count(1)
    # Other flows fill the same catalog: which one it is does not matter.
    suggested = page.locator("#suggestions .row").first
    title = suggested.locator(".names a").inner_text()
    suggested.get_by_role("button", name=f"Add {title}", exact=True).press("Enter")
    sync_api.expect(rows).to_have_count(2)
    sync_api.expect(rows.nth(1)).to_contain_text(title)

    rows.nth(1).get_by_role("link", name=title, exact=True).focus()
    with page.expect_response(lambda answer: "/entries/" in answer.url) as told:
        page.keyboard.press("Alt+ArrowUp")
    assert told.value.status == 204
    sync_api.expect(rows.nth(0).get_by_role("link", name=title, exact=True)).to_be_focused()
    page.reload()
    sync_api.expect(rows.nth(0)).to_contain_text(title)
    page.get_by_role("button", name="Play", exact=True).first.click()
    sync_api.expect(page.locator(".player [data-title]").first).to_have_text(title)
    wait_until_elapsed(page, 1)
