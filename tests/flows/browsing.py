"""What the flows in a real browser share: which browser, and what they look for on the pages."""

import shutil

import pytest

from tests.stack import Stack

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # A microphone that beeps, and that every page may use.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
PATIENCE_MS = 120_000

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)


def sign_in(page, stack: Stack, address: str) -> None:
    """Sign in as the administrator and go to a page."""
    page.goto(f"/sign-in/?next={address}")
    page.fill("input[name=username]", stack.admin_name)
    page.fill("input[name=password]", stack.admin_password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{address}")


def row_of(page, text):
    return page.locator("li.upload", has_text=text)


def wait_for_state(page, title, state):
    row_of(page, title).and_(page.locator(f"[data-state={state}]")).first.wait_for(timeout=PATIENCE_MS)


def elapsed_seconds(page):
    minutes, seconds = page.inner_text(".player [data-elapsed]").split(":")
    return 60 * int(minutes) + int(seconds)


def wait_until_elapsed(page, seconds):
    page.wait_for_function(
        "least => { const [m, s] = document.querySelector('.player [data-elapsed]').textContent.split(':');"
        " return 60 * m + 1 * s >= least; }",
        arg=seconds,
        timeout=PATIENCE_MS,
    )
