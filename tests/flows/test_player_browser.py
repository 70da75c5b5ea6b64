"""A listener in a real browser: a list, the queue, pages that come and go, a reload, and a radio that never ends.

What everybody does is done in every run; the rest of what a queue can do is slow.
"""

import pytest
from django.urls import reverse

from tests.flows.browsing import elapsed_seconds, needs_chromium, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium

LONG, SHORT, SHORTER = ("techno", 83, 60), ("piano", 71, 12), ("piano", 72, 12)


@pytest.fixture
def open_library(page, tmp_path):
    """Opens the list of all tracks, with these songs in it and nothing else in the way."""

    def open_with(*songs):
        page.set_input_files("#files", [make_song(tmp_path, style, seed, seconds=long) for style, seed, long in songs])
        for style, seed, _ in songs:
            wait_for_state(page, f"{style} {seed}", "ready")
        page.goto(f"{reverse('library')}?view=list&sort=title")
        listen_for_gaps(page)
        return page

    return open_with


def listen_for_gaps(page):
    """Have the page note when its sound is interrupted. The element is in no document; its prototype can be asked."""
    page.evaluate(
        """() => {
          window.gaps = [];
          const playing = HTMLMediaElement.prototype.play;
          HTMLMediaElement.prototype.play = function () {
            for (const name of ["pause", "emptied"]) this.addEventListener(name, () => window.gaps.push(name));
            window.heard = this;
            return playing.call(this);
          };
        }"""
    )


def expect_title(page, title):
    sync_api.expect(page.locator(".player [data-title]")).to_have_text(title)


def expect_said(page, text):
    sync_api.expect(page.locator("#announcer")).to_contain_text(text)


def play(page, title):
    page.get_by_role("main").get_by_role("button", name=f"Play {title}", exact=True).first.click()
    expect_title(page, title)


def upcoming(page):
    return page.locator("#sheet [data-entries] [data-name]")


def go_to(page, seconds_before_the_end):
    """The sound itself, as the slider would take it there."""
    page.evaluate("before => (window.heard.currentTime = window.heard.duration - before)", seconds_before_the_end)


def test_music_plays_on_while_pages_come_and_go(open_library):
    page = open_library(LONG, SHORT)
    play(page, "piano 71")
    add_to_queue(page, "techno 83", "Play next", "“techno 83” plays next")
    page.keyboard.press("n")
    expect_title(page, "techno 83")
    add_to_queue(page, "piano 71")
    wait_until_elapsed(page, 1)
    plays_on_while_pages_come_and_go(page)
    a_reload_resumes(page, "techno 83")
    another_person_starts_anew(page)


@pytest.mark.slow
def test_a_queue_is_put_in_order_and_goes_on(open_library):
    page = open_library(LONG, SHORT, SHORTER)
    titles = page.locator("main .row .names > a").all_inner_texts()
    following = [*titles[titles.index("techno 83") + 1 :], "piano 71", "piano 72"]
    play(page, "techno 83")
    for title in ("piano 71", "piano 72"):
        add_to_queue(page, title)
    page.keyboard.press("q")
    sync_api.expect(upcoming(page)).to_have_text(following)
    order_the_queue(page, following)
    page.keyboard.press("Escape")
    next_and_previous(page)
    what_is_over_or_gone_is_followed(page)
    a_radio_fills_itself_and_hears_what_is_skipped(page)
    a_radio_that_found_nothing_interrupts_nobody(page)


def add_to_queue(page, title, button="Add to the queue", told="Added “{}” to the queue"):
    row = page.locator("main li.row").filter(has=page.get_by_role("link", name=title, exact=True)).first
    row.locator("summary").click()
    row.get_by_role("button", name=button).click()
    expect_said(page, told.format(title))
    sync_api.expect(page.locator("details[open]")).to_have_count(0)


def plays_on_while_pages_come_and_go(page):
    started = page.evaluate("window.gaps.splice(0) && window.heard.currentTime")
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("link", name="techno 83", exact=True).first.click()
    sync_api.expect(heading).to_have_text("techno 83")
    sync_api.expect(page.get_by_role("main").get_by_role("button", name="Pause techno 83")).to_be_visible()
    for _ in range(2):  # liked, and taken back: each is a form that leads back to this page
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator("main form button[name=say]").first.click()
        sync_api.expect(page.locator(".notices")).to_be_visible()
    page.go_back()
    sync_api.expect(heading).to_have_text("Library")
    page.get_by_role("combobox").fill("techno")
    page.get_by_role("combobox").press("Enter")
    sync_api.expect(heading).to_contain_text("techno")
    page.evaluate("document.querySelector('main .card-title').setAttribute('href', '/tracks/999999/')")
    page.locator("main .card-title").first.click()
    sync_api.expect(heading).to_have_text("Nothing here")
    page.locator(".player-track").click()
    sync_api.expect(heading).to_have_text("techno 83")
    assert page.evaluate("window.gaps") == []
    assert page.evaluate("window.heard.currentTime") > started


def order_the_queue(page, following):
    """The two that were added come first then: by keys, by buttons, and by taking out what is between."""
    last, before = len(following), len(following) - 1
    page.get_by_role("button", name="Jump to piano 72").last.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect_said(page, f"“piano 72” is now number {before} of {last}")
    sync_api.expect(page.get_by_role("button", name="Jump to piano 72").last).to_be_focused()
    page.get_by_role("button", name="Later: piano 72").last.click()
    sync_api.expect(upcoming(page)).to_have_text(following)
    page.keyboard.press("s")
    expect_said(page, "Shuffled")
    page.keyboard.press("s")
    expect_said(page, "In their order")
    sync_api.expect(upcoming(page)).to_have_text(following)
    page.get_by_role("button", name="Clear").click()
    expect_said(page, "The queue is empty")
    sync_api.expect(upcoming(page)).to_have_count(0)


def next_and_previous(page):
    page.goto(f"{reverse('library')}?view=list&q=piano&sort=title")
    listen_for_gaps(page)
    play(page, "piano 71")
    page.keyboard.press("n")
    expect_title(page, "piano 72")
    page.keyboard.press("p")
    expect_title(page, "piano 71")
    wait_until_elapsed(page, 1)
    page.get_by_role("slider", name="Position in the track").press("ArrowRight")
    wait_until_elapsed(page, 6)
    page.keyboard.press("p")
    page.wait_for_function("() => document.querySelector('.player [data-elapsed]').textContent < '0:05'")
    expect_title(page, "piano 71")


def what_is_over_or_gone_is_followed(page):
    go_to(page, seconds_before_the_end=0.5)
    expect_title(page, "piano 72")
    wait_until_elapsed(page, 1)
    page.route("**/audio", lambda route: route.fulfill(status=404, json={"detail": "Gone."}))
    page.keyboard.press("p")
    sync_api.expect(page.get_by_role("region", name="Player").get_by_role("alert")).to_contain_text("The next one")
    page.unroute("**/audio")
    expect_title(page, "piano 72")
    wait_until_elapsed(page, 2)


def a_reload_resumes(page, title):
    ahead = page.inner_text(".player .wide [data-count]")
    page.locator("main").focus()  # on the slider, arrows move the slider
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("n")
    expect_title(page, title)
    assert elapsed_seconds(page) >= 1
    sync_api.expect(page.get_by_role("slider", name="Volume")).to_have_value("0.9")
    sync_api.expect(page.locator(".player .wide [data-count]")).to_have_text(ahead)
    page.get_by_role("region", name="Player").get_by_role("button", name="Play").click()
    wait_until_elapsed(page, 3)


def another_person_starts_anew(page):
    """Whose session has ended while the music played is not heard, nor read, by the next one."""
    page.context.clear_cookies()
    with page.expect_event("load"):
        page.get_by_role("link", name="Soundalike").first.click()
    sync_api.expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    sync_api.expect(page.locator("#player")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('soundalike.queue')") is None


def a_radio_fills_itself_and_hears_what_is_skipped(page):
    page.locator(".player-track").click()
    with page.expect_response("**/radio/*/next?**") as asked:
        page.get_by_role("link", name="Radio from here").click()
    found = [track["title"] for track in asked.value.json()["tracks"]]
    ahead = page.locator(".player .wide [data-count]")
    sync_api.expect(ahead).to_have_text(str(len(found)))
    with page.expect_response(lambda answer: "/next?" in answer.url and "skipped=&" not in answer.url):
        page.keyboard.press("n")
    expect_title(page, found[0])
    sync_api.expect(ahead).not_to_have_text("")


def a_radio_that_found_nothing_interrupts_nobody(page):
    """Once it did not know how to go on it waits for nothing, whatever the listener turns to meanwhile."""
    page.route("**/next?**", lambda route: route.abort())
    page.keyboard.press("n")
    title = page.inner_text(".player [data-title] >> nth=0")
    sync_api.expect(page.locator(".player .wide [data-count]")).to_have_text("")
    wait_until_elapsed(page, 1)
    go_to(page, seconds_before_the_end=0.5)
    sync_api.expect(page.locator("#problem")).to_be_visible()
    page.unroute("**/next?**")
    page.get_by_role("slider", name="Position in the track").first.press("Home")
    with page.expect_response("**/next?**"):
        page.keyboard.press("p")
    wait_until_elapsed(page, 2)
    sync_api.expect(page.locator(".player [data-title]").first).not_to_have_text(title)
