"""What a tagged copy is put together from: new bytes, and stretches of the original that are copied as they are.

Nothing of it is written to disk: it is read from the original while it is sent. Files come from strangers, so that
every number in them is checked against what is there, and nothing larger than LARGEST_HEAD is held in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

BLOCK_BYTES: Final = 128 << 10
LARGEST_HEAD: Final = 64 << 20


class NotTaggableError(Exception):
    """This file takes no other details. The message is a reason for the log."""


class Piece(Protocol):
    @property
    def size(self) -> int: ...

    def read(self, file: BinaryIO) -> Iterator[bytes]:
        """From `file`, the original. Raises NotTaggableError when that is shorter than it was."""


@dataclass(frozen=True)
class New:
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, _file: BinaryIO) -> Iterator[bytes]:
        yield self.content


@dataclass(frozen=True)
class Kept:
    """`size` bytes of the original from `start` on."""

    start: int
    size: int

    def read(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(self.start)
        remaining = self.size
        while remaining:
            block = file.read(min(BLOCK_BYTES, remaining))
            if not block:
                raise NotTaggableError("the file is shorter than it was")
            remaining -= len(block)
            yield block


class Source:
    """The original, read at places: `size` bytes of it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = file.seek(0, 2)

    def read(self, start: int, size: int) -> bytes:
        """Exactly so much. Raises NotTaggableError where there is less, or where it is too much to be held."""
        if not 0 <= size <= LARGEST_HEAD or start < 0 or start + size > self.size:
            raise NotTaggableError(f"{size} bytes at {start} are not there")
        self.file.seek(start)
        content = self.file.read(size)
        if len(content) < size:
            raise NotTaggableError("the file is shorter than it was")
        return content

    def peek(self, start: int, size: int) -> bytes:
        """As much as there is."""
        return self.read(start, min(size, self.size - start)) if start < self.size else b""

    def rest(self, start: int) -> Kept:
        return Kept(start, max(0, self.size - start))


def measure(pieces: Sequence[Piece]) -> int:
    return sum(piece.size for piece in pieces)
