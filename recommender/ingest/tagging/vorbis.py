"""Vorbis comments (xiph.org/vorbis/doc/v-comment.html) and the picture blocks of FLAC (RFC 9639, section 8.8)."""

import base64
import struct
from collections.abc import Iterator
from typing import Final

from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.pieces import NotTaggableError

_FIELDS: Final = {
    "title": "TITLE",
    "artist": "ARTIST",
    "album": "ALBUM",
    "albumartist": "ALBUMARTIST",
    "compilation": "COMPILATION",
    "track": "TRACKNUMBER",
    "disc": "DISCNUMBER",
    "date": "DATE",
    "genre": "GENRE",
    "mood": "MOOD",
    "isrc": "ISRC",
    "recording_id": "MUSICBRAINZ_TRACKID",
    "artist_id": "MUSICBRAINZ_ARTISTID",
    "release_id": "MUSICBRAINZ_ALBUMID",
}
_PICTURE: Final = b"METADATA_BLOCK_PICTURE="
_OLD_PICTURE: Final = b"COVERART"
_FRONT_COVER: Final = 3
# Opus counts in 1/256 dB towards -23 LUFS and not towards -18 (RFC 7845, section 5.2.1).
_R128_STEPS: Final = 256
_R128_BELOW_DB: Final = 5
_MOST_COMMENTS: Final = 100_000

Comments = tuple[bytes, list[bytes]]


def read_comments(block: bytes) -> Comments:
    """(vendor, comments). Raises NotTaggableError."""
    try:
        (size,) = struct.unpack_from("<I", block)
        vendor = block[4 : 4 + size]
        (count,) = struct.unpack_from("<I", block, 4 + size)
        found = list(_walk(block, 8 + size, count))
    except struct.error as error:
        raise NotTaggableError("broken comments") from error
    return vendor, found


def build_comments(details: Details, found: Comments, *, is_opus: bool = False, with_pictures: bool = True) -> bytes:
    """Without pictures where these have blocks of their own."""
    vendor, old = found
    texts = [f"{field}={text}" for name, field in _FIELDS.items() for text in details.values.get(name, [])]
    texts += _tell_gain(details, is_opus=is_opus)
    pictures = [comment for comment in old if _is_picture(comment)]
    kept = [comment for comment in old if not _is_picture(comment) and not details.replaces(_name(comment))]
    made = [text.encode() for text in texts] + kept
    if with_pictures:
        own, cover = details.choose_pictures(pictures)
        made += [*own, *([_PICTURE + base64.b64encode(build_picture(cover))] if cover else [])]
    block = struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(made))
    return block + b"".join(struct.pack("<I", len(comment)) + comment for comment in made)


def build_picture(jpeg: bytes) -> bytes:
    """The block of a front cover. Its sides may be left open (0) where they are not known."""
    media_type = b"image/jpeg"
    head = struct.pack(">II", _FRONT_COVER, len(media_type)) + media_type
    return head + struct.pack(">IIIIII", 0, 0, 0, 24, 0, len(jpeg)) + jpeg


def _tell_gain(details: Details, *, is_opus: bool) -> list[str]:
    if details.gain_db is None:
        return []
    if is_opus:
        return [f"R128_TRACK_GAIN={round((details.gain_db - _R128_BELOW_DB) * _R128_STEPS)}"]
    return [f"REPLAYGAIN_TRACK_GAIN={details.gain}"]


def _walk(block: bytes, position: int, count: int) -> Iterator[bytes]:
    for _ in range(min(count, _MOST_COMMENTS)):
        (size,) = struct.unpack_from("<I", block, position)
        position += 4 + size
        if position > len(block):
            raise NotTaggableError("comments beyond their block")
        yield block[position - size : position]


def _name(comment: bytes) -> str:
    return comment.partition(b"=")[0].decode("ascii", "replace")


def _is_picture(comment: bytes) -> bool:
    upper = comment[: len(_PICTURE)].upper()
    return upper.startswith((_PICTURE, _OLD_PICTURE))
