"""The program that reads tags and cover of one untrusted file: `python -I tag_reader.py FILE`, JSON on standard output.

It runs alone and limited, because parsers of tags and pictures can be made to eat memory or never to end. It is started
as a plain file and imports nothing of the project, which keeps its start fast and its reach small.
"""

import base64
import contextlib
import io
import json
import resource
import sys
from typing import Any

import av
from PIL import Image
from tinytag import TinyTag, TinyTagException

ADDRESS_SPACE_BYTES = 1 << 30
CPU_SECONDS = 10
LONGEST_TEXT = 2000
LARGEST_COVER_BYTES = 10 << 20
LARGEST_COVER_PIXELS = 25_000_000
COVER_SIDE_PIXELS = 600
# What libav may open: sound, from this one file. Lists of other files are no business of ours.
LIBAV_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,aiff,au,caf,flac,mp3,ogg,asf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wv,tta,ape,mpc,mpc8",
}
FIELDS = {"title": "title", "artist": "artist", "album": "release"}


def main(path: str) -> None:
    _limit()
    found: dict[str, Any] = _read_with_tinytag(path)
    if not {"title", "artist"} <= found.keys():
        found = _read_with_libav(path) | found
    json.dump(found, sys.stdout)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _read_with_tinytag(path: str) -> dict[str, str]:
    try:
        tags = TinyTag.get(path, image=True)
    except (TinyTagException, OSError, ValueError, KeyError, IndexError, MemoryError, RecursionError):
        return {}
    found = {ours: _clean(getattr(tags, theirs)) for theirs, ours in FIELDS.items()}
    picture = tags.images.any
    if picture is not None and len(picture.data) <= LARGEST_COVER_BYTES:
        found["cover"] = _shrink_cover(picture.data)
    return {name: value for name, value in found.items() if value}


def _read_with_libav(path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    with (
        contextlib.suppress(av.FFmpegError, OSError, ValueError, MemoryError),
        av.open(path, container_options=LIBAV_OPTIONS) as container,
    ):
        for metadata in (container.metadata, *(stream.metadata for stream in container.streams.audio)):
            lower = {key.lower(): value for key, value in metadata.items()}
            found |= {ours: _clean(lower[theirs]) for theirs, ours in FIELDS.items() if lower.get(theirs)}
    return {name: value for name, value in found.items() if value}


def _clean(value: object) -> str:
    """Valid Unicode of sane length; who shows it makes it readable."""
    return str(value or "")[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def _shrink_cover(data: bytes) -> str:
    """The picture as base64 WebP without its metadata; "" for what is no plain picture of sane size."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > LARGEST_COVER_PIXELS:
                return ""
            picture.draft("RGB", (COVER_SIDE_PIXELS, COVER_SIDE_PIXELS))
            small = picture.convert("RGB")
            small.thumbnail((COVER_SIDE_PIXELS, COVER_SIDE_PIXELS))
            shrunk = io.BytesIO()
            small.save(shrunk, "WEBP", quality=82)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return ""
    return base64.b64encode(shrunk.getvalue()).decode("ascii")


if __name__ == "__main__":
    main(sys.argv[1])
