"""ID3v2.4 (id3.org, 2000): made anew from the catalog, with those frames of the original that say something else."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.pieces import NotTaggableError, Source

_FRAMES: Final = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "albumartist": "TPE2",
    "compilation": "TCMP",
    "track": "TRCK",
    "disc": "TPOS",
    "date": "TDRC",
    "genre": "TCON",
    "mood": "TMOO",
    "isrc": "TSRC",
}
# What reads ID3 in WAV and AIFF knows nothing of the frame that the recording has of its own (UFID).
_CUSTOM: Final = {
    "recording_id": "MusicBrainz Track Id",
    "artist_id": "MusicBrainz Artist Id",
    "release_id": "MusicBrainz Album Id",
}
_RECORDING_OWNER: Final = b"http://musicbrainz.org"
_UTF_8: Final = b"\x03"
_FRONT_COVER: Final = b"\x03"
_NAME: Final = re.compile(rb"[A-Z][A-Z0-9]{3}")
# Version 2.4 has none of these, or has them otherwise.
_OUTDATED: Final = frozenset({b"TDAT", b"TIME", b"TRDA", b"TSIZ", b"RVAD", b"EQUA", b"IPLS", b"SEEK", b"ASPI"})
_MOST_TAGS: Final = 4
_MOST_FRAMES: Final = 10_000
_HEAD_BYTES: Final = 10
_LARGEST: Final = (1 << 28) - 1


class Leading(NamedTuple):
    """The ID3v2 tags that a file begins with: where they end, and the frames of the first one."""

    end: int
    frames: list[tuple[bytes, bytes]]


def read_leading(source: Source, start: int = 0, end: int | None = None) -> Leading:
    """From `start` on. Frames are (name, content as version 2.4 has it); what cannot be read is left out."""
    position, frames = start, None
    for _ in range(_MOST_TAGS):
        head = source.peek(position, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[:3] != b"ID3" or max(head[6:10]) > 0x7F:
            break
        size = _read_synchsafe(head[6:10])
        if frames is None:
            content = source.peek(position + _HEAD_BYTES, min(size, (end or source.size) - position - _HEAD_BYTES))
            frames = list(_read_frames(content, head[3], head[5]))
        position += _HEAD_BYTES + size + (_HEAD_BYTES if head[3] == 4 and head[5] & 0x10 else 0)
    return Leading(min(position, source.size), frames or [])


def build_tag(details: Details, found: list[tuple[bytes, bytes]]) -> bytes:
    """`found`: the frames of the original."""
    pictures, cover = details.choose_pictures([frame for frame in found if frame[0] == b"APIC"])
    frames = [*_build_frames(details)]
    frames += [frame for frame in found if frame[0] != b"APIC" and not _is_replaced(details, *frame)]
    frames += pictures
    if cover:
        frames.append((b"APIC", b"\0image/jpeg\0" + _FRONT_COVER + b"\0" + cover))
    content = b"".join(name + _write_synchsafe(len(body)) + b"\0\0" + body for name, body in frames)
    if len(content) > _LARGEST:
        raise NotTaggableError("too much for one tag")
    return b"ID3\x04\0\0" + _write_synchsafe(len(content)) + content


def _build_frames(details: Details) -> Iterator[tuple[bytes, bytes]]:
    values = details.values
    for name, frame in _FRAMES.items():
        if name in values:
            yield frame.encode(), _UTF_8 + b"\0".join(text.encode() for text in values[name])
    custom = {described: "/".join(values[name]) for name, described in _CUSTOM.items() if name in values}
    if details.gain:
        custom["replaygain_track_gain"] = details.gain
    for described, text in custom.items():
        yield b"TXXX", _UTF_8 + described.encode() + b"\0" + text.encode()
    if "recording_id" in values:
        yield b"UFID", _RECORDING_OWNER + b"\0" + values["recording_id"][0].encode()


def _is_replaced(details: Details, name: bytes, content: bytes) -> bool:
    if name == b"UFID":
        return content.startswith(_RECORDING_OWNER + b"\0")
    if name == b"TXXX":
        return details.replaces(_read_description(content))
    return name in _OUTDATED or details.replaces(name.decode())


def _read_description(content: bytes) -> str:
    if content[:1] in (b"\x01", b"\x02"):
        coding = "utf-16" if content[:1] == b"\x01" else "utf-16-be"
        return content[1 : len(content) // 2 * 2 + 1].decode(coding, "replace").partition("\0")[0]
    return content[1:].partition(b"\0")[0].decode("utf-8" if content[:1] == _UTF_8 else "latin-1", "replace")


def _read_frames(content: bytes, version: int, flags: int) -> Iterator[tuple[bytes, bytes]]:
    """None of a tag that is older than 2.3, or disguised as a whole: few are, and what we say is written anew."""
    position = 0
    # With an extended header, or without synchronisation.
    if version not in (3, 4) or flags & 0xC0:
        return
    for _ in range(_MOST_FRAMES):
        name = content[position : position + 4]
        if not _NAME.fullmatch(name):
            return
        head = content[position : position + _HEAD_BYTES]
        position += _HEAD_BYTES
        size = _read_size(content, head, position, version)
        if not size or len(head) < _HEAD_BYTES or position + size > len(content):
            return
        # What is compressed, encrypted or grouped is written differently in each version.
        if not head[9]:
            yield name, content[position : position + size]
        position += size


def _read_size(content: bytes, head: bytes, position: int, version: int) -> int:
    """Old iTunes wrote the sizes of version 2.4 as plain numbers: where the next frame begins, tells."""
    plain = int.from_bytes(head[4:8], "big")
    if version == 3 or max(head[4:8], default=0) > 0x7F:
        return plain
    for size in (_read_synchsafe(head[4:8]), plain):
        following = content[position + size : position + size + 4]
        if not following.strip(b"\0") or _NAME.fullmatch(following):
            return size
    return 0


def _read_synchsafe(size: bytes) -> int:
    return sum(byte << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))


def _write_synchsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
