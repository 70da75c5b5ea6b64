"""The music map in a real browser, on a server of the test's own: looked at, moved, listened to, and drawn around."""

from io import BytesIO

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django.live_server_helper import LiveServer

from embeddings.synthesis import synthesise, write_audio
from recommender.catalog import audio_files
from recommender.catalog.models import Genre, MapPoint, MapRegion
from tests.flows.browsing import CHROMIUM, FLAGS, needs_chromium, wait_until_elapsed
from tests.people import make_audio_file, make_space, make_track, make_user

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.django_db(transaction=True)]

# WebGL without a graphics card.
SOFTWARE_FLAGS = [*FLAGS, "--enable-unsafe-swiftshader"]
# The page is told nothing of it.
FORCE_WEBGL = """
const ask = WebGL2RenderingContext.prototype.getExtension;
WebGL2RenderingContext.prototype.getExtension = function (name) {
  return name === "WEBGL_debug_renderer_info" ? null : ask.call(this, name);
};
"""
# What the renderer in software says of itself.
EXPECTED_COMPLAINT = "GPU stall due to ReadPixels"
MIDDLE, EDGE, NEAR = 32_767, 65_535, 1_500


@pytest.fixture
def live_server(uncollected):
    """Started only once there is a folder for static files."""
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


@pytest.fixture
def drawn(tmp_path):
    """A map of two regions: four tracks in the middle, of which the first can be heard, and one in each corner. Two in
    the middle and one in a corner are Jazz.
    """
    space, owner, jazz = make_space(), make_user(), Genre.objects.create(name="Jazz")
    for number, name in ((1, "calm"), (2, "loud")):
        MapRegion.objects.create(space=space, number=number, name=name, x=MIDDLE, y=number * EDGE // 3)
    sound = write_audio(tmp_path / "a.mp3", synthesise("piano", 1, 12), 44_100, container="mp3")
    heard = make_audio_file(sound.read_bytes())
    path = audio_files.path_of(heard.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound.read_bytes())
    places = [(MIDDLE, MIDDLE), (MIDDLE + NEAR, MIDDLE), (MIDDLE, MIDDLE + NEAR), (MIDDLE - NEAR, MIDDLE - NEAR)]
    for number, (x, y) in enumerate([*places, (0, 0), (EDGE, 0), (0, EDGE), (EDGE, EDGE)]):
        given = {"audio_file": heard} if number == 0 else {}
        track = make_track(owner, title=f"Song {number}", duration_seconds=12.0, **given)
        if number in (0, 1, 7):
            track.genres.add(jazz)
        region = 1 if number < len(places) else 2
        track.tags.create(name="calm" if region == 1 else "loud", probability=0.5)
        MapPoint.objects.create(track=track, space=space, x=x, y=y, region=region)
    return owner


def sign_in_as(user, server):
    """The cookie of a session."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": server.url}


@pytest.fixture
def page(live_server, drawn):
    """Signed in as the owner. What its console complains of is judged at the end. It is there after all rows are: its
    event loop does not go together with the database.
    """
    cookie, complaints = sign_in_as(drawn, live_server), []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_FLAGS)
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1000, "height": 1400})
        context.add_cookies([cookie])
        opened = context.new_page()
        opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
    assert [line for line in complaints if EXPECTED_COMPLAINT not in line] == []


class Map:
    """The map on a page, whose middle is at (0, 0) here."""

    def __init__(self, page):
        self.page = page
        self.element = page.locator(".map")
        page.locator("[data-map]:not([aria-busy])").wait_for()
        self.top = page.get_by_role("application")
        self.card = page.locator("[data-card]")

    @property
    def middle(self):
        box = self.element.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def point(self, right, down):
        across, along = self.middle
        self.page.mouse.move(across + right, along + down)

    def drag(self, *places):
        self.point(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.point(*place)
        self.page.mouse.up()

    def draw_around(self, size):
        self.page.get_by_role("button", name="Draw around").click()
        self.drag((-size, -size), (size, -size), (size, size), (-size, size), (-size, -size + 5))

    def colour_by(self, name):
        """By sound, genre or decade: the map that comes then."""
        choice = self.page.get_by_label("Colours")
        choice.get_by_role("link", name=name).click()
        sync_api.expect(choice.locator("[aria-current]")).to_have_text(name)
        return Map(self.page)

    def count_coloured(self):
        """How many pixels of the picture are no grey."""
        pixels = np.asarray(Image.open(BytesIO(self.element.screenshot())).convert("RGB")).astype(int)
        return int(np.count_nonzero(np.ptp(pixels, axis=2) > 100))


def test_the_map_is_looked_at_listened_to_and_drawn_around(page):
    page.add_init_script(FORCE_WEBGL)
    page.goto(reverse("map"))
    shown = Map(page)
    shown.point(1, 1)
    sync_api.expect(shown.card).to_contain_text("Song 0")
    shown.drag((0, 0), (90, 0))
    sync_api.expect(shown.card).to_be_hidden()
    shown.point(90, 0)
    sync_api.expect(shown.card).to_contain_text("Song 0")
    page.mouse.wheel(0, -600)
    page.get_by_role("button", name="Whole map").click()
    page.mouse.click(*shown.middle)
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("Song 0")
    wait_until_elapsed(page, 1)

    only_loud = page.get_by_role("button", name="Only loud")
    only_loud.click()
    shown.draw_around(60)
    sync_api.expect(page.locator("#announcer")).to_have_text("There is no track inside.")
    only_loud.click()
    selection = page.locator("[data-selection]")
    for _ in range(3):
        page.get_by_role("button", name="Nearer").click()
    shown = shown.colour_by("Genre")
    # What is looked at stays: the corners are out of sight.
    page.get_by_role("button", name="Select all in view").click()
    sync_api.expect(selection.locator("output")).to_have_text("4 tracks")
    page.get_by_role("button", name="Only Jazz").click()
    page.get_by_role("button", name="Whole map").click()
    page.get_by_role("button", name="Select all in view").click()
    sync_api.expect(selection.locator("output")).to_have_text("3 tracks")
    shown = shown.colour_by("Sound")
    shown.draw_around(60)
    sync_api.expect(selection.locator("output")).to_have_text("4 tracks")
    selection.get_by_label("Playlist").fill("The middle")
    selection.get_by_role("button", name="Save").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text("The middle")
    for number in range(4):
        sync_api.expect(page.get_by_role("link", name=f"Song {number}", exact=True)).to_be_visible()
    # What plays goes on.
    wait_until_elapsed(page, 2)


@pytest.mark.slow
def test_graphics_that_are_lost_and_those_that_never_were(page):
    page.add_init_script(FORCE_WEBGL)
    page.goto(reverse("map"))
    shown = Map(page)
    coloured = shown.count_coloured()
    assert coloured > 0
    page.evaluate(
        "() => { window.gl = document.querySelector('[data-map] canvas').getContext('webgl2');"
        " window.lost = gl.getExtension('WEBGL_lose_context'); window.lost.loseContext(); }"
    )
    page.wait_for_timeout(100)
    page.evaluate("() => window.lost.restoreContext()")
    page.wait_for_timeout(200)
    assert shown.count_coloured() == pytest.approx(coloured, rel=0.2)
    # The memory is given back with the page.
    page.locator("#menu").get_by_role("link", name="Discover").click()
    page.wait_for_function("() => window.gl.isContextLost()")

    # Without a graphics card the points are drawn otherwise, and all is as it was.
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(reverse("map"))
    shown = Map(other)
    assert other.evaluate("() => document.querySelector('.map canvas').getContext('2d') !== null")
    assert shown.count_coloured() == pytest.approx(coloured, rel=0.3)
    shown.top.press("+")
    sync_api.expect(other.locator("#announcer")).to_have_text("Song 0, Unknown artist")
    shown.top.press("Enter")
    wait_until_elapsed(other, 1)


@pytest.mark.slow
def test_fingers_pinch_push_and_draw(page):
    page.goto(reverse("map"))
    shown = Map(page)
    fingers = page.context.new_cdp_session(page)
    selected = page.locator("[data-selection] output")

    def touch(kind, *places):
        across, along = shown.middle
        points = [{"x": across + right, "y": along + down, "id": finger} for finger, (right, down) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def draw_around(size):
        page.get_by_role("button", name="Draw around").click()
        touch("touchStart", (-size, -size))
        for place in ((size, -size), (size, size), (-size, size)):
            touch("touchMove", place)

    draw_around(60)
    touch("touchEnd")
    sync_api.expect(selected).to_have_text("4 tracks")
    # A second finger takes back what the first has drawn.
    draw_around(60)
    touch("touchStart", (-60, 60), (60, 60))
    touch("touchEnd")
    page.get_by_role("button", name="Draw around").click()

    # Near enough, only what is in the middle can be seen; pushed aside, it lets another in.
    touch("touchStart", (-10, 0), (10, 0))
    for apart in range(20, 401, 20):
        touch("touchMove", (-apart, 0), (apart, 0))
    touch("touchEnd")
    page.get_by_role("button", name="Select all in view").click()
    sync_api.expect(selected).to_have_text("1 track")
    touch("touchStart", (0, 0))
    touch("touchMove", (400, 300))
    touch("touchEnd")
    page.get_by_role("button", name="Select all in view").click()
    sync_api.expect(selected).to_have_text("2 tracks")
