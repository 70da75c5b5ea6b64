"""How fast the music map moves in Chromium with a renderer in software, and how long a large one takes to be there.

The points come from a route of the browser and not from the server, whose part `test_map` measures.
"""

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse

from recommender.similarity.map.colouring import Colouring
from recommender.similarity.map.data import MapPoints
from recommender.web.map_pages import NO_MAP, pack_colours, pack_points
from tests.flows.browsing import CHROMIUM, needs_chromium
from tests.flows.test_map_browser import FORCE_WEBGL, SOFTWARE_FLAGS, drawn, live_server, sign_in_as  # noqa: F401

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

PAN = """async () => {
  const top = document.querySelectorAll("[data-map] canvas")[1];
  const box = top.getBoundingClientRect();
  const tell = (name, right) => top.dispatchEvent(new PointerEvent(name, {
    pointerId: 1, pointerType: "touch", isPrimary: true, bubbles: true,
    clientX: box.x + box.width / 2 + right, clientY: box.y + box.height / 2,
  }));
  top.setPointerCapture = () => {};
  const next = () => new Promise(requestAnimationFrame);
  tell("pointerdown", 0);
  const began = performance.now();
  let frames = 0;
  while (performance.now() - began < 4000) {
    tell("pointermove", 200 * Math.sin(frames / 10));
    await next();
    frames += 1;
  }
  tell("pointerup", 0);
  return [frames, (performance.now() - began) / 1000];
}"""
HAS_WEBGL = "() => Boolean(document.querySelector('[data-map] canvas').getContext('webgl2'))"
PAINTERS = ("WebGL", "the plain canvas that is taken there")


def measure_pan(page):
    """Pictures a second, and the milliseconds of all processors that each takes, whatever else the machine does."""
    before = spent_by_children(os.getpid())
    frames, seconds = page.evaluate(PAN)
    return frames / seconds, (spent_by_children(os.getpid()) - before) / frames * 1000


def spent_by_children(process):
    """Seconds of processors that a process and all below it have taken. Linux only."""
    parents, spent = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            spent[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_below(child):
        return child == process or (child in parents and is_below(parents[child]))

    return sum(seconds for child, seconds in spent.items() if is_below(child))


def make_points(count):
    """Seventy crowds, as regions are."""
    rng = np.random.default_rng(1)
    regions = rng.integers(0, 70, count)
    middles = rng.uniform(8_000, 57_000, (70, 2))
    places = np.clip(middles[regions] + rng.normal(0, 3_000, (count, 2)), 0, 65_535).astype(np.uint16)
    return pack_points(
        MapPoints(
            track_ids=np.arange(1, count + 1, dtype=np.uint32),
            x=places[:, 0],
            y=places[:, 1],
            regions=(regions + 1).astype(np.uint8),
        )
    ), [
        {"number": number, "name": f"calm, piano {number}", "x": int(x), "y": int(y), "tracks": 1}
        for number, (x, y) in enumerate(middles, 1)
    ]


def make_colours(count):
    codes = np.random.default_rng(2).integers(0, 13, count).astype(np.uint8)
    return pack_colours(Colouring(seen=NO_MAP, codes=codes, digest=""), 12)


@needs_chromium
@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("painter", PAINTERS)
@pytest.mark.parametrize("colours", ["sound", "genre"])
@pytest.mark.parametrize("size", [30, 100_000, 1_000_000])
def test_moving_the_map(size, colours, painter, live_server, drawn, capsys):  # noqa: F811
    points, regions = make_points(size)
    cookie = sign_in_as(drawn, live_server)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE_FLAGS)
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        context.add_cookies([cookie])
        page = context.new_page()
        if painter == "WebGL":
            page.add_init_script(FORCE_WEBGL)
        page.route("**/map/points", lambda route: route.fulfill(body=points, content_type="application/octet-stream"))
        page.route("**/map/regions", lambda route: route.fulfill(json={"regions": regions}))
        page.route(
            "**/map/colours?*",
            lambda route: route.fulfill(body=make_colours(size), content_type="application/octet-stream"),
        )
        page.goto(f"{reverse('map')}?colours={colours}")
        page.locator("[data-map]:not([aria-busy])").wait_for(timeout=120_000)
        loaded = page.evaluate("() => performance.now()")
        began = page.evaluate("() => performance.getEntriesByType('resource').find((e) => e.name.endsWith('/points'))")
        assert page.evaluate(HAS_WEBGL) == (painter == "WebGL")
        whole = measure_pan(page)
        for _ in range(6):
            page.get_by_role("button", name="Nearer").click()
        near = measure_pan(page)
        page.get_by_role("button", name="Whole map").click()
        page.locator("[data-legend] button").first.click()
        lifted = measure_pan(page)
        browser.close()
    with capsys.disabled():
        print(
            f"\n{size:,} points by {colours} and {painter}, without a graphics card: there "
            f"{loaded - began['startTime']:.0f} ms after they were asked for "
            f"({began['duration']:.0f} ms of it on their way), "
            f"{whole[0]:.0f} pictures a second with all of them in sight ({whole[1]:.0f} ms of processors each), "
            f"{near[0]:.0f} from near ({near[1]:.0f} ms), "
            f"{lifted[0]:.0f} with one colour lifted out ({lifted[1]:.0f} ms)"
        )
