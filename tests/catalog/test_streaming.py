import pytest
from django.http import Http404
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalog.audio_files import path_of, rendition_path_of
from recommender.catalog.models import Rendition, Visibility
from recommender.catalog.streaming import (
    OPEN_SHARE_BYTES,
    BeingPreparedError,
    NotPlayableError,
    parse_range,
    stream_audio,
    stream_download,
)
from tests.people import make_audio_file, make_track

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def track(db):
    audio_file = make_audio_file(CONTENT)
    path = path_of(audio_file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    # Another test may have left the copy of a file with the same content.
    rendition_path_of(audio_file.sha256).unlink(missing_ok=True)
    return make_track(audio_file=audio_file, file_name='so"ng\r\n.mp3')


def ask(track, method="GET", *, stream=stream_audio, **headers):
    response = stream(RequestFactory().generic(method, "/", headers=headers), track)
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
    response, _ = ask(track, stream=stream_download)
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


COPY = b"fLaC" + bytes(1000)


@pytest.fixture
def copied(track):
    """`track` with a copy for browsers."""
    track.audio_file.rendition = Rendition.MADE
    track.audio_file.save()
    path = rendition_path_of(track.audio_file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(COPY)
    return track


def test_what_browsers_cannot_play_is_heard_as_its_copy_and_downloaded_as_it_came(copied):
    response, body = ask(copied)
    assert (response["Content-Type"], body) == ("audio/flac", COPY)
    assert "sandbox" in response["Content-Security-Policy"]
    download, original = ask(copied, stream=stream_download)
    assert (download["Content-Type"], original) == ("audio/mpeg", CONTENT)
    assert download["ETag"] != response["ETag"]


def test_ranges_of_a_copy(copied):
    response, body = ask(copied, Range="bytes=0-3")
    assert (response.status_code, body) == (206, b"fLaC")
    assert response["Content-Range"] == f"bytes 0-3/{len(COPY)}"
    original, _ = ask(copied, stream=stream_download)
    mixed, _ = ask(copied, Range="bytes=0-3", **{"If-Range": original["ETag"]})
    assert mixed.status_code == 200


def test_a_copy_that_is_not_flac_is_mp3(copied):
    rendition_path_of(copied.audio_file_id).write_bytes(b"ID3\x04 and so on")
    assert ask(copied)[0]["Content-Type"] == "audio/mpeg"


def test_a_lost_copy_is_wanted_again(copied):
    rendition_path_of(copied.audio_file_id).unlink()
    with pytest.raises(BeingPreparedError):
        ask(copied)
    copied.audio_file.refresh_from_db()
    assert copied.audio_file.rendition == Rendition.WANTED
    assert ask(copied, stream=stream_download)[1] == CONTENT


def test_without_a_copy_there_is_nothing_to_hear(track):
    for state, error in ((Rendition.WANTED, BeingPreparedError), (Rendition.FAILED, NotPlayableError)):
        track.audio_file.rendition = state
        with pytest.raises(error):
            ask(track)
        assert ask(track, stream=stream_download)[1] == CONTENT


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True), st.integers(1, 10**12))
def test_any_header_gives_a_span_within_the_file(header, size):
    span = parse_range(header, size)
    assert span is None or span == (0, -1) or 0 <= span[0] <= span[1] < size
