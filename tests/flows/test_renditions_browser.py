"""Formats that browsers do not play, in a real browser."""

import pytest
from django.urls import reverse

from tests.flows.browsing import needs_chromium, wait_until_elapsed
from tests.flows.music import make_song, upload, wait_until_ready
from tests.stack import Stack, wait_until

pytestmark = needs_chromium


@pytest.mark.parametrize(
    ("container", "media_type"), [("wavpack", "audio/flac"), pytest.param("wma", "audio/mpeg", marks=pytest.mark.slow)]
)
def test_what_browsers_cannot_play_is_heard_as_a_copy(page, stack: Stack, tmp_path, container, media_type):
    session = stack.open_browser()
    song = make_song(tmp_path, "ambient", 91, container=container)
    track = upload(session, song)
    wait_until_ready(session, [track])
    sound = reverse("track_audio", args=[track])
    copied = wait_until(lambda: (answer := session.get(sound, Range="bytes=0-99")).status == 206 and answer, 60)
    assert copied.headers["Content-Type"] == media_type
    assert session.get(reverse("track_download", args=[track])).body == song.read_bytes()

    page.goto(reverse("track", args=[track]))
    # A copy that becomes ready between the player's question and its look at the answer: nothing says "cannot play".
    page.route("**/audio", lambda route: route.fulfill(status=503, json={"detail": "Wait."}), times=1)
    page.locator(".track-player .play").click()
    wait_until_elapsed(page, 2)
    page.get_by_role("slider", name="Position in the track").press("End")
    page.get_by_role("slider", name="Position in the track").press("ArrowLeft")
    wait_until_elapsed(page, 6)
