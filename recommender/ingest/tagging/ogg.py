"""Ogg (RFC 3533) with Vorbis, Opus (RFC 7845) or FLAC: the packet of comments is written anew. When the pages of the
headers become more or fewer, all pages that follow get another number, and with it another checksum; what is on them
stays as it is.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.pieces import LARGEST_HEAD, Kept, New, NotTaggableError, Piece, Source
from recommender.ingest.tagging.vorbis import build_comments, read_comments

# Capture pattern, version, type, granule position, serial, number, checksum, segments.
_HEAD: Final = struct.Struct("<4sBBqIIIB")
_MAGIC: Final = b"OggS"
_CONTINUED, _FIRST = 1, 2
_MOST_SEGMENTS: Final = 255
_NO_PACKET_ENDS: Final = -1
_NUMBERS: Final = 1 << 32
_MOST_PAGES: Final = 100_000
# The checksum of Ogg is that of zlib with all bits in the opposite order.
_TURNED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_VORBIS, _OPUS, _FLAC = b"\x01vorbis", b"OpusHead", b"\x7fFLAC"


class Page(NamedTuple):
    kind: int
    granule: int
    serial: int
    number: int
    lacing: bytes
    body: bytes

    @property
    def size(self) -> int:
        return _HEAD.size + len(self.lacing) + len(self.body)


class Headers(NamedTuple):
    """The header packets that follow the first page, on so many pages; `end` is where the sound begins."""

    first: Page
    packets: list[bytes]
    pages: int
    end: int


@dataclass(frozen=True)
class Renumbered:
    """All from `start` on, the pages of the stream `serial` numbered `shift` higher."""

    start: int
    size: int
    serial: int
    shift: int

    def read(self, file: BinaryIO) -> Iterator[bytes]:
        position, end = self.start, self.start + self.size
        while position < end:
            page = _read_page(file, position)
            if page is None:
                yield from Kept(position, end - position).read(file)
                return
            if page.serial == self.serial:
                page = page._replace(number=(page.number + self.shift) % _NUMBERS)
            yield _write_page(page)
            position += page.size


def tag_ogg(source: Source, details: Details) -> list[Piece]:
    headers = _read_headers(source)
    packets = _replace_comments(headers, details)
    pages = list(_lay_out(packets, headers.first.serial))
    shift = len(pages) - headers.pages
    rest = source.size - headers.end
    follows: Piece = Kept(headers.end, rest)
    if shift:
        follows = Renumbered(headers.end, rest, headers.first.serial, shift)
    return [Kept(0, headers.first.size), New(b"".join(map(_write_page, pages))), follows]


def _read_headers(source: Source) -> Headers:
    """Raises NotTaggableError, also where pictures or other streams stand beside the sound."""
    first = _read_page(source.file, 0)
    if first is None or not first.kind & _FIRST:
        raise NotTaggableError("no Ogg")
    wanted = _count_packets(first.body)
    packets: list[bytes] = []
    open_packet = bytearray()
    position, pages = first.size, 0
    while len(packets) < wanted:
        page = _read_page(source.file, position)
        if page is None or page.serial != first.serial or pages > _MOST_PAGES or position > LARGEST_HEAD:
            raise NotTaggableError("its headers do not end, or another stream stands between them")
        packets += _unlace(page, open_packet)
        position += page.size
        pages += 1
    if len(packets) > wanted or open_packet:
        raise NotTaggableError("its sound begins on a page of the headers")
    return Headers(first, packets, pages, position)


def _count_packets(first: bytes) -> int:
    """How many header packets follow the first."""
    if first.startswith(_VORBIS):
        return 2
    if first.startswith(_OPUS):
        return 1
    if first.startswith(_FLAC) and len(first) > 9 and (count := int.from_bytes(first[7:9], "big")):
        return count
    raise NotTaggableError("a stream that is not known")


def _replace_comments(headers: Headers, details: Details) -> list[bytes]:
    comments, *others = headers.packets
    first = headers.first.body
    if first.startswith(_VORBIS):
        return [b"\x03vorbis" + build_comments(details, read_comments(comments[7:])) + b"\x01", *others]
    if first.startswith(_OPUS):
        return [b"OpusTags" + build_comments(details, read_comments(comments[8:]), is_opus=True), *others]
    if comments[0] & 0x7F != 4:
        raise NotTaggableError("no comments where they have to be")
    return _replace_blocks(comments, others, details)


def _replace_blocks(comments: bytes, others: list[bytes], details: Details) -> list[bytes]:
    """Of FLAC: pictures stand among the comments from now on, and what was their block becomes empty padding."""
    own = [block for block in others if block[:1] and block[0] & 0x7F == 6]
    stays = bool(own) and not details.is_cover_chosen
    block = build_comments(details, read_comments(comments[4:]), with_pictures=not stays)
    blanked = [other if stays or other not in own else bytes([other[0] & 0x80 | 1]) + bytes(3) for other in others]
    if len(block) >= 1 << 24:
        raise NotTaggableError("too much for one block")
    return [comments[:1] + len(block).to_bytes(3, "big") + block, *blanked]


def _lay_out(packets: list[bytes], serial: int) -> Iterator[Page]:
    """The packets on pages of their own, the first of which is number 1."""
    lacing, body = b"", b"".join(packets)
    for packet in packets:
        lacing += b"\xff" * (len(packet) // _MOST_SEGMENTS) + bytes([len(packet) % _MOST_SEGMENTS])
    is_continued, position = False, 0
    for number, start in enumerate(range(0, len(lacing), _MOST_SEGMENTS), 1):
        part = lacing[start : start + _MOST_SEGMENTS]
        size = sum(part)
        # The granule position is 0 wherever a header ends.
        granule = 0 if min(part) < _MOST_SEGMENTS else _NO_PACKET_ENDS
        yield Page(_CONTINUED * is_continued, granule, serial, number, part, body[position : position + size])
        is_continued = part[-1] == _MOST_SEGMENTS
        position += size


def _unlace(page: Page, open_packet: bytearray) -> Iterator[bytes]:
    """The packets that end on the page; what is left of one that does not is added to `open_packet`."""
    position = 0
    for segment in page.lacing:
        open_packet += page.body[position : position + segment]
        position += segment
        if segment < _MOST_SEGMENTS:
            yield bytes(open_packet)
            open_packet.clear()


def _read_page(file: BinaryIO, position: int) -> Page | None:
    """None where no whole page is."""
    file.seek(position)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(_MAGIC):
        return None
    _, _, kind, granule, serial, number, _, segments = _HEAD.unpack(head)
    lacing = file.read(segments)
    body = file.read(sum(lacing))
    return Page(kind, granule, serial, number, lacing, body) if len(body) == sum(lacing) else None


def _write_page(page: Page) -> bytes:
    described = (_MAGIC, 0, page.kind, page.granule, page.serial, page.number)
    behind = page.lacing + page.body
    blank = _HEAD.pack(*described, 0, len(page.lacing)) + behind
    turned = zlib.crc32(blank.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    checksum = int(f"{turned:032b}"[::-1], 2)
    return _HEAD.pack(*described, checksum, len(page.lacing)) + behind
