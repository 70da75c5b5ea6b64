"""Pipeline health in a real browser: workers that answer, and a page that shows what another changes."""

import pytest
from django.urls import reverse

from tests.flows.browsing import PATIENCE_MS, needs_chromium

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]


def test_the_analysis_is_paused_before_the_eyes_of_another(page):
    page.goto(reverse("desk_health"))
    answering = page.locator("[data-part=workers] .chip[data-state=ready]")
    sync_api.expect(answering).to_have_count(4, timeout=PATIENCE_MS)
    other = page.context.new_page()
    other.goto(reverse("desk_health"))
    other.get_by_role("button", name="Pause the analysis").click()
    banner = page.locator("[data-part=pause]", has_text="The analysis is paused")
    banner.wait_for(timeout=PATIENCE_MS)
    # A button that came while the page was looked at works like the others.
    banner.get_by_role("button", name="Go on with the analysis").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("The analysis of tracks goes on again.")
    sync_api.expect(page.get_by_role("button", name="Pause the analysis")).to_be_visible()
