"""Sound to the browser: one byte range at a time, as RFC 9110 section 14 asks.

Ranges are what makes seeking work. Of several ranges in one request only a single one is honoured; a header that cannot
be read is ignored and the whole file is sent, both as the RFC allows.
"""

import re
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from recommender.catalog.audio_files import COVER_SIDES, cover_path_of, path_of, rendition_path_of
from recommender.catalog.models import AudioFile, Rendition, Spectrogram, Track, Visibility

BLOCK_BYTES = 128 * 1024
OPEN_SHARE_BYTES = 2 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")


class BeingPreparedError(Exception):
    """The copy that browsers play is not made yet."""


class NotPlayableError(Exception):
    """Browsers do not play this file, and no copy could be made that they do."""


def stream_audio(request: HttpRequest, track: Track) -> HttpResponseBase:
    """The sound of `track` as browsers play it, or the one range of it that was asked for.

    Raises Http404 when the file is gone, BeingPreparedError and NotPlayableError when there is no playable copy.
    """
    audio_file = track.audio_file
    if audio_file.rendition in (Rendition.UNKNOWN, Rendition.NEEDLESS):
        return _stream_original(request, track)
    if audio_file.rendition == Rendition.FAILED:
        raise NotPlayableError
    return _stream_rendition(request, track)


def stream_download(request: HttpRequest, track: Track) -> HttpResponseBase:
    """The file of `track` as it came, under the name it came with. Raises Http404 when it is gone."""
    response = _stream_original(request, track)
    name = track.file_name or f"track-{track.pk}{track.audio_file.suffix}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def serve_ranges(request: HttpRequest, path: Path, etag: str) -> HttpResponseBase:
    try:
        handle = path.open("rb")
    except FileNotFoundError as error:
        raise Http404("the file of this track is missing") from error
    info = path.stat()
    modified = formatdate(info.st_mtime, usegmt=True)
    if request.headers.get("If-None-Match") == etag:
        handle.close()
        return HttpResponseNotModified(headers={"ETag": etag})
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) not in (etag, modified):
        asked = ""
    span = parse_range(asked, info.st_size)
    response = _answer(request, handle, span, info.st_size)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Last-Modified"] = modified
    response["X-Content-Type-Options"] = "nosniff"
    return response


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte asked for; None for the whole file. An unsatisfiable range gives (0, -1)."""
    match = _RANGE.match(header.strip())
    if not match or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        suffix = min(int(last), size)
        return (size - suffix, size - 1) if suffix else (0, -1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        return 0, -1
    # A player asks for "the rest" and reads it at the speed of the music: it gets a share, and asks again.
    return int(first), min(int(last) if last else int(first) + OPEN_SHARE_BYTES - 1, size - 1)


def serve_cover(request: HttpRequest, track: Track, side: int) -> HttpResponseBase:
    """The cover of `track` in the size `side`, of COVER_SIDES. Raises Http404 when there is none."""
    if side not in COVER_SIDES or track.cover_id is None:
        raise Http404("no cover of this size")
    try:
        response = FileResponse(cover_path_of(track.cover_id, side).open("rb"), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404("the file of this cover is missing") from error
    response["Cache-Control"] = cache_policy(track)
    return response


def serve_spectrogram(track: Track) -> HttpResponseBase:
    """Raises Http404 when there is none."""
    kept = Spectrogram.objects.filter(audio_file=track.audio_file_id).first()
    if kept is None or not kept.picture:
        raise Http404("there is no picture of this sound")
    response = HttpResponse(bytes(kept.picture), content_type="image/webp")
    response["Cache-Control"] = cache_policy(track)
    return response


def serve_waveform(track: Track) -> HttpResponse:
    """The bars of its waveform, one byte each."""
    response = HttpResponse(bytes(track.waveform), content_type="application/octet-stream")
    response["Cache-Control"] = cache_policy(track)
    return response


def cache_policy(track: Track) -> str:
    """What is not for everybody is not kept by browsers either, so that it is gone with the right to it."""
    return "private, max-age=3600" if track.visibility == Visibility.PUBLISHED else "private, no-store"


def _stream_original(request: HttpRequest, track: Track) -> HttpResponseBase:
    audio_file = track.audio_file
    response = serve_ranges(request, path_of(audio_file.sha256), etag=f'"{audio_file.sha256}"')
    return _finish(response, track, audio_file.media_type)


def _stream_rendition(request: HttpRequest, track: Track) -> HttpResponseBase:
    path = rendition_path_of(track.audio_file_id)
    try:
        modified_ns = path.stat().st_mtime_ns
    except FileNotFoundError:
        # One that was lost is made again: the sweeper looks for what is wanted.
        lost = AudioFile.objects.filter(pk=track.audio_file_id, rendition=Rendition.MADE)
        lost.update(rendition=Rendition.WANTED)
        raise BeingPreparedError from None
    # One that is made again need not have the same bytes.
    response = serve_ranges(request, path, etag=f'"{track.audio_file_id}-{modified_ns:x}"')
    return _finish(response, track, _media_type_of(path))


def _finish(response: HttpResponseBase, track: Track, media_type: str) -> HttpResponseBase:
    response["Content-Type"] = media_type
    # Whatever the bytes are, a browser must never take them for a page.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = cache_policy(track)
    return response


def _media_type_of(rendition: Path) -> str:
    with rendition.open("rb") as file:
        return "audio/flac" if file.read(4) == b"fLaC" else "audio/mpeg"


def _answer(request: HttpRequest, handle: BinaryIO, span: tuple[int, int] | None, size: int) -> HttpResponseBase:
    if span == (0, -1):
        handle.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    headers = {"Content-Length": str(last - first + 1)}
    if span:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = 206 if span else 200
    if request.method == "HEAD":
        handle.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_read(handle, first, last), status=status, headers=headers)


def _read(handle: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with handle:
        handle.seek(first)
        remaining = last - first + 1
        while remaining > 0 and (block := handle.read(min(BLOCK_BYTES, remaining))):
            remaining -= len(block)
            yield block
