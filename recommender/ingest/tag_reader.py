"""The program that reads tags and cover of one untrusted file: `python -I tag_reader.py FILE`, JSON on standard output.

Each line of the answer is an object: lists of values by the names of `KEYS`, as found, the most trusted source first;
after them perhaps one line {"picture": base64} with the embedded cover as it is. It runs alone and limited, because
parsers of tags can be made to eat memory or never to end: what a line has said stays said when the process dies. It is
started as a plain file and imports nothing of the project, which keeps its start fast and its reach small.
"""

import base64
import contextlib
import io
import json
import re
import resource
import signal
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

import av
from tinytag import TinyTag

ADDRESS_SPACE_BYTES = 300 << 20
CPU_SECONDS = 9
# For one attempt; only code in C can take longer, until CPU_SECONDS.
ATTEMPT_SECONDS = 2.0
LONGEST_TEXT = 2000
MOST_VALUES = 32
LARGEST_PICTURE_BYTES = 10 << 20
LARGEST_FRAME_BYTES = 64 << 10
LARGEST_ID3_BYTES = 32 << 20
MOST_FRAMES = 100_000
MOST_ID3_TAGS = 4
FRONT_COVER = 3
# What libav may open: sound, from this one file. Lists of other files are no business of ours.
LIBAV_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,w64,aiff,au,caf,flac,mp3,aac,ogg,asf,wv,tta,ape,mpc,mpc8,matroska,webm,"
    "mov,mp4,m4a,3gp,3g2,mj2",
}
# The names that formats and programs have for one thing, without spaces, dashes and underscores.
KEYS = {
    "title": ("title", "tit2", "tt2"),
    "artist": ("artist", "author", "tpe1", "tp1"),
    "artists": ("artists",),
    "albumartist": ("albumartist", "tpe2", "tp2"),
    "album": ("album", "talb", "tal"),
    "compilation": ("compilation", "itunescompilation", "iscompilation", "cpil", "tcmp", "tcp"),
    "track": ("track", "tracknumber", "trck", "trk"),
    "disc": ("disc", "discnumber", "partofset", "tpos", "tpa"),
    "date": ("date", "year", "tdrc", "tyer", "tye"),
    "originaldate": ("originaldate", "originalyear", "tdor", "tory", "tor"),
    "genre": ("genre", "tcon", "tco"),
    "isrc": ("isrc", "tsrc", "trc"),
    "recording_id": ("musicbrainztrackid", "musicbrainzrecordingid"),
    "release_id": ("musicbrainzalbumid", "musicbrainzreleaseid"),
    "artist_id": ("musicbrainzartistid",),
    "replaygain": ("replaygaintrackgain",),
    "r128": ("r128trackgain",),
}
_NAMES = {key: name for name, keys in KEYS.items() for key in keys}
# Audio that programs put ID3 before, though it has tags of its own.
_OTHER_AUDIO = frozenset({b"fLaC", b"TTA1", b"MAC ", b"MPCK", b"OggS", b"wvpk"})
_FRAME_NAME = re.compile(rb"[A-Z][A-Z0-9]{2,3}")
# Of a frame by version: grouped, compressed, encrypted, unsynchronised, with its size before all that.
_FLAGS = {2: (0, 0, 0, 0, 0), 3: (0x20, 0x80, 0x40, 0, 0x80), 4: (0x40, 0x08, 0x04, 0x02, 0x01)}
# How JPEG, PNG, GIF and WebP begin.
_PICTURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP", re.DOTALL)
_TINYTAG_FIELDS = ("title", "artist", "album", "albumartist", "track", "disc", "year", "genre")
_ATTACHED = av.stream.Disposition.attached_pic
_RECORDING_OWNER = b"http://musicbrainz.org"
_WITH_SLASHES = frozenset({"tpe1", "tp1", "artists"})

_SEPARATORS = str.maketrans(dict.fromkeys("_-/", ""))

Fields = dict[str, list[str]]


class OutOfTimeError(Exception):
    """An attempt has used up its share of processor time."""


def main(path: str) -> None:
    _limit()
    av.logging.set_level(av.logging.PANIC)
    # tinytag passes over the flags of ID3 frames, and libav takes the square of the time for many; neither finds more.
    is_mpeg = _attempt(is_mpeg_audio, path)
    found: set[str] = set()
    for read in (read_id3, read_id3v1) if is_mpeg else (read_with_tinytag, read_with_libav, read_id3, read_id3v1):
        if {"title", "artist"} <= found:
            break
        fields = _attempt(read, path) or {}
        found |= fields.keys()
        _tell(fields)
    for find in (find_id3_picture,) if is_mpeg else (find_picture_with_tinytag, find_picture_with_libav):
        picture = _attempt(find, path)
        if picture and len(picture) <= LARGEST_PICTURE_BYTES:
            _tell({"picture": base64.b64encode(picture).decode("ascii")})
            return


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGPROF, _end_attempt)


def _end_attempt(*_: object) -> None:
    raise OutOfTimeError


def _attempt(read: Callable[[str], Any], path: str) -> Any:
    """What `read` finds; None when it fails, however it does: whatever a parser may trip over, somebody has made."""
    signal.setitimer(signal.ITIMER_PROF, ATTEMPT_SECONDS)
    try:
        return read(path)
    except Exception:
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _tell(line: dict[str, Any]) -> None:
    if line:
        print(json.dumps(line), flush=True)  # noqa: T201


def _add(fields: Fields, key: str, value: object) -> None:
    """Take up one value under one of the names of KEYS; all else is left out."""
    name = _NAMES.get("".join(key.lower().removeprefix("wm/").translate(_SEPARATORS).split()))
    text = str(value)[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8").strip("\0\ufeff ")
    if name and text and len(fields.setdefault(name, [])) < MOST_VALUES and text not in fields[name]:
        fields[name].append(text)


# tinytag and libav


def read_with_tinytag(path: str) -> Fields:
    """What tinytag knows of MP4, FLAC, Ogg, ASF, WAV and AIFF."""
    fields: Fields = {}
    with open(path, "rb") as file:  # noqa: PTH123
        tags = TinyTag.get(file_obj=file, duration=False)
    own = {key: getattr(tags, key) for key in _TINYTAG_FIELDS}
    for key, values in [*((key, [value]) for key, value in own.items() if value is not None), *tags.other.items()]:
        for value in values:
            _add(fields, key, value)
    return fields


def find_picture_with_tinytag(path: str) -> bytes | None:
    with open(path, "rb") as file:  # noqa: PTH123
        images = TinyTag.get(file_obj=file, duration=False, image=True).images
    return images.any.data if images.any else None


def read_with_libav(path: str) -> Fields:
    fields: Fields = {}
    with _open_with_libav(path) as container:
        for metadata in (container.metadata, *(stream.metadata for stream in container.streams.audio)):
            for key, value in metadata.items():
                if len(value) <= LARGEST_FRAME_BYTES:
                    _add(fields, key, value)
    return fields


def find_picture_with_libav(path: str) -> bytes | None:
    with _open_with_libav(path) as container:
        pictures = [stream for stream in container.streams.video if stream.disposition & _ATTACHED]
        pictures.sort(key=lambda stream: "front" not in stream.metadata.get("comment", "").lower())
        for packet in container.demux(pictures[:1]) if pictures else ():
            return bytes(packet)
    return None


def _open_with_libav(path: str) -> Any:
    return av.open(path, container_options=LIBAV_OPTIONS, metadata_errors="replace", timeout=2 * ATTEMPT_SECONDS)


# ID3


def is_mpeg_audio(path: str) -> bool:
    """Whether the file is frames of MPEG audio, or junk before them, behind the ID3v2 tags."""
    with open(path, "rb") as file:  # noqa: PTH123
        tags = _list_id3(file)
        file.seek(tags[-1].next if tags else 0)
        begin = file.read(4)
    return begin[:1] == b"\xff" or (bool(tags) and begin not in _OTHER_AUDIO)


def read_id3(path: str) -> Fields:
    """The ID3v2 tags that the file begins with, frame by frame, so that one bad frame costs itself only."""
    fields: Fields = {}
    with open(path, "rb") as file:  # noqa: PTH123
        for tag in _list_id3(file):
            found: Fields = {}
            for frame in _walk_frames(file, tag):
                with contextlib.suppress(ValueError, IndexError, zlib.error):
                    _read_frame(found, frame)
            fields = found | fields
    return fields


def read_id3v1(path: str) -> Fields:
    fields: Fields = {}
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(-128, 2)
        tag = file.read(128)
    if tag[:3] == b"TAG":
        for key, content in (("title", tag[3:33]), ("artist", tag[33:63]), ("album", tag[63:93]), ("date", tag[93:97])):
            _add(fields, key, _decode_single_bytes(content.split(b"\0")[0]))
        if tag[125] == 0 and tag[126]:
            _add(fields, "track", tag[126])
        _add(fields, "genre", tag[127])
    return fields


def find_id3_picture(path: str) -> bytes | None:
    """The front cover, or else the first picture there is."""
    chosen: bytes | None = None
    with open(path, "rb") as file:  # noqa: PTH123
        frames = (frame for tag in _list_id3(file) for frame in _walk_frames(file, tag))
        for frame in frames:
            if frame.name not in (b"APIC", b"PIC"):
                continue
            with contextlib.suppress(ValueError, IndexError, zlib.error):
                kind, picture = _read_picture(frame)
                if kind == FRONT_COVER:
                    return picture
                chosen = chosen or picture
    return chosen


class Frame:
    """One frame of an ID3v2 tag; its content is read only when it is asked for."""

    def __init__(self, file: BinaryIO, name: bytes, size: int, flags: int, version: int) -> None:
        self.name, self.size, self.version = name, size, version
        self._file, self._position, self._flags = file, file.tell(), flags

    def read(self, longest: int) -> bytes:
        """The content as it was before compression and the like. Raises ValueError where it is encrypted or longer."""
        self._file.seek(self._position)
        content = self._file.read(self.size) if self.size <= longest else b""
        grouped, squeezed, encrypted, unsynchronised, sized = (bool(self._flags & bit) for bit in _FLAGS[self.version])
        if encrypted or not content:
            raise ValueError("nothing to be read")
        if unsynchronised:
            content = content.replace(b"\xff\0", b"\xff")
        content = content[grouped + 4 * sized :]
        return _inflate(content, longest) if squeezed else content


class Tag(NamedTuple):
    """An ID3v2 tag: its frames are between `start` and `end`, what follows it is at `next`."""

    start: int
    end: int
    next: int
    version: int
    flags: int


def _list_id3(file: BinaryIO) -> list[Tag]:
    """The ID3v2 tags in a row at the beginning of `file`, whatever sizes they claim."""
    tags: list[Tag] = []
    while len(tags) < MOST_ID3_TAGS:
        position = tags[-1].next if tags else 0
        file.seek(position)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or not 2 <= head[3] <= 4:
            break
        start, version, flags = position + 10, head[3], head[5]
        end = start + _synchsafe(head[6:10])
        has_footer = version == 4 and flags & 0x10
        tags.append(Tag(start, end, end + 10 * bool(has_footer), version, flags))
    return tags


def _walk_frames(file: BinaryIO, tag: Tag) -> Iterator[Frame]:
    if tag.flags & 0x80 and tag.version < 4:
        # Unsynchronised as a whole (ID3v2.3.0, section 5).
        file.seek(tag.start)
        content = file.read(min(tag.end - tag.start, LARGEST_ID3_BYTES)).replace(b"\xff\0", b"\xff")
        file, tag = io.BytesIO(content), tag._replace(start=0, end=len(content))
    position = tag.start
    if tag.flags & 0x40 and tag.version > 2:
        file.seek(position)
        extension = file.read(4)
        position += _synchsafe(extension) if tag.version == 4 else 4 + int.from_bytes(extension, "big")
    head_bytes, name_bytes = (6, 3) if tag.version == 2 else (10, 4)
    for _ in range(MOST_FRAMES):
        file.seek(position)
        head = file.read(head_bytes)
        if len(head) < head_bytes or position >= tag.end or not _FRAME_NAME.fullmatch(head[:name_bytes]):
            return
        position += head_bytes
        size = _read_frame_size(file, head, position, tag)
        file.seek(position)
        yield Frame(file, head[:name_bytes], size, head[-1] if tag.version > 2 else 0, tag.version)
        position += size


def _read_frame_size(file: BinaryIO, head: bytes, position: int, tag: Tag) -> int:
    """The size of a frame. Old iTunes wrote ID3v2.4 sizes as plain numbers: where the next frame begins, tells."""
    plain = int.from_bytes(head[3:6] if tag.version == 2 else head[4:8], "big")
    if tag.version < 4 or max(head[4:8]) > 0x7F:
        return plain
    for size in (_synchsafe(head[4:8]), plain):
        file.seek(position + size)
        following = file.read(4)
        if position + size == tag.end or following == bytes(4) or _FRAME_NAME.fullmatch(following):
            return size
    return _synchsafe(head[4:8])


def _read_frame(fields: Fields, frame: Frame) -> None:
    name = frame.name.decode("ascii")
    if name in ("UFID", "UFI"):
        owner, _, identifier = frame.read(LARGEST_FRAME_BYTES).partition(b"\0")
        if owner == _RECORDING_OWNER:
            _add(fields, "musicbrainztrackid", identifier.decode("ascii", "replace"))
        return
    if name in ("TXXX", "TXX"):
        name, *values = _decode(frame.read(LARGEST_FRAME_BYTES))
    elif name.lower() in _NAMES:
        values = _decode(frame.read(LARGEST_FRAME_BYTES))
    else:
        return
    for value in values:
        is_list = frame.version < 4 and name.lower() in _WITH_SLASHES
        for part in _split_at_slashes(value) if is_list else [value]:
            _add(fields, name, part)


def _split_at_slashes(names: str) -> list[str]:
    """Several artists as ID3v2.3 has them (section 4.2.1). What has a part as short as those of AC/DC is one name."""
    parts = [part.strip() for part in names.split("/")]
    return parts if min(map(len, parts)) >= 3 else [part.strip() for part in names.split(" / ")]


def _read_picture(frame: Frame) -> tuple[int, bytes]:
    """(kind, picture) of an APIC or PIC frame. Raises ValueError for what is no picture, an address for instance."""
    content = frame.read(LARGEST_PICTURE_BYTES + LARGEST_FRAME_BYTES)
    kind = 4 if frame.version == 2 else content.index(b"\0", 1) + 1
    # Not all programs end the description before it as they should.
    picture = _PICTURE.search(content, kind + 1)
    if picture is None:
        raise ValueError("no picture")
    return content[kind], content[picture.start() :]


def _decode(content: bytes) -> list[str]:
    """The strings of a text frame; its first byte says how they are written (ID3v2.4.0, section 4)."""
    encoding, text = content[0], content[1:]
    if encoding == 3:
        decoded = text.decode("utf-8", "replace")
    elif encoding in (1, 2):
        decoded = _decode_utf16(text, is_big_endian=encoding == 2)
    else:
        decoded = _decode_single_bytes(text)
    return [value.strip("\ufeff\ufffe") for value in decoded.split("\0")]


def _decode_utf16(text: bytes, *, is_big_endian: bool) -> str:
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        is_big_endian = text[:1] == b"\xfe"
    elif text.isascii() and b"\0" not in text.rstrip(b"\0"):
        return _decode_single_bytes(text)  # labelled wrongly
    return text[: len(text) // 2 * 2].decode("utf-16-be" if is_big_endian else "utf-16-le", "replace")


def _decode_single_bytes(text: bytes) -> str:
    """Latin-1 says the standard; what is valid UTF-8 was meant so, and Windows fills the gaps of Latin-1."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _inflate(content: bytes, longest: int) -> bytes:
    """Raises ValueError for what becomes longer than `longest`, zlib.error for what is not compressed."""
    inflating = zlib.decompressobj()
    inflated = inflating.decompress(content, longest)
    if inflating.unconsumed_tail or not inflating.eof:
        raise ValueError("too long")
    return inflated


def _synchsafe(size: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))


if __name__ == "__main__":
    main(sys.argv[1])
