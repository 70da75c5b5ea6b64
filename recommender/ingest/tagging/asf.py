"""Windows Media (Advanced Systems Format, revision 01.20.05): the header is written anew; packets name no places."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from recommender.ingest.tagging.details import SEPARATOR, Details
from recommender.ingest.tagging.pieces import New, NotTaggableError, Piece, Source

_FIELDS: Final = {
    "artist": "WM/ARTISTS",
    "album": "WM/AlbumTitle",
    "albumartist": "WM/AlbumArtist",
    "compilation": "WM/IsCompilation",
    "track": "WM/TrackNumber",
    "disc": "WM/PartOfSet",
    "date": "WM/Year",
    "genre": "WM/Genre",
    "mood": "WM/Mood",
    "isrc": "WM/ISRC",
    "recording_id": "MusicBrainz/Track Id",
    "artist_id": "MusicBrainz/Artist Id",
    "release_id": "MusicBrainz/Album Id",
}
_PICTURE: Final = "WM/Picture"
_HEADER: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_FILE: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_DESCRIPTION: Final = bytes.fromhex("3326b2758e66cf11a6d900aa0062ce6c")
_MORE: Final = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
_EXTENSION: Final = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
_METADATA: Final = bytes.fromhex("eacbf8c5af5b77488467aa8c44fa4cca")
_LIBRARY: Final = bytes.fromhex("941c23449894d149a1411d134e457054")
_PADDING: Final = bytes.fromhex("74d40618dfca0945a4ba9aabcb96aae8")
_EMPTY_EXTENSION: Final = bytes.fromhex("11d2d3abbaa9cf118ee600c00c205365") + struct.pack("<HI", 6, 0)
_TEXT, _BYTES = 0, 1
_FRONT_COVER: Final = 3
# Of the file in the object that describes it.
_SIZE_AT: Final = slice(16, 24)
_LONGEST_TEXT_BYTES: Final = 65_534
_MOST_OBJECTS: Final = 10_000


class Object(NamedTuple):
    kind: bytes
    content: bytes


class Record(NamedTuple):
    """Of the metadata library; those of the extended description have neither language nor stream."""

    language: int
    stream: int
    type: int
    name: str
    value: bytes


def tag_asf(source: Source, details: Details) -> list[Piece]:
    head = source.read(0, 30)
    size = int.from_bytes(head[16:24], "little")
    if not head.startswith(_HEADER):
        raise NotTaggableError("no header")
    try:
        objects = list(_walk(source.read(30, size - 30)))
        made = _replace(objects, details)
    except struct.error as error:
        raise NotTaggableError("a broken header") from error
    length = 30 + sum(24 + len(each.content) for each in made)
    total = source.size - size + length
    body = b"".join(_write(_tell_size(each, total)) for each in made)
    begin = _HEADER + struct.pack("<QI", length, len(made)) + head[28:30]
    return [New(begin + body), source.rest(size)]


def _walk(content: bytes) -> Iterator[Object]:
    position = 0
    for _ in range(_MOST_OBJECTS):
        if position + 24 > len(content):
            return
        size = int.from_bytes(content[position + 16 : position + 24], "little")
        if size < 24 or position + size > len(content):
            raise NotTaggableError("an object beyond the header")
        yield Object(content[position : position + 16], content[position + 24 : position + size])
        position += size
    raise NotTaggableError("too many objects")


def _write(each: Object) -> bytes:
    return each.kind + struct.pack("<Q", 24 + len(each.content)) + each.content


def _tell_size(each: Object, total: int) -> Object:
    if each.kind != _FILE:
        return each
    return Object(_FILE, each.content[: _SIZE_AT.start] + struct.pack("<Q", total) + each.content[_SIZE_AT.stop :])


def _replace(objects: list[Object], details: Details) -> list[Object]:
    described = _first(objects, _DESCRIPTION)
    more = list(_read_more(_first(objects, _MORE) or bytes(2)))
    extension = _first(objects, _EXTENSION) or _EMPTY_EXTENSION
    inner = list(_walk(extension[22:]))
    library = [record for each in inner if each.kind in (_METADATA, _LIBRARY) for record in _read_library(each.content)]
    pictures, cover = details.choose_pictures([each for each in (*more, *library) if each.name == _PICTURE])
    records = [*_build(details), *(each for each in more if not _is_replaced(details, each))]
    kept = [*(each for each in library if not _is_replaced(details, each)), *pictures, *_build_picture(cover)]
    inner = [each for each in inner if each.kind not in (_METADATA, _LIBRARY, _PADDING)]
    inner.append(Object(_LIBRARY, _write_library(kept)))
    body = b"".join(map(_write, inner))
    replaced = (_DESCRIPTION, _MORE, _EXTENSION, _PADDING)
    return [
        *(each for each in objects if each.kind not in replaced),
        Object(_EXTENSION, extension[:18] + struct.pack("<I", len(body)) + body),
        Object(_DESCRIPTION, _write_description(details, described)),
        Object(_MORE, _write_more(records)),
    ]


def _first(objects: list[Object], kind: bytes) -> bytes:
    return next((each.content for each in objects if each.kind == kind), b"")


def _is_replaced(details: Details, record: Record) -> bool:
    return record.name == _PICTURE or details.replaces(record.name)


def _build(details: Details) -> Iterator[Record]:
    for name, field in _FIELDS.items():
        for text in details.values.get(name, []):
            yield Record(0, 0, _TEXT, field, _encode(text))
    if details.gain:
        yield Record(0, 0, _TEXT, "replaygain_track_gain", _encode(details.gain))


def _build_picture(jpeg: bytes) -> Iterator[Record]:
    if jpeg:
        head = bytes([_FRONT_COVER]) + struct.pack("<I", len(jpeg)) + _encode("image/jpeg") + _encode("")
        yield Record(0, 0, _BYTES, _PICTURE, head + jpeg)


def _write_description(details: Details, old: bytes) -> bytes:
    """Title and author are ours; rights, description and rating stay."""
    sizes = struct.unpack_from("<5H", old) if old else (0,) * 5
    texts, position = [], 10
    for size in sizes:
        texts.append(old[position : position + size])
        position += size
    for place, name in enumerate(("title", "artist")):
        texts[place] = _encode(SEPARATOR.join(details.values.get(name, [])))[-_LONGEST_TEXT_BYTES:]
    return struct.pack("<5H", *map(len, texts)) + b"".join(texts)


def _read_more(content: bytes) -> Iterator[Record]:
    (count,) = struct.unpack_from("<H", content)
    position = 2
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, position)
        name = _decode(content[position + 2 : position + 2 + length])
        position += 2 + length
        kind, size = struct.unpack_from("<HH", content, position)
        yield Record(0, 0, kind, name, content[position + 4 : position + 4 + size])
        position += 4 + size


def _write_more(records: list[Record]) -> bytes:
    parts = [struct.pack("<H", len(records))]
    for record in records:
        name = _encode(record.name)
        parts += [struct.pack("<H", len(name)), name, struct.pack("<HH", record.type, len(record.value)), record.value]
    return b"".join(parts)


def _read_library(content: bytes) -> Iterator[Record]:
    (count,) = struct.unpack_from("<H", content)
    position = 2
    for _ in range(count):
        language, stream, length, kind, size = struct.unpack_from("<HHHHI", content, position)
        position += 12
        name = _decode(content[position : position + length])
        position += length
        yield Record(language, stream, kind, name, content[position : position + size])
        position += size


def _write_library(records: list[Record]) -> bytes:
    parts = [struct.pack("<H", len(records))]
    for record in records:
        name, numbers = _encode(record.name), (record.language, record.stream)
        parts += [struct.pack("<HHHHI", *numbers, len(name), record.type, len(record.value)), name, record.value]
    return b"".join(parts)


def _encode(text: str) -> bytes:
    return text.encode("utf-16-le") + bytes(2)


def _decode(text: bytes) -> str:
    return text.decode("utf-16-le", "replace").rstrip("\0")
