"""A listener in a real browser: a queue that is put in order and goes on, a radio that never ends, and how it sounds.

What everybody does is in test_journey_browser.py; the rest of what a player can do is slow.
"""

import pytest
from django.urls import reverse

from tests.flows.browsing import needs_chromium, wait_for_state, wait_until_elapsed
from tests.flows.music import make_song
from tests.flows.playing import add_to_queue, expect_said, expect_title, go_to, listen, play, upcoming

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]

LONG, SHORT, SHORTER = ("techno", 83, 60), ("piano", 71, 12), ("piano", 72, 12)
# What the keys of a keyboard and of a lock screen would call.
KEYS = """
window.keys = {};
const handle = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (action, act) {
  window.keys[action] = act;
  return handle.call(this, action, act);
};
"""


@pytest.fixture
def open_library(page, tmp_path):
    """Opens the list of all tracks, with these songs in it and nothing else in the way."""

    def open_with(*songs):
        page.set_input_files("#files", [make_song(tmp_path, style, seed, seconds=long) for style, seed, long in songs])
        for style, seed, _ in songs:
            wait_for_state(page, f"{style} {seed}", "ready")
        listen(page)
        open_list(page)
        return page

    return open_with


def open_list(page, **query):
    asked = "&".join(f"{name}={value}" for name, value in {"view": "list", "sort": "title", **query}.items())
    page.goto(f"{reverse('library')}?{asked}")


def row_in_list(page, title):
    return page.locator("main li.row").filter(has=page.get_by_role("link", name=title, exact=True)).first


def volume(page):
    return page.evaluate("window.heard.volume")


def open_settings(page):
    page.keyboard.press("q")
    page.locator("#sheet details").evaluate("settings => (settings.open = true)")


def test_a_queue_is_put_in_order_and_goes_on(open_library):
    page = open_library(LONG, SHORT, SHORTER)
    titles = page.locator("main .row .names > a").all_inner_texts()
    following = [*titles[titles.index("techno 83") + 1 :], "piano 71", "piano 72"]
    play(page, "techno 83")
    for title in ("piano 71", "piano 72"):
        add_to_queue(page, row_in_list(page, title))
    page.keyboard.press("q")
    sync_api.expect(upcoming(page)).to_have_text(following)
    order_the_queue(page, following)
    page.keyboard.press("Escape")
    next_and_previous(page)
    what_is_over_or_gone_is_followed(page)
    a_radio_fills_itself_and_hears_what_is_skipped(page)
    a_radio_that_found_nothing_interrupts_nobody(page)


def test_how_it_sounds_is_for_the_listener_to_say(open_library):
    page = open_library(SHORT, SHORTER)
    page.add_init_script(KEYS)
    open_list(page, q="piano+7")
    tracks_are_equally_loud(page)
    a_track_fades_into_the_next_one(page)
    media_keys_do_what_they_say(page)
    the_music_stops_at_the_end_of_a_track(page)


def test_the_sleep_timer_fades_the_music_out(open_library):
    page = open_library(LONG)
    page.clock.install()
    page.reload()
    play(page, "techno 83")
    page.keyboard.press("m")
    page.keyboard.press("m")
    awake = volume(page)
    open_settings(page)
    page.get_by_label("Sleep timer").select_option("15")
    sync_api.expect(page.locator("[data-sleep]")).to_have_text("The music stops in 15 minutes")
    page.clock.fast_forward("14:55")
    page.wait_for_function("awake => window.heard.volume < 0.6 * awake && !window.heard.paused", arg=awake)
    page.clock.fast_forward("00:06")
    page.wait_for_function("awake => window.heard.paused && window.heard.volume === awake", arg=awake)
    sync_api.expect(page.get_by_label("Sleep timer")).to_have_value("")


def order_the_queue(page, following):
    """The two that were added come first then: by keys, by buttons, and by taking out what is between."""
    last, before = len(following), len(following) - 1
    page.get_by_role("button", name="Jump to piano 72").last.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect_said(page, f"“piano 72” is now number {before} of {last}")
    sync_api.expect(page.get_by_role("button", name="Jump to piano 72").last).to_be_focused()
    page.get_by_role("button", name="Later: piano 72").last.click()
    sync_api.expect(upcoming(page)).to_have_text(following)
    drag_the_last_to_the_top(page, following)
    page.keyboard.press("s")
    expect_said(page, "Shuffled")
    page.keyboard.press("s")
    expect_said(page, "In their order")
    sync_api.expect(upcoming(page)).to_have_text(following)
    page.get_by_role("button", name="Clear").click()
    expect_said(page, "The queue is empty")
    sync_api.expect(upcoming(page)).to_have_count(0)
    sync_api.expect(page.get_by_role("button", name="Close")).to_be_focused()


def drag_the_last_to_the_top(page, following):
    rows = page.locator("#sheet [data-entries] > li")
    rows.last.drag_to(rows.first, target_position={"x": 40, "y": 4})
    sync_api.expect(upcoming(page)).to_have_text([following[-1], *following[:-1]])
    rows.first.drag_to(rows.last, target_position={"x": 40, "y": 50})
    sync_api.expect(upcoming(page)).to_have_text(following)


def next_and_previous(page):
    open_list(page, q="piano+7")
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


def tracks_are_equally_loud(page):
    """By the gain of each track, as far as the volume leaves room above it."""
    button = page.get_by_role("main").get_by_role("button", name="Play piano 71", exact=True).first
    gain = 10 ** (float(button.get_attribute("data-gain")) / 20)
    play(page, "piano 71")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowDown")
    expect_said(page, "Volume 50%")
    assert gain != 1
    assert volume(page) == pytest.approx(min(1, 0.25 * gain))
    open_settings(page)
    page.get_by_label("All tracks equally loud").uncheck()
    assert volume(page) == pytest.approx(0.25)
    page.get_by_label("All tracks equally loud").check()
    assert volume(page) == pytest.approx(min(1, 0.25 * gain))


def a_track_fades_into_the_next_one(page):
    page.get_by_label("Fade into the next track").select_option("2")
    page.keyboard.press("Escape")
    go_to(page, seconds_before_the_end=3.5)
    page.wait_for_function("() => window.decks.length === 2")
    # One sample at a time, from the first moment of the fade until only the next track is left.
    heard = page.evaluate(
        """async () => {
          const loudness = window.listenIn();
          const both = [];
          const [left, next] = [window.decks.find((deck) => deck !== window.heard), window.heard];
          while (!left.paused) {
            both.push({ left: left.currentTime, next: next.currentTime, loudness: loudness() });
            await new Promise((go) => setTimeout(go, 50));
          }
          return both;
        }"""
    )
    assert heard[-1]["left"] > heard[0]["left"]
    assert heard[-1]["next"] > heard[0]["next"]
    # The ear hears nothing yet in its first moment.
    assert min(sample["loudness"] for sample in heard[4:]) > 0.001
    expect_title(page, "piano 72")


def media_keys_do_what_they_say(page):
    press = "([action, details]) => window.keys[action]({ action, ...details })"
    told = page.evaluate(
        "({ ...navigator.mediaSession.metadata.artwork[0], title: navigator.mediaSession.metadata.title })"
    )
    assert told["title"] == "piano 72"
    assert page.request.get(told["src"]).headers["content-type"].startswith("image/")
    page.evaluate(press, ["pause", {}])
    page.wait_for_function("() => window.heard.paused && navigator.mediaSession.playbackState === 'paused'")
    page.evaluate(press, ["seekto", {"seekTime": 6}])
    page.wait_for_function("() => Math.round(window.heard.currentTime) === 6")
    page.evaluate(press, ["seekbackward", {"seekOffset": 2}])
    page.wait_for_function("() => Math.round(window.heard.currentTime) === 4")
    page.evaluate(press, ["previoustrack", {}])
    page.wait_for_function("() => window.heard.currentTime === 0")
    page.evaluate(press, ["previoustrack", {}])
    expect_title(page, "piano 71")
    page.wait_for_function("() => navigator.mediaSession.playbackState === 'playing'")
    page.evaluate(press, ["nexttrack", {}])
    expect_title(page, "piano 72")
    page.evaluate(press, ["previoustrack", {}])
    expect_title(page, "piano 71")


def the_music_stops_at_the_end_of_a_track(page):
    open_settings(page)
    page.get_by_label("Fade into the next track").select_option("0")
    page.get_by_label("Sleep timer").select_option("end")
    sync_api.expect(page.locator("[data-sleep]")).to_have_text("The music stops at the end of this track")
    page.keyboard.press("Escape")
    go_to(page, seconds_before_the_end=1)
    expect_title(page, "piano 72")
    sync_api.expect(page.get_by_role("region", name="Player").get_by_role("button", name="Play")).to_be_visible()
    assert page.evaluate("window.heard.paused")
