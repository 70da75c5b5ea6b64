"""The whole way in a real browser: drop songs in, watch them become ready, hear what sounds alike."""

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
from tests.stack import Stack

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Two of one style and one of another."""
    folder = tmp_path_factory.mktemp("browser-songs")
    return [make_song(folder, style, seed) for style, seed in (("piano", 71), ("piano", 72), ("techno", 71))]


def test_songs_become_ready_and_can_be_heard_beside_their_neighbours(page, songs):
    page.set_input_files("#files", songs)
    for title in ("piano 71", "piano 72", "techno 71"):
        wait_for_state(page, title, "ready")
    page.set_input_files("#files", songs[:1])
    sync_api.expect(row_of(page, "piano 71")).to_contain_text("You already have this.")
    sync_api.expect(row_of(page, "piano 71")).to_have_count(1)

    row_of(page, "piano 71").get_by_role("link", name="piano 71", exact=True).click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text("piano 71")
    neighbours = page.locator("#similar .row")
    # Other flows bring more by the same artist, of whom a shaped list holds two.
    page.get_by_label("No shaping").check()
    sync_api.expect(neighbours.filter(has_text="piano 72")).to_have_count(1)
    titles = neighbours.locator(".names a").all_inner_texts()
    # Other flows fill the same catalog, so that the techno may be too far down to be listed at all.
    assert "techno 71" not in titles[: titles.index("piano 72")]

    page.get_by_role("button", name="Play piano 71", exact=True).click()
    wait_until_elapsed(page, 1)
    page.locator("canvas.waveform").press("End")
    page.locator("canvas.waveform").press("ArrowLeft")
    wait_until_elapsed(page, 7)
    page.get_by_role("slider", name="Position in the track").press("Home")
    page.wait_for_function("() => document.querySelector('.player [data-elapsed]').textContent < '0:05'")

    neighbours.filter(has_text="piano 72").get_by_role("button").click()
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 72")
    wait_until_elapsed(page, 1)
    assert elapsed_seconds(page) < 7


def test_a_passage_chosen_on_the_waveform_is_found_in_other_tracks(page, songs):
    page.set_input_files("#files", songs)
    for title in ("piano 71", "piano 72"):
        wait_for_state(page, title, "ready")
    row_of(page, "piano 71").get_by_role("link", name="piano 71", exact=True).click()
    box = page.locator("canvas.waveform").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Find this passage").click()
    sync_api.expect(page.get_by_role("heading", name="Sounds like this passage")).to_be_visible()
    assert page.url.endswith("?from=0%3A04&to=0%3A11#similar")
    found = page.locator("#similar .row", has_text="piano 72")
    found.get_by_role("link", name="there").click()
    sync_api.expect(page.locator(".player [data-title]")).to_have_text("piano 72")

    page.get_by_role("link", name="The whole track").click()
    sync_api.expect(page.get_by_role("heading", name="Sounds like this", exact=True)).to_be_visible()
    waveform = page.locator("canvas.waveform")
    for _ in range(3):
        waveform.press("Shift+ArrowRight")
    sync_api.expect(page.get_by_label("to", exact=True)).to_have_value("0:03")
    waveform.press("Escape")
    sync_api.expect(page.get_by_label("to", exact=True)).to_have_value("")


def test_what_is_typed_into_the_search_box_is_found_at_once(page, songs):
    page.set_input_files("#files", songs[:2])
    for title in ("piano 71", "piano 72"):
        wait_for_state(page, title, "ready")
    box = page.get_by_role("combobox", name="Search titles")
    box.press_sequentially("paino 72")
    found = page.get_by_role("listbox", name="Found")
    sync_api.expect(found.get_by_role("option").first).to_contain_text("piano 72")
    box.press("ArrowDown")
    sync_api.expect(found.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    sync_api.expect(found).to_be_hidden()
    box.press("End")
    box.press("Backspace")
    sync_api.expect(found).to_be_visible()
    box.press("2")
    sync_api.expect(found.get_by_role("option").first).to_contain_text("piano 72")
    box.press("ArrowDown")
    box.press("Enter")
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text("piano 72")
    sync_api.expect(found).to_be_hidden()


def test_a_format_that_the_browser_cannot_play_is_played_from_a_copy(page, tmp_path):
    song = make_song(tmp_path, "ambient", 77, container="tta")
    page.set_input_files("#files", song)
    wait_for_state(page, "ambient 77", "ready")
    row_of(page, "ambient 77").get_by_role("link").first.click()
    # While the copy is being made the player says so, and starts by itself.
    page.locator(".track-player .play").click()
    wait_until_elapsed(page, 1)
    sync_api.expect(page.locator(".player").get_by_role("alert")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == song.name


def test_text_that_calls_itself_a_song_is_refused(page, tmp_path, stack: Stack):
    fake = tmp_path / "not really.mp3"
    fake.write_text("These are words, not waves.\n" * 100)
    (tmp_path / "nothing.wav").write_bytes(b"")
    page.set_input_files("#files", [fake, tmp_path / "nothing.wav"])
    sync_api.expect(row_of(page, "not really.mp3")).to_contain_text("This is not an audio file we know")
    sync_api.expect(row_of(page, "nothing.wav")).to_contain_text("This file is empty.")
    page.reload()
    # Where other flows were refused much, the list is folded.
    page.locator("details.refused").evaluate("list => (list.open = true)")
    refused = row_of(page, "not really.mp3")
    sync_api.expect(refused).to_contain_text("This is not an audio file we know")
    refused.get_by_role("button", name="Dismiss").click()
    sync_api.expect(refused).to_have_count(0)
    sync_api.expect(row_of(page, "nothing.wav")).to_have_count(0)
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
    sync_api.expect(page.locator(".notice")).to_contain_text("“flute 79” is in the trash now.")
    page.get_by_role("button", name="Undo").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("Taken back.")
    row_of(page, "flute 79").get_by_text("Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    sync_api.expect(page.locator(".notice", has_text="flute 79")).to_have_count(1)
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
    row_of(page, "rock 81").get_by_role("link", name="rock 81", exact=True).click()
    sync_api.expect(page.locator("audio.plain-audio")).to_be_visible()
    page.locator("main summary", has_text="More for rock 81").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("“rock 81” is in the trash now.")
    page.get_by_role("button", name="Undo").click()
    sync_api.expect(page.locator(".notices")).to_contain_text("Taken back.")


def test_a_page_that_comes_without_a_new_document_is_a_page_all_the_same(page):
    page.evaluate("window.sameDocument = true")
    menu = page.get_by_role("navigation", name="Main")
    page.set_viewport_size({"width": 900, "height": 300})
    page.evaluate("document.documentElement.scrollTop = 100")
    # A real click has the sticky menu scrolled into view first.
    menu.get_by_role("link", name="Library").evaluate("link => link.click()")
    sync_api.expect(page).to_have_title("Soundalike")
    sync_api.expect(menu.get_by_role("link", name="Library")).to_have_attribute("aria-current", "page")
    sync_api.expect(page.locator("main")).to_be_focused()
    sync_api.expect(page.locator("#announcer")).to_have_text("Soundalike")
    assert page.evaluate("scrollY") == 0
    page.get_by_role("combobox").fill("no such music")
    page.get_by_role("combobox").press("Enter")
    sync_api.expect(page.get_by_role("heading", level=1)).to_contain_text("no such music")
    page.go_back()
    sync_api.expect(page.get_by_role("combobox")).to_have_value("")
    page.go_back()
    sync_api.expect(page).to_have_title("Upload · Soundalike")
    header = page.get_by_role("banner")
    sync_api.expect(header.get_by_role("link", name="Upload")).to_have_attribute("aria-current", "page")
    sync_api.expect(page.locator("main")).to_be_focused()
    page.wait_for_function("() => scrollY === 100")
    assert page.evaluate("window.sameDocument")

    header.get_by_role("button", name="Account of").click()
    header.get_by_role("button", name="Sign out").click()
    sync_api.expect(header.get_by_role("link", name="Sign in")).to_be_visible()
    assert not page.evaluate("window.sameDocument")


def test_back_works_in_browsers_without_the_navigation_api(open_upload_page):
    page = open_upload_page(viewport={"width": 900, "height": 300})
    page.add_init_script("Object.defineProperty(window, 'navigation', { value: undefined })")
    page.reload()
    page.evaluate("document.documentElement.scrollTop = 100")
    page.get_by_role("link", name="Library").evaluate("link => link.click()")
    sync_api.expect(page).to_have_title("Soundalike")
    page.go_back()
    sync_api.expect(page).to_have_title("Upload · Soundalike")
    page.wait_for_function("() => scrollY === 100")


def test_what_is_no_page_of_ours_is_left_to_the_browser(page, tmp_path):
    page.set_input_files("#files", make_song(tmp_path, "flute", 85, seconds=6))
    wait_for_state(page, "flute 85", "ready")
    row_of(page, "flute 85").get_by_role("link", name="flute 85", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert download.value.suggested_filename == "flute-85.mp3"
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("link", name="Admin", exact=True).click()
    page.wait_for_url("**/admin/")
    sync_api.expect(page.locator("#site-name, #header").first).to_be_visible()


def test_a_server_that_does_not_answer_is_said(page):
    page.context.set_offline(True)
    page.get_by_role("link", name="Library").click()
    sync_api.expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached right now.")
    page.context.set_offline(False)
    page.get_by_role("link", name="Library").click()
    sync_api.expect(page).to_have_title("Soundalike")
    sync_api.expect(page.locator("#problem")).to_be_hidden()
