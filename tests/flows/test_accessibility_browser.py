"""Every page in both themes, on a phone and on a wide screen, is judged by axe: no violation of WCAG 2.2 AA.

What axe cannot see is walked through once: the keyboard, the focus after a page changed, what is said, the theme.
"""

import re

import pytest
from django.urls import reverse

from tests.flows.browsing import needs_chromium, sign_in
from tests.flows.music import make_song, upload, wait_until_ready
from tests.stack import Stack

axe = pytest.importorskip("axe_playwright_python.base", reason="judging pages needs the package axe-playwright-python")

pytestmark = needs_chromium

RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations']}"
# What a page shows that is wrong: the rule, the element and why. The admin changes its colours slowly.
JUDGE = f"""async () => {{
  const changes = document.getAnimations().filter((change) => change instanceof CSSTransition);
  await Promise.all(changes.map((change) => change.finished));
  const {{ violations }} = await axe.run(document, {RULES});
  return violations.flatMap(({{ id, nodes }}) =>
    nodes.map((node) => `${{id}}: ${{node.html.slice(0, 160)}} ${{node.failureSummary}}`));
}}"""
REACH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
VIEWS = [(width, theme) for width in (320, 1280) for theme in ("light", "dark")]
PLAIN = (
    *("home", "library", "artists", "releases", "genres", "map", "discover", "upload", "ask", "describe", "blend"),
    *("path", "radio", "missing", "for_you", "feedback", "liked", "history", "playlists"),
)
DESK = (
    *("desk", "desk_acts", "desk_artists", "desk_duplicates", "desk_edit", "desk_health", "desk_quality"),
    *("desk_quality_reach", "desk_reports", "desk_review", "desk_rules", "desk_suggestions", "desk_table", "trash"),
)


@pytest.fixture(scope="module")
def add_song(stack: Stack, tmp_path_factory):
    """Has a song analysed, which goes again: other flows count tracks."""
    folder, browser, added = tmp_path_factory.mktemp("accessible"), stack.open_browser(), []

    def add(seed):
        added.append(upload(browser, make_song(folder, "piano", seed)))
        wait_until_ready(browser, added[-1:])
        return added[-1]

    yield add
    for track in added:
        browser.post(reverse("track_delete", args=[track]), {})


@pytest.fixture(scope="module")
def one(add_song):
    return add_song(881)


@pytest.fixture(scope="module")
def places(stack: Stack, add_song, one):
    """Addresses by the kind of page, of a catalog with something in it."""
    browser, other = stack.open_browser(), add_song(882)
    browser.post(reverse("track_feedback", args=[one]), {"say": "like"})
    made = browser.post(reverse("playlists"), {"name": "Two pianos", "track": str(one)})
    playlist = re.search(r"/playlists/(\d+)/", made.text)
    assert playlist
    return {name: reverse(name) for name in PLAIN} | {
        "playlist": reverse("playlist", args=[int(playlist[1])]),
        "pick a playlist": reverse("track_playlists", args=[one]),
        "list": f"{reverse('library')}?view=list",
        "nothing found": f"{reverse('library')}?q=zzzzzzzz",
        "track": reverse("track", args=[one]),
        "passage": f"{reverse('track', args=[one])}?from=2&to=8",
        "edit": reverse("track_edit", args=[one]),
        "delete": reverse("track_delete", args=[one]),
        "described": f"{reverse('describe')}?words=calm+piano",
        "blended": f"{reverse('blend')}?like={one}&like={other}",
        "from here": f"{reverse('path')}?from={one}&find=piano",
        "path found": f"{reverse('path')}?from={one}&to={other}",
        "radio on": f"{reverse('radio')}?from={one}",
        "refused": f"{reverse('radio')}?from=nonsense",
        "not there": "/nothing/",
        "not complete": reverse("desk_quality_list", args=["no_cover"]),
        "edited together": f"{reverse('desk_edit')}?track={one},{other}",
        "moods": f"{reverse('desk_suggestions')}?kind=mood",
        "map by genre": f"{reverse('map')}?colours=genre",
        **{name: reverse(name) for name in DESK},
    }


@pytest.fixture
def visitor(browser, stack: Stack):
    """A page of somebody who wants no motion."""
    context = browser.new_context(base_url=stack.address, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def find_faults(page, address, views=VIEWS):
    """What axe says of a page in every view, and where it reaches over the edge."""
    faults = []
    page.goto(address)
    page.evaluate(axe.AXE_SCRIPT)
    for width, theme in views:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        faults += [f"{address} {width} {theme} {fault}" for fault in page.evaluate(JUDGE)]
        if page.evaluate(REACH) > 0 and not address.startswith("/admin/"):
            faults.append(f"{address} {width}: wider than the window")
    return faults


def test_the_richest_pages_are_for_everybody(visitor, stack: Stack, one):
    sign_in(visitor, stack, reverse("library"))
    rich = (*(reverse(name) for name in ("home", "library", "discover")), reverse("track", args=[one]))
    assert [fault for address in rich for fault in find_faults(visitor, address, VIEWS[::3])] == []


@pytest.mark.slow
def test_every_page_is_for_everybody(visitor, stack: Stack, places):
    faults = [fault for name in ("sign_in", "home", "library") for fault in find_faults(visitor, reverse(name))]
    sign_in(visitor, stack, places["library"])
    faults += [fault for address in places.values() for fault in find_faults(visitor, address)]
    assert faults == []


def test_the_keyboard_and_the_theme(visitor, stack: Stack, one):
    visitor.emulate_media(color_scheme="light")
    sign_in(visitor, stack, reverse("library"))
    visitor.keyboard.press("Tab")
    assert visitor.evaluate("document.activeElement.textContent") == "Skip to the content"
    visitor.keyboard.press("Enter")
    assert visitor.evaluate("document.activeElement.id") == "main"

    # A page that comes without a new document takes the focus, is announced, and is marked in the menu.
    visitor.locator("#menu").get_by_role("link", name="Discover").press("Enter")
    visitor.wait_for_url(f"**{reverse('discover')}")
    visitor.wait_for_function("() => document.getElementById('announcer').textContent.startsWith('Discover')")
    assert visitor.evaluate("document.activeElement.id") == "main"
    assert visitor.locator("#menu [aria-current=page]").inner_text() == "Discover"

    # A form that changes the page it stands on leaves the focus where it was.
    visitor.goto(reverse("track", args=[one]))
    dislike = visitor.locator("main").get_by_role("button", name="Dislike", exact=True)
    dislike.press("Enter")
    visitor.locator("main [aria-pressed=true]", has_text="Dislike").wait_for()
    visitor.wait_for_function("() => document.activeElement.textContent.trim() === 'Dislike'")
    dislike.press("Enter")
    visitor.locator("main [aria-pressed=false]", has_text="Dislike").wait_for()

    # What was filled in wrongly takes it.
    visitor.goto(reverse("track_edit", args=[one]))
    visitor.evaluate("document.querySelector('.edit-form').noValidate = true")
    visitor.get_by_label("Year").fill("-1")
    visitor.locator(".edit-form").get_by_role("button", name="Save").press("Enter")
    visitor.wait_for_function("() => document.activeElement.matches('[name=year][aria-invalid=true]')")

    # The theme changes at once, and the next document comes in it.
    visitor.get_by_role("button", name="Account of admin").press("Enter")
    with visitor.expect_response(f"**{reverse('theme')}") as told:
        visitor.get_by_role("button", name="Dark", exact=True).press("Enter")
    assert told.value.status == 204
    for _ in range(2):
        assert visitor.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 17, 21)"
        assert visitor.evaluate("document.documentElement.dataset.theme") == "dark"
        visitor.reload()


def test_the_theme_without_scripts(browser, stack: Stack):
    context = browser.new_context(base_url=stack.address, java_script_enabled=False, color_scheme="light")
    page = context.new_page()
    page.goto(reverse("sign_in"))
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    page.wait_for_url(f"**{reverse('sign_in')}")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()
