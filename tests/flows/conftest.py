"""A real browser for the flows that need one."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.flows.browsing import CHROMIUM, FLAGS, sign_in
from tests.stack import Stack

# Chromium reports every refusal of the server, and every connection that breaks off, like a fault of the page.
EXPECTED_COMPLAINTS = ("Failed to load resource", "htmx:error: Failed to fetch")


@pytest.fixture(scope="module")
def browser():
    """One a module: its event loop must not be there when others use the database."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def complaints():
    """What the console of the page says, filled while the test runs and judged at its end."""
    heard = []
    yield heard
    assert [line for line in heard if not any(expected in line for expected in EXPECTED_COMPLAINTS)] == []


@pytest.fixture
def open_upload_page(browser, stack: Stack, complaints):
    contexts = []

    def open_page(**given):
        contexts.append(browser.new_context(base_url=stack.address, **given))
        page = contexts[-1].new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if is_foreign(request, stack) else None)
        sign_in(page, stack, reverse("upload"))
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_upload_page):
    return open_upload_page()


def is_foreign(request, stack: Stack) -> bool:
    return urlsplit(request.url).netloc not in ("", urlsplit(stack.address).netloc)
