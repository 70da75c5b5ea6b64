import pytest
from django.http import Http404
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Visibility
from recommender.catalog.streaming import OPEN_SHARE_BYTES, parse_range, stream_audio
from tests.people import make_audio_file, make_track

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def track(db):
    audio_file = make_audio_file(CONTENT)
    path = path_of(audio_file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    return make_track(audio_file=audio_file, file_name='so"ng\r\n.mp3')


def ask(track, method="GET", *, as_download=False, **headers):
    request = RequestFactory().generic(method, "/", headers=headers)
    response = stream_audio(request, track, as_download=as_download)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response, body


@pytest.mark.parametrize(
    ("header", "status", "expected", "content_range"),
    [
        ("", 200, CONTENT, None),
        ("bytes=0-0", 206, CONTENT[:1], "bytes 0-0/1024"),
        ("bytes=100-", 206, CONTENT[100:], "bytes 100-1023/1024"),
        ("bytes=-24", 206, CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-5000", 206, CONTENT, "bytes 0-1023/1024"),
        ("bytes=1000-99999", 206, CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=1024-", 416, b"", "bytes */1024"),
        ("bytes=-0", 416, b"", "bytes */1024"),
        ("bytes=5-2", 200, CONTENT, None),
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("lines=0-1", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
    ],
)
def test_ranges(track, header, status, expected, content_range):
    response, body = ask(track, Range=header) if header else ask(track)
    assert (response.status_code, body) == (status, expected)
    assert response.get("Content-Range") == content_range
    assert response["Accept-Ranges"] == "bytes"
    if status != 416:
        assert int(response["Content-Length"]) == len(expected)


def test_a_player_gets_the_rest_of_a_long_file_in_shares():
    assert parse_range("bytes=100-", 10**8) == (100, 99 + OPEN_SHARE_BYTES)
    assert parse_range("bytes=100-99999999", 10**8) == (100, 10**8 - 1)


def test_head_tells_the_length_and_sends_nothing(track):
    response, body = ask(track, "HEAD", Range="bytes=0-9")
    assert (response.status_code, body, response["Content-Length"]) == (206, b"", "10")


def test_what_the_browser_has_already_is_not_sent_again(track):
    first, _ = ask(track)
    again, body = ask(track, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, body) == (304, b"")


def test_if_range_of_another_file_gives_the_whole(track):
    first, _ = ask(track)
    same, _ = ask(track, Range="bytes=0-9", **{"If-Range": first["ETag"]})
    by_date, _ = ask(track, Range="bytes=0-9", **{"If-Range": first["Last-Modified"]})
    other, _ = ask(track, Range="bytes=0-9", **{"If-Range": '"other"'})
    assert [answer.status_code for answer in (same, by_date, other)] == [206, 206, 200]


def test_a_file_is_never_taken_for_a_page(track):
    response, _ = ask(track, as_download=True)
    assert response["Content-Type"] == "audio/mpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "\n" not in disposition


def test_private_sound_is_not_kept_by_the_browser(track):
    assert "no-store" not in ask(track)[0]["Cache-Control"]
    track.visibility = Visibility.PRIVATE
    assert ask(track)[0]["Cache-Control"] == "private, no-store"


def test_a_lost_file_is_not_found(track):
    path_of(track.audio_file_id).unlink()
    with pytest.raises(Http404):
        ask(track)


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True), st.integers(1, 10**12))
def test_any_header_gives_a_span_within_the_file(header, size):
    span = parse_range(header, size)
    assert span is None or span == (0, -1) or 0 <= span[0] <= span[1] < size
