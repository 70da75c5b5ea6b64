"""FLAC (RFC 9639): the blocks of metadata before the frames are written anew."""

from typing import Final

from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.id3 import read_leading
from recommender.ingest.tagging.pieces import LARGEST_HEAD, New, NotTaggableError, Piece, Source
from recommender.ingest.tagging.vorbis import build_comments, build_picture, read_comments

_STREAMINFO, _PADDING, _COMMENTS, _PICTURE = 0, 1, 4, 6
_LAST: Final = 0x80
_LARGEST_BLOCK: Final = (1 << 24) - 1
_MOST_BLOCKS: Final = 1_000

Block = tuple[int, bytes]


def tag_flac(source: Source, details: Details) -> list[Piece]:
    """ID3 before it goes: that never belonged there."""
    start = read_leading(source).end
    if source.peek(start, 4) != b"fLaC":
        raise NotTaggableError("no FLAC")
    blocks, frames = _read_blocks(source, start + 4)
    comments = next((content for kind, content in blocks if kind == _COMMENTS), bytes(8))
    pictures, cover = details.choose_pictures([block for block in blocks if block[0] == _PICTURE])
    made = [block for block in blocks if block[0] not in (_PADDING, _COMMENTS, _PICTURE)]
    made.append((_COMMENTS, build_comments(details, read_comments(comments), with_pictures=False)))
    made += pictures
    if cover:
        made.append((_PICTURE, build_picture(cover)))
    return [New(b"fLaC" + _join(made)), source.rest(frames)]


def _read_blocks(source: Source, position: int) -> tuple[list[Block], int]:
    """The blocks, and where the frames begin."""
    blocks: list[Block] = []
    start = position
    for _ in range(_MOST_BLOCKS):
        head = source.read(position, 4)
        size = int.from_bytes(head[1:], "big")
        if position + size > start + LARGEST_HEAD:
            raise NotTaggableError("too much before its frames")
        blocks.append((head[0] & ~_LAST, source.read(position + 4, size)))
        position += 4 + size
        if head[0] & _LAST:
            break
    if blocks[0][0] != _STREAMINFO or not head[0] & _LAST:
        raise NotTaggableError("its blocks do not end, or begin with something else")
    return blocks, position


def _join(blocks: list[Block]) -> bytes:
    if any(len(content) > _LARGEST_BLOCK for _kind, content in blocks):
        raise NotTaggableError("too much for one block")
    heads = [bytes([kind]) + len(content).to_bytes(3, "big") for kind, content in blocks]
    heads[-1] = bytes([heads[-1][0] | _LAST]) + heads[-1][1:]
    return b"".join(head + content for head, (_kind, content) in zip(heads, blocks, strict=True))
