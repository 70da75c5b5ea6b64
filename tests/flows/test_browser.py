"""The whole way in a real browser: drop songs in, watch them become ready, hear what sounds alike."""

import shutil

import pytest
from django.urls import reverse

from tests.flows.music import make_song
from tests.stack import Stack

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser test needs the package playwright")

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_MS = 120_000
# Chromium reports every refusal of the server like a fault of the page.
EXPECTED_COMPLAINT = "status of 415"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Two of one style and one of another."""
    folder = tmp_path_factory.mktemp("browser-songs")
    return [make_song(folder, style, seed) for style, seed in (("piano", 71), ("piano", 72), ("techno", 71))]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def complaints():
    """What the console of the page says, filled while the test runs and judged at its end."""
    heard = []
    yield heard
    assert [line for line in heard if EXPECTED_COMPLAINT not in line] == []


@pytest.fixture
def open_upload_page(browser, stack: Stack, complaints):
    contexts = []

    def sign_in(**given):
        contexts.append(browser.new_context(base_url=stack.address, **given))
        page = contexts[-1].new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{reverse('sign_in')}?next={reverse('upload')}")
        page.fill("input[name=username]", stack.admin_name)
        page.fill("input[name=password]", stack.admin_password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/upload/")
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_upload_page):
    return open_upload_page()


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
    )


def test_songs_become_ready_and_can_be_heard_beside_their_neighbours(page, songs):
    page.set_input_files("#files", songs)
    for title in ("piano 71", "piano 72", "techno 71"):
        wait_for_state(page, title, "ready")
    page.set_input_files("#files", songs[:1])
    sync_api.expect(row_of(page, "piano 71")).to_contain_text("You already have this.")
    sync_api.expect(row_of(page, "piano 71")).to_have_count(1)

    row_of(page, "piano 71").get_by_role("link", name="piano 71").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text("piano 71")
    neighbours = page.locator("#similar .row")
    titles = neighbours.locator(".names a").all_inner_texts()
    # Other flows fill the same catalog, so that the techno may be too far down to be listed at all.
    assert "techno 71" not in titles[: titles.index("piano 72")]

    page.get_by_role("button", name="Play piano 71", exact=True).click()
    wait_until_elapsed(page, 1)
    page.locator("canvas.waveform").press("End")
    page.locator("canvas.waveform").press("ArrowLeft")
    wait_until_elapsed(page, 7)
    page.get_by_role("slider", name="Position in the track").press("Home")
    page.wait_for_function("document.querySelector('.player [data-elapsed]').textContent < '0:05'")

    neighbours.filter(has_text="piano 72").get_by_role("button").click()
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 72")
    wait_until_elapsed(page, 1)
    assert elapsed_seconds(page) < 7


def test_what_was_playing_comes_back_paused(page, songs):
    page.set_input_files("#files", songs[:1])
    wait_for_state(page, "piano 71", "ready")
    page.goto(reverse("library"))
    page.get_by_role("button", name="Play piano 71", exact=True).click()
    wait_until_elapsed(page, 2)
    page.reload()
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 71")
    assert elapsed_seconds(page) >= 1
    page.get_by_role("region", name="Player").get_by_role("button", name="Play").click()
    wait_until_elapsed(page, 3)


def test_a_format_that_the_browser_cannot_play_is_offered_as_a_download(page, tmp_path):
    song = make_song(tmp_path, "ambient", 77, container="tta")
    page.set_input_files("#files", song)
    wait_for_state(page, "ambient 77", "ready")
    row_of(page, "ambient 77").get_by_role("link").first.click()
    page.locator(".track-player .play").click()
    alert = page.locator(".player").get_by_role("alert")
    sync_api.expect(alert).to_contain_text("This browser cannot play TTA files.")
    with page.expect_download() as download:
        alert.get_by_role("link", name="Download the file").click()
    assert download.value.suggested_filename == song.name


def test_text_that_calls_itself_a_song_is_refused(page, tmp_path, stack: Stack):
    fake = tmp_path / "not really.mp3"
    fake.write_text("These are words, not waves.\n" * 100)
    (tmp_path / "nothing.wav").write_bytes(b"")
    page.set_input_files("#files", [fake, tmp_path / "nothing.wav"])
    sync_api.expect(row_of(page, "not really.mp3")).to_contain_text("This is not an audio file we know")
    sync_api.expect(row_of(page, "nothing.wav")).to_contain_text("This file is empty.")
    page.reload()
    sync_api.expect(row_of(page, "not really.mp3")).to_have_count(0)
    assert not [*(stack.home / "media" / "staging").glob("upload-*")]


def test_a_track_is_deleted_after_asking(page, tmp_path):
    song = make_song(tmp_path, "flute", 79)
    page.set_input_files("#files", song)
    wait_for_state(page, "flute 79", "ready")
    row_of(page, "flute 79").get_by_text("Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Keep it").click()
    sync_api.expect(row_of(page, "flute 79")).to_have_count(1)
    row_of(page, "flute 79").get_by_text("Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    sync_api.expect(row_of(page, "flute 79")).to_have_count(0)
    page.reload()
    sync_api.expect(row_of(page, "flute 79")).to_have_count(0)


def test_everything_but_the_player_works_without_scripts(open_upload_page, tmp_path):
    page = open_upload_page(java_script_enabled=False)
    fake = tmp_path / "words.mp3"
    fake.write_text("words")
    page.set_input_files("#files", [make_song(tmp_path, "rock", 81), fake])
    page.get_by_role("button", name="Upload").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("“rock-81” was received.")
    sync_api.expect(page.locator(".notices")).to_contain_text("words.mp3: This is not an audio file we know")
    for _ in range(PATIENCE_MS // 500):
        if page.locator("li.upload[data-state=ready]", has_text="rock 81").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    row_of(page, "rock 81").get_by_role("link", name="rock 81").click()
    sync_api.expect(page.locator("audio.plain-audio")).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("“rock 81” was deleted.")
