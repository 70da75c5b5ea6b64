"""Pages as a browser gets them: how much is sent, that nothing moves once it is there, and room for any name."""

import pytest
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from tests.flows.browsing import needs_chromium, sign_in
from tests.flows.music import upload, wait_until_ready
from tests.stack import Stack

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium

MOST_BYTES = 150 * 1024
# Of the window, times how far; what nobody notices is a thousandth.
MOST_SHIFT = 0.01
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shifted += value)))
  .observe({ type: "layout-shift", buffered: true });
"""
REACH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
PLAIN = (
    *("home", "library", "artists", "releases", "genres", "map", "discover", "upload", "ask", "describe", "blend"),
    *("path", "radio", "missing", "for_you", "feedback", "liked", "history", "playlists"),
)


@pytest.fixture
def open_page(browser, stack: Stack):
    """Opens a window that has seen nothing yet, of somebody who is signed in."""
    contexts = []

    def open_context(**given):
        contexts.append(browser.new_context(base_url=stack.address, **given))
        return contexts[-1]

    def open_window(**given):
        known = open_context()
        sign_in(known.new_page(), stack, reverse("playlists"))
        page = open_context(storage_state=known.storage_state(), **given).new_page()
        page.add_init_script(WATCH_SHIFTS)
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def long_named(stack: Stack, tmp_path_factory):
    """The address of a track whose names have no end; it goes again, since other flows count tracks."""
    tags = {"title": f"{WORD} {WORD * 2}", "artist": WORD * 2, "album": f"The {WORD}"}
    browser, path = stack.open_browser(), tmp_path_factory.mktemp("long") / "long.mp3"
    song = write_audio(path, synthesise("piano", 883, 12), 44_100, container="mp3", tags=tags)
    track = upload(browser, song)
    wait_until_ready(browser, [track])
    yield reverse("track", args=[track])
    browser.post(reverse("track_delete", args=[track]), {})


def count_bytes(page, address):
    """What is sent for a page until nothing more comes, without covers."""
    names, sizes = {}, []
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda told: sizes.append((told["requestId"], told["encodedDataLength"])))
    page.goto(address, wait_until="networkidle")
    is_cover = {name: "/cover/" in url or "/placeholders/" in url for name, url in names.items()}
    return sum(size for name, size in sizes if not is_cover.get(name))


def test_the_library_is_light(open_page):
    """For those who upload: visitors are sent less."""
    sent = count_bytes(open_page(), reverse("library"))
    # Far less means that it was not counted.
    assert 50 * 1024 < sent <= MOST_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_and_every_name_has_room(open_page, long_named, width):
    page = open_page(viewport={"width": width, "height": 800})
    addresses = [*(reverse(name) for name in PLAIN), f"{reverse('library')}?view=list", long_named]
    faults = []
    for address in addresses:
        page.goto(address, wait_until="networkidle")
        faults += [(address, fault) for fault in find_faults(page)]
    page.goto(long_named)
    page.locator(".track-player .play").click()
    faults += go_on_by_links(page)
    page.locator("[data-act=queue]:visible").click()
    assert page.evaluate("document.getElementById('sheet').scrollWidth <= document.getElementById('sheet').clientWidth")
    assert faults == []


def find_faults(page):
    if page.evaluate(REACH) > 0:
        yield "wider than the window"
    if (shifted := page.evaluate("window.shifted")) > MOST_SHIFT:
        yield f"moved by {shifted}"


def go_on_by_links(page):
    """While the player plays: pages that come without a new document."""
    page.evaluate("window.shifted = 0")
    for place in ("Home", "Library", "Playlists", "Map", "Discover"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=place, exact=True).click()
        sync_api.expect(page.locator("#menu [aria-current=page]")).to_have_text(place)
        page.wait_for_load_state("networkidle")
        yield from ((place, fault) for fault in find_faults(page))
    page.locator(".player-track").click()
    page.wait_for_load_state("networkidle")
    yield from (("the track", fault) for fault in find_faults(page))
