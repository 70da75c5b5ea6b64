"""What is measured of decoded sound before anything is mixed or resampled: in the decode child, where all of it is."""

import hashlib
import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.loudness import LoudnessMeter, weigh_channels
from embeddings.source_facts import FLOOR_DBFS, HIGHEST_BIT_RATE, SourceFacts

_SHAPE: Final = struct.Struct("<II")
# libav has several decoders for some codecs; which one it took is nobody's affair.
_CODEC_NAMES: Final = {"mp1float": "mp1", "mp2float": "mp2", "mp3float": "mp3", "libopus": "opus"}


class SourceMeter:
    """Hashes and measures blocks of finite float32 (n, channels) at their own rate; both may change midway."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._loudness = LoudnessMeter()
        self._peak = 0.0
        self._seconds = 0.0
        self._shape: tuple[int, int] | None = None
        self._first_shape = (0, 0)

    def start(self, rate_hz: int, channels: int, channel_names: Sequence[str]) -> None:
        """From now on blocks come in this shape; the hash takes note of it where it is new."""
        shape = (rate_hz, channels)
        if self._shape is None:
            self._first_shape = shape
        if shape != self._shape:
            self._hash.update(_SHAPE.pack(*shape))
        self._shape = shape
        self._loudness.start(rate_hz, weigh_channels(channel_names, channels))

    def add(self, samples: NDArray[np.float32], peak: float) -> None:
        """``peak`` is the largest magnitude among ``samples``, which the caller knows already."""
        assert self._shape is not None
        self._hash.update(np.ascontiguousarray(samples, "<f4").data)
        self._loudness.add(samples)
        self._peak = max(self._peak, peak)
        self._seconds += len(samples) / self._shape[0]

    def finish(self, *, container: str, codec: str, file_bytes: int) -> SourceFacts:
        rate_hz, channels = self._first_shape
        return SourceFacts(
            container=container,
            codec=_CODEC_NAMES.get(codec, codec),
            rate_hz=rate_hz,
            channels=channels,
            bit_rate=min(round(8 * file_bytes / self._seconds), HIGHEST_BIT_RATE) if self._seconds else 0,
            audio_sha256=self._hash.hexdigest(),
            loudness_lufs=self._loudness.finish(),
            peak_dbfs=max(FLOOR_DBFS, 20 * float(np.log10(max(self._peak, 1e-12)))),
        )
