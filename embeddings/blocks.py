"""Decoded audio on its way: mono float32 blocks, and how they cross the pipe of the decode child.

Imports neither libav nor torch: both ends of the pipe use it. A message is one byte of kind, four of length (little
endian) and the payload; there is no pickle in it, because the child reads hostile files.
"""

import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.source_facts import SourceFacts

Waveform = NDArray[np.float32]

HEADER: Final = struct.Struct("<cI")
REQUEST: Final = b"Q"  # JSON: path, rate_hz, max_seconds, cpu_seconds
BLOCK: Final = b"B"  # little-endian float32 samples
DONE: Final = b"D"  # JSON: is_truncated, source
FAILURE: Final = b"E"  # JSON: code, message, and errno where the code is FILE_FAILED
FILE_FAILED: Final = "file_failed"  # the system would not open or read the file: an OSError, not the sound
MAX_PAYLOAD_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class StreamEnd:
    """What is known when the last block is out: see ``BlockStream``."""

    is_truncated: bool
    source: SourceFacts


class BlockStream(Iterator[Waveform]):
    """Mono float32 blocks, each of shape (samples,), as an iterator that can be run once.

    ``is_truncated`` and ``source`` mean something once the last block is out. The one says that sound is missing which
    the file claims to hold, because it ends early or because stretches of it could not be decoded; the other what the
    file holds.
    """

    def __init__(self, blocks: Generator[Waveform, None, StreamEnd]) -> None:
        self._blocks = blocks
        self.is_truncated = False
        self.source: SourceFacts | None = None

    def __next__(self) -> Waveform:
        try:
            return next(self._blocks)
        except StopIteration as end:
            if end.value is not None:  # as when it is run once more
                self.is_truncated, self.source = end.value.is_truncated, end.value.source
            raise StopIteration from None

    def close(self) -> None:
        """Stop early: the file is closed, or the decode child let go."""
        self._blocks.close()
