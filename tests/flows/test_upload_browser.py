"""Uploads in a real browser: whole folders, nothing twice, and on after every interruption."""

import pytest
from django.urls import reverse

from tests.flows.browsing import PATIENCE_MS, needs_chromium, row_of, wait_for_state
from tests.flows.music import make_song
from tests.stack import Stack

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = needs_chromium

SLOW_BYTES_PER_SECOND = 300_000
# A PNG of two by two pixels.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001649444154789c633c1120c7c0c0c0c4c0c0c0"
    "c0c000000f5c013a2e77b4060000000049454e44ae426082"
)


class Line:
    """What the page sends to the tus address, and how fast it may."""

    def __init__(self, page) -> None:
        self.page = page
        self.requests: list[tuple[str, int | None]] = []
        self._session = page.context.new_cdp_session(page)
        page.on("request", self._note)

    def _note(self, request) -> None:
        if reverse("tus_uploads") in request.url:
            offset = request.headers.get("upload-offset")
            self.requests.append((request.method, None if offset is None else int(offset)))

    def limit(self, bytes_per_second: int) -> None:
        """-1 is as fast as it goes."""
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self._session.send("Network.emulateNetworkConditions", conditions)

    def resumed_offsets(self) -> list[int]:
        """Where it went on after having asked how much has arrived."""
        pairs = zip(self.requests, self.requests[1:], strict=False)
        return [offset for (asked, _), (sent, offset) in pairs if (asked, sent) == ("HEAD", "PATCH")]


@pytest.fixture
def line(page):
    return Line(page)


@pytest.fixture
def long_song(tmp_path):
    def make(seed):
        return make_song(tmp_path, "ambient", seed, seconds=25, container="wav")

    return make


def share_of(row):
    return row.locator("progress").evaluate("bar => bar.value")


def wait_until_sent(page, name, share):
    page.wait_for_function(
        "([name, share]) => [...document.querySelectorAll('#dock li')]"
        ".some(row => row.textContent.includes(name) && row.querySelector('progress').value >= share)",
        arg=[name, share],
    )


def start_slowly(page, line, song):
    line.limit(SLOW_BYTES_PER_SECOND)
    page.set_input_files("#files", song)
    wait_until_sent(page, song.name, 0.25)
    return row_of(page, song.name)


def make_album(folder, seed, *, songs=6):
    """Songs in two folders, a cover, and two files that are neither."""
    second = folder / "Disc 2"
    second.mkdir(parents=True)
    for number in range(songs):
        make_song(folder if number < 4 else second, "piano", seed + number, seconds=4)
    (folder / "cover.png").write_bytes(PICTURE)
    (folder / "notes.txt").write_text("words")
    (second / ".hidden.mp3").write_bytes(b"\0")
    return folder


def test_a_folder_is_taken_in_once(page, line, tmp_path):
    album = make_album(tmp_path / "An album", 901)
    page.set_input_files("#folder", album)
    dock = page.locator("#dock")
    sync_api.expect(dock).to_contain_text("6 files chosen. 2 files that are no music were left out.")
    with page.expect_response(lambda answer: answer.url.endswith("/cover"), timeout=PATIENCE_MS) as cover:
        sync_api.expect(dock.locator("[data-state=ready]")).to_have_count(6, timeout=PATIENCE_MS)
    assert cover.value.request.method == "POST"
    assert cover.value.ok
    assert sum(method == "POST" for method, _ in line.requests) == 6
    sync_api.expect(dock).to_contain_text("6 files have arrived")

    line.requests.clear()
    page.reload()
    page.set_input_files("#folder", album)
    sync_api.expect(dock.get_by_text("You already have this.")).to_have_count(6)
    sync_api.expect(dock).to_contain_text("6 you already had")
    sync_api.expect(row_of(page, "piano 901")).to_have_count(1)
    sync_api.expect(dock.get_by_role("link", name="piano 901", exact=True)).to_be_visible()
    assert line.requests == []


def test_a_folder_is_dropped_on_any_page(page, tmp_path):
    album = make_album(tmp_path / "Another album", 921, songs=2)
    page.get_by_role("link", name="Library").click()
    sync_api.expect(page).to_have_title("Soundalike")
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(album)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 200, "y": 200, "data": data})
    dock = page.locator("#dock")
    sync_api.expect(dock).to_contain_text("2 files chosen. 2 files that are no music were left out.")
    dock.get_by_role("button", name="Files").click()
    sync_api.expect(dock.locator("[data-track]")).to_have_count(2, timeout=PATIENCE_MS)


def test_without_a_connection_nothing_is_lost_and_a_long_list_stays_usable(page, tmp_path):
    """The part that sends is loaded with the first file, which may be the moment at which the server is away."""
    page.route("**/tus-js-client*", lambda route: route.abort())
    files = [tmp_path / f"{number}.mp3" for number in range(62)]
    for number, file in enumerate(files):
        file.write_text(f"no music {number}")
    page.set_input_files("#files", files)
    dock = page.locator("#dock")
    sync_api.expect(dock).to_contain_text("No connection, trying again")
    dock.get_by_role("button", name="Show 2 of 2 more").focus()
    # Pressed for longer than the list takes to show itself anew.
    page.keyboard.press("Space", delay=1500)
    sync_api.expect(dock.locator("li")).to_have_count(len(files))
    page.unroute_all()
    sync_api.expect(dock).to_contain_text(f"{len(files)} not taken", timeout=PATIENCE_MS)


def test_a_file_is_paused_gone_on_with_and_cancelled(page, line, long_song):
    song = long_song(101)
    row = start_slowly(page, line, song)
    row.get_by_role("button", name=f"Pause: {song.name}").click()
    sync_api.expect(row).to_have_attribute("data-state", "paused")
    paused_at, requests = share_of(row), len(line.requests)
    page.wait_for_timeout(1500)
    assert (share_of(row), len(line.requests)) == (paused_at, requests)

    row.get_by_role("button", name=f"Go on: {song.name}").click()
    wait_until_sent(page, song.name, 0.5)
    assert line.resumed_offsets()[0] > 0
    with page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.ok):
        row.get_by_role("button", name=f"Cancel: {song.name}").click()
    sync_api.expect(row).to_have_count(0)
    sync_api.expect(page.locator("#dock")).to_be_hidden()
    page.reload()
    sync_api.expect(row).to_have_count(0)


def test_a_connection_that_breaks_off_is_gone_on_with(page, line, long_song, stack: Stack):
    song = long_song(105)
    start_slowly(page, line, song)
    stack.stop_program("web")
    sync_api.expect(row_of(page, song.name)).to_contain_text("This goes on by itself as soon as it can.")
    sync_api.expect(page.locator("#dock")).to_contain_text("No connection, trying again")
    stack.start_program("web")
    line.limit(-1)
    wait_for_state(page, "ambient 105", "ready")
    assert line.resumed_offsets()[-1] > 0


def test_after_a_reload_the_same_file_goes_on_where_it_was(page, line, long_song):
    """Begun without a hash of the whole: its pieces have checksums to the end, though it has been hashed meanwhile."""
    song = long_song(107)
    page.route("**/hash-worker*", lambda route: route.abort())
    start_slowly(page, line, song)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    line.limit(-1)
    page.get_by_role("heading", name="Not finished").wait_for()
    sync_api.expect(row_of(page, song.name)).to_contain_text("Interrupted")

    line.requests.clear()
    page.unroute_all()
    with page.expect_request(lambda request: request.method == "PATCH") as patch:
        page.set_input_files("#files", song)
    assert "upload-checksum" in patch.value.all_headers()
    row_of(page, "ambient 107").and_(page.locator("[data-track]")).first.wait_for(timeout=PATIENCE_MS)
    assert "POST" not in [method for method, _ in line.requests]
    assert line.resumed_offsets()[0] > 0


def test_uploads_go_on_while_their_sender_looks_at_other_pages(page, line, long_song):
    song = long_song(109)
    start_slowly(page, line, song)
    page.evaluate("window.sameDocument = true")
    dock = page.locator("#dock")
    shares = []
    for name in ("Library", "Upload", "Library"):
        page.get_by_role("banner").get_by_role("link", name=name, exact=True).click()
        sync_api.expect(page.get_by_role("heading", level=1)).to_have_text(name)
        sync_api.expect(dock).to_contain_text("0 of 1")
        shares.append(dock.get_by_role("progressbar", name="All uploads").evaluate("bar => bar.value"))
        page.wait_for_timeout(400)
    assert shares[0] < shares[1] < shares[2]
    line.limit(-1)
    sync_api.expect(dock).to_contain_text("1 file has arrived", timeout=PATIENCE_MS)
    assert page.evaluate("window.sameDocument")
    assert [method for method, _ in line.requests] == ["POST", "PATCH"]


def test_files_chosen_before_the_script_has_come_are_sent_when_it_comes(page, tmp_path):
    held = []
    page.route("**/js/upload/page*.js", lambda route: held.append(route))
    with page.expect_request("**/js/upload/page*.js"):
        page.goto(reverse("upload"))
    page.set_input_files("#files", make_song(tmp_path, "techno", 77, seconds=5))
    sync_api.expect(row_of(page, "techno 77")).to_have_count(0)
    for route in held:
        route.continue_()
    wait_for_state(page, "techno 77", "ready")
