"""APEv2 (wiki.hydrogenaudio.org/index.php?title=APEv2_specification): the tags of WavPack, True Audio, Monkey's Audio
and Musepack, at the end of the file.
"""

import struct
from typing import Final, NamedTuple

from recommender.ingest.tagging.details import SEPARATOR, Details
from recommender.ingest.tagging.id3 import read_leading
from recommender.ingest.tagging.pieces import Kept, New, Piece, Source

_KEYS: Final = {
    "title": "Title",
    "artist": "Artist",
    "album": "Album",
    "albumartist": "Album Artist",
    "compilation": "Compilation",
    "track": "Track",
    "disc": "Disc",
    "date": "Year",
    "genre": "Genre",
    "mood": "Mood",
    "isrc": "ISRC",
    "recording_id": "MUSICBRAINZ_TRACKID",
    "artist_id": "MUSICBRAINZ_ARTISTID",
    "release_id": "MUSICBRAINZ_ALBUMID",
}
_MAGIC: Final = b"APETAGEX"
_FOOTER: Final = struct.Struct("<8sIIII8x")
_ID3V1_BYTES: Final = 128
_HAS_HEADER: Final = 1 << 31
_IS_HEADER: Final = 1 << 29
_IS_BINARY: Final = 2
_MOST_ITEMS: Final = 10_000

Item = tuple[str, int, bytes]


class Tail(NamedTuple):
    """Where the tags at the end begin, and what APEv2 holds there: (key, flags, value)."""

    start: int
    items: list[Item]


def find_tail(source: Source) -> Tail:
    end = source.size
    if source.peek(max(0, end - _ID3V1_BYTES), 3) == b"TAG":
        end -= _ID3V1_BYTES
    foot = source.peek(max(0, end - _FOOTER.size), _FOOTER.size)
    if len(foot) < _FOOTER.size or not foot.startswith(_MAGIC):
        return Tail(end, [])
    _, _, size, count, flags = _FOOTER.unpack(foot)
    start = end - size
    if not _FOOTER.size <= size <= end:
        return Tail(end, [])
    items = _read_items(source.read(start, size - _FOOTER.size), min(count, _MOST_ITEMS))
    has_header = flags & _HAS_HEADER and source.peek(start - _FOOTER.size, 8) == _MAGIC if start >= _FOOTER.size else 0
    return Tail(start - (_FOOTER.size if has_header else 0), items)


def tag_end(source: Source, details: Details) -> list[Piece]:
    """True Audio may begin with ID3, which goes."""
    start, tail = read_leading(source).end, find_tail(source)
    return [Kept(start, max(0, tail.start - start)), New(_build_tag(details, tail.items))]


def _build_tag(details: Details, found: list[Item]) -> bytes:
    own, cover = details.choose_pictures([item for item in found if _is_picture(item)])
    texts = {key: SEPARATOR.join(details.values[name]) for name, key in _KEYS.items() if name in details.values}
    if details.gain:
        texts["REPLAYGAIN_TRACK_GAIN"] = details.gain
    items = [(key, 0, text.encode()) for key, text in texts.items()]
    items += [item for item in found if not details.replaces(item[0]) and not _is_picture(item)]
    items += own
    if cover:
        items.append(("Cover Art (Front)", _IS_BINARY, b"cover.jpg\0" + cover))
    body = b"".join(struct.pack("<II", len(value), flags) + _encode(key) + value for key, flags, value in items)
    head, foot = (
        _FOOTER.pack(_MAGIC, 2000, len(body) + _FOOTER.size, len(items), flags)
        for flags in (_HAS_HEADER | _IS_HEADER, _HAS_HEADER)
    )
    return head + body + foot


def _encode(key: str) -> bytes:
    return key.encode("latin-1") + b"\0"


def _is_picture(item: Item) -> bool:
    return item[0].lower().startswith("cover art")


def _read_items(content: bytes, count: int) -> list[Item]:
    items: list[Item] = []
    position = 0
    for _ in range(count):
        ends = content.find(b"\0", position + 8)
        if ends < 0:
            break
        size, flags = struct.unpack_from("<II", content, position)
        key = content[position + 8 : ends].decode("latin-1")
        position = ends + 1 + size
        if position > len(content):
            break
        items.append((key, flags, content[ends + 1 : position]))
    return items
