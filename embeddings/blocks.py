"""Decoded audio on its way: mono float32 blocks, and how they cross the pipe of the decode child.

Imports neither libav nor torch: both ends of the pipe use it. A message is one byte of kind, four of length (little
endian) and the payload; there is no pickle in it, because the child reads hostile files.
"""

import struct
from collections.abc import Generator, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Waveform = NDArray[np.float32]

HEADER: Final = struct.Struct("<cI")
REQUEST: Final = b"Q"  # JSON: path, rate_hz, max_seconds, cpu_seconds
BLOCK: Final = b"B"  # little-endian float32 samples
DONE: Final = b"D"  # JSON: is_truncated
FAILURE: Final = b"E"  # JSON: code, message, and errno where the code is FILE_FAILED
FILE_FAILED: Final = "file_failed"  # the system would not open or read the file: an OSError, not the sound
MAX_PAYLOAD_BYTES: Final = 4 << 20


class BlockStream(Iterator[Waveform]):
    """Mono float32 blocks, each of shape (samples,), as an iterator that can be run once.

    ``is_truncated`` means something once the last block is out: sound is missing that the file claims to hold, because
    it ends early or because stretches of it could not be decoded.
    """

    def __init__(self, blocks: Generator[Waveform, None, bool]) -> None:
        self._blocks = blocks
        self.is_truncated = False

    def __next__(self) -> Waveform:
        try:
            return next(self._blocks)
        except StopIteration as end:
            self.is_truncated = bool(end.value)
            raise StopIteration from None

    def close(self) -> None:
        """Stop early: the file is closed, or the decode child let go."""
        self._blocks.close()
