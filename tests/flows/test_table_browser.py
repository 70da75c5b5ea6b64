"""What is said of tracks, taken along as a table, changed there, brought back, done and undone in a real browser."""

import csv

import pytest
from django.urls import reverse

from tests.flows.browsing import PATIENCE_MS, needs_chromium, wait_for_state
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium


def change_cells(path, changed, title, **cells):
    """Of the row with this title alone: the search finds what is spelt alike, too."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with changed.open("w", encoding="utf-8", newline="") as handle:
        written = csv.DictWriter(handle, rows[0].keys(), delimiter=";")
        written.writeheader()
        written.writerows({**row, **cells} for row in rows if row["title"] == title)
    return changed


def test_two_cells_are_changed_in_a_spreadsheet(page, tmp_path):
    page.set_input_files("#files", make_song(tmp_path, "flute", 871))
    wait_for_state(page, "flute 871", "ready")
    page.goto(f"{reverse('library')}?q=flute+871&mine=1")
    page.get_by_role("link", name="As a table").click()
    page.get_by_role("heading", name="As a table").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    changed = change_cells(download.value.path(), tmp_path / "mine.csv", "flute 871", genres="=Strings", year="1789")
    page.set_input_files("#table-file", changed)
    page.get_by_role("button", name="See what would change").click()
    shown = page.locator("main .row").first
    sync_api.expect(shown).to_contain_text("=Strings", timeout=PATIENCE_MS)
    sync_api.expect(shown).to_contain_text("Year: 1789")
    page.get_by_role("button", name="Change 1 track").click()
    notices = page.locator(".notices")
    sync_api.expect(notices).to_contain_text("1 track was described.")
    notices.get_by_role("button", name="Undo").click()
    sync_api.expect(notices).to_contain_text("Taken back.")
    page.goto(f"{reverse('library')}?q=flute+871&mine=1")
    sync_api.expect(page.locator("main .card-title", has_text="flute 871")).to_be_visible()
