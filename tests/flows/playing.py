"""What the flows that listen share: an ear at every sound of a page, and what the player is asked to do."""

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

# The elements are in no document; their prototype can be asked. What reaches the speakers is heard on the way.
EAR = """
window.decks = [];
window.gaps = [];
const playing = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.heard = this;
  if (!window.decks.includes(this)) {
    window.decks.push(this);
    for (const name of ["pause", "emptied"]) this.addEventListener(name, () => window.gaps.push(name));
  }
  return playing.call(this);
};
window.listenIn = () => {
  const context = new AudioContext();
  const ear = new AnalyserNode(context, { fftSize: 2048 });
  ear.connect(context.destination);
  for (const deck of window.decks) context.createMediaElementSource(deck).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  return () => {
    ear.getFloatTimeDomainData(wave);
    return Math.hypot(...wave) / Math.sqrt(wave.length);
  };
};
"""


def listen(page):
    """Note from now on what this page plays: `heard` is what was started last, `gaps` is what interrupted it."""
    page.add_init_script(f"(() => {{{EAR}}})()")
    page.evaluate(f"() => {{{EAR}}}")


def expect_title(page, title):
    sync_api.expect(page.locator(".player [data-title]")).to_have_text(title)


def expect_said(page, text):
    sync_api.expect(page.locator("#announcer")).to_contain_text(text)


def expect_to_go_on(page):
    """The sound is further on than it was, whatever the page does meanwhile, and was never interrupted."""
    page.wait_for_function(
        "before => window.heard.currentTime > before + 0.2", arg=page.evaluate("window.heard.currentTime")
    )
    assert page.evaluate("window.gaps") == []


def go_to(page, seconds_before_the_end):
    """The sound itself, as the slider would take it there."""
    page.evaluate("before => (window.heard.currentTime = window.heard.duration - before)", seconds_before_the_end)


def play(page, title):
    page.get_by_role("main").get_by_role("button", name=f"Play {title}", exact=True).first.click()
    expect_title(page, title)


def add_to_queue(page, row, button="Add to the queue", told="Added “{}” to the queue"):
    title = row.locator(".names a").first.inner_text()
    row.locator("summary").click()
    row.get_by_role("button", name=button).click()
    expect_said(page, told.format(title))
    sync_api.expect(page.locator("details[open]")).to_have_count(0)


def upcoming(page):
    return page.locator("#sheet [data-entries] [data-name]")
