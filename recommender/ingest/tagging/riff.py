"""WAV and AIFF: files of chunks. The details go into a chunk with an ID3 tag, as most programs have them there, and in
WAV into the old list of Windows as well.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from recommender.ingest.tagging.details import SEPARATOR, Details
from recommender.ingest.tagging.id3 import build_tag, read_leading
from recommender.ingest.tagging.pieces import Kept, New, NotTaggableError, Piece, Source, measure

_INFO: Final = {
    "title": b"INAM",
    "artist": b"IART",
    "album": b"IPRD",
    "date": b"ICRD",
    "genre": b"IGNR",
    "track": b"ITRK",
    "isrc": b"ISRC",
}
# Other names under which programs put the same.
_ALSO_INFO: Final = frozenset({b"TITL", b"YEAR", b"IPRT", b"TRCK"})
_OWN_CHUNKS: Final = frozenset({b"id3 ", b"ID3 "})
_TITLE, _AUTHOR = b"NAME", b"AUTH"
_SOUND: Final = frozenset({b"data", b"SSND"})
_HEAD_BYTES: Final = 12
_LARGEST: Final = (1 << 32) - 1
_MOST_CHUNKS: Final = 10_000


class Chunk(NamedTuple):
    """`size` as it says, without its head of 8 bytes and the byte that fills it up."""

    name: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + 8 + self.size + self.size % 2


def tag_wav(source: Source, details: Details) -> list[Piece]:
    chunks = list(_walk(source, "little"))
    lists = [chunk for chunk in chunks if chunk.name == b"LIST" and source.peek(chunk.start + 8, 4) == b"INFO"]
    kept = [chunk for chunk in chunks if chunk.name not in _OWN_CHUNKS and chunk not in lists]
    # One is usual.
    added = _build_info(details, source.read(lists[0].start + 12, lists[0].size - 4) if lists else b"")
    tag = build_tag(details, _read_frames(source, chunks))
    new = _chunk(b"LIST", b"INFO" + added, "little") + _chunk(b"id3 ", tag, "little")
    return _join(source, kept, new, "little")


def tag_aiff(source: Source, details: Details) -> list[Piece]:
    """The old chunks with title and author go: they hold other letters in every program."""
    chunks = list(_walk(source, "big"))
    kept = [chunk for chunk in chunks if chunk.name not in _OWN_CHUNKS | {_TITLE, _AUTHOR}]
    return _join(source, kept, _chunk(b"ID3 ", build_tag(details, _read_frames(source, chunks)), "big"), "big")


def _walk(source: Source, order: str) -> Iterator[Chunk]:
    position = _HEAD_BYTES
    for _ in range(_MOST_CHUNKS):
        head = source.peek(position, 8)
        if len(head) < 8:
            return
        chunk = Chunk(head[:4], position, struct.unpack(_word(order), head[4:])[0])
        if chunk.start + 8 + chunk.size > source.size:
            # What follows the sound may be cut off; the sound itself may not.
            if chunk.name in _SOUND:
                raise NotTaggableError("its sound is longer than the file, as that of a recording that was broken off")
            return
        yield chunk
        position = chunk.end
    raise NotTaggableError("too many chunks")


def _read_frames(source: Source, chunks: list[Chunk]) -> list[tuple[bytes, bytes]]:
    found = next((chunk for chunk in chunks if chunk.name in _OWN_CHUNKS), None)
    if found is None:
        return []
    return read_leading(source, found.start + 8, found.start + 8 + found.size).frames


def _build_info(details: Details, old: bytes) -> bytes:
    texts = {name: SEPARATOR.join(details.values[key]) for key, name in _INFO.items() if key in details.values}
    items = [_chunk(name, text.encode() + b"\0", "little") for name, text in texts.items()]
    return b"".join([*items, *_keep_info(old)])


def _keep_info(content: bytes) -> Iterator[bytes]:
    position = 0
    for _ in range(_MOST_CHUNKS):
        if position + 8 > len(content):
            return
        name, size = struct.unpack_from("<4sI", content, position)
        end = position + 8 + size + size % 2
        if end > len(content):
            return
        if name not in _INFO.values() and name not in _ALSO_INFO:
            yield content[position:end]
        position = end


def _join(source: Source, kept: list[Chunk], new: bytes, order: str) -> list[Piece]:
    if not any(chunk.name in _SOUND for chunk in kept):
        raise NotTaggableError("no sound in it")
    pieces: list[Piece] = []
    for chunk in kept:
        pieces.append(Kept(chunk.start, min(chunk.end, source.size) - chunk.start))
        if chunk.end > source.size:
            pieces.append(New(b"\0"))
    pieces.append(New(new))
    size = measure(pieces) + 4
    if size > _LARGEST:
        raise NotTaggableError("larger than such a file may be")
    head = source.read(0, _HEAD_BYTES)
    return [New(head[:4] + struct.pack(_word(order), size) + head[8:]), *pieces]


def _chunk(name: bytes, content: bytes, order: str) -> bytes:
    return name + struct.pack(_word(order), len(content)) + content + b"\0" * (len(content) % 2)


def _word(order: str) -> str:
    return "<I" if order == "little" else ">I"
