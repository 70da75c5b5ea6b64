"""The whole way of a listener: a song is uploaded, played, its neighbours queued, and pages come and go meanwhile.

The sound grows all the while, and nothing interrupts it.
"""

import pytest

from tests.flows.browsing import (
    PATIENCE_MS,
    elapsed_seconds,
    needs_chromium,
    row_of,
    wait_for_state,
    wait_until_elapsed,
)
from tests.flows.music import make_song
from tests.flows.playing import (
    add_to_queue,
    expect_title,
    expect_to_go_on,
    listen,
    play,
    upcoming,
)

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium

LONG = "piano 91"
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def songs(tmp_path):
    return [make_song(tmp_path, "piano", 91, seconds=60), make_song(tmp_path, "piano", 71)]


def test_music_plays_on_while_pages_come_and_go(page, songs):
    neighbour = play_among_neighbours(page, songs)
    page.keyboard.press("q")
    sync_api.expect(upcoming(page).first).to_have_text(neighbour)
    page.keyboard.press("Escape")
    expect_to_go_on(page)
    go_through_pages(page)
    a_reload_resumes(page)
    page.get_by_role("button", name="Next track").first.click()
    expect_title(page, neighbour)
    page.wait_for_function("() => !window.heard.paused && window.heard.currentTime > 0")
    another_person_starts_anew(page)


@pytest.mark.slow
def test_music_plays_on_on_a_phone(open_upload_page, songs):
    page = open_upload_page(viewport=PHONE, has_touch=True, is_mobile=True)
    neighbour = play_among_neighbours(page, songs)
    page.locator(".player .phone").tap()
    sync_api.expect(upcoming(page).first).to_have_text(neighbour)
    page.get_by_role("dialog").get_by_role("slider", name="Position in the track").tap()
    page.wait_for_function("() => window.heard.currentTime > 25")
    page.get_by_role("button", name="Close").tap()
    go_through_pages(page)


def play_among_neighbours(page, songs):
    """From the files to a song that plays, with one of its neighbours to follow; its title."""
    page.set_input_files("#files", songs)
    for title in (LONG, "piano 71"):
        wait_for_state(page, title, "ready")
    listen(page)
    row_of(page, LONG).get_by_role("link", name=LONG, exact=True).click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    with page.expect_response("**/waveform") as told:
        play(page, LONG)
    assert len(told.value.body()) == 1000
    wait_until_elapsed(page, 1)
    # Other flows fill the same catalog: which one it is does not matter.
    neighbour = page.locator("#similar .row").first
    add_to_queue(page, neighbour, "Play next", "“{}” plays next")
    return neighbour.locator(".names a").first.inner_text()


def go_through_pages(page):
    heading = page.get_by_role("heading", level=1)
    for _ in range(2):  # liked, and taken back: each is a form that leads back to this page
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator("main form button[name=say]").first.click()
        sync_api.expect(page.locator(".notices")).to_be_visible(timeout=PATIENCE_MS)
    expect_to_go_on(page)
    page.get_by_role("combobox").fill("piano")
    page.get_by_role("combobox").press("Enter")
    sync_api.expect(heading).to_contain_text("piano")
    expect_to_go_on(page)
    page.evaluate("document.querySelector('main .card-title').setAttribute('href', '/tracks/999999/')")
    page.locator("main .card-title").first.click()
    sync_api.expect(heading).to_have_text("Nothing here")
    expect_to_go_on(page)
    page.go_back()
    sync_api.expect(heading).to_contain_text("piano")
    page.go_back()
    sync_api.expect(heading).to_have_text(LONG)
    sync_api.expect(page.get_by_role("main").get_by_role("button", name=f"Pause {LONG}", exact=True)).to_be_visible()
    expect_to_go_on(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Library").click()
    sync_api.expect(heading).to_have_text("Library")
    page.locator(".player-track").click()
    sync_api.expect(heading).to_have_text(LONG)
    expect_to_go_on(page)


def a_reload_resumes(page):
    ahead = page.inner_text(".player .wide [data-count]")
    page.locator("main").focus()  # on the slider, arrows move the slider
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("n")
    expect_title(page, LONG)
    resumed = elapsed_seconds(page)
    assert resumed >= 1
    sync_api.expect(page.get_by_role("slider", name="Volume")).to_have_value("0.9")
    sync_api.expect(page.locator(".player .wide [data-count]")).to_have_text(ahead)
    page.get_by_role("region", name="Player").get_by_role("button", name="Play").click()
    wait_until_elapsed(page, resumed + 1)
    assert page.evaluate("window.heard.volume") <= 0.81


def another_person_starts_anew(page):
    """Whose session has ended while the music played is not heard, nor read, by the next one."""
    page.context.clear_cookies()
    with page.expect_event("load"):
        page.get_by_role("link", name="Soundalike").first.click()
    sync_api.expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    sync_api.expect(page.locator("#player")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('soundalike.queue')") is None
