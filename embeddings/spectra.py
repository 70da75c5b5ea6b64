"""Short-time spectra of a stream: overlapping windows over mono blocks of any size, with nothing kept but a tail."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform

Matrix = NDArray[np.float32]


class SpectrumStream:
    """Cuts blocks into frames of ``window`` samples every ``hop`` and gives their spectra ``batch`` frames at a time.

    A batch has always as many, so that the results are the same to the last bit however the blocks were cut, and the
    products that follow stay too small for BLAS to wake other processors.
    """

    def __init__(self, window: int, hop: int, *, batch: int) -> None:
        self._hop = hop
        self._batch = batch
        self._window = np.hanning(window + 1)[:-1].astype(np.float32)
        self._window *= 2 / self._window.sum()
        self._tail: Waveform = np.zeros(0, np.float32)

    def add(self, block: Waveform) -> Iterator[Matrix]:
        """Magnitudes (batch, window // 2 + 1) of each full batch so far; a sine of full scale has magnitude 1."""
        samples = np.concatenate([self._tail, block])
        needed = self._window.size + self._hop * (self._batch - 1)
        start = 0
        while start + needed <= samples.size:
            yield self._transform(samples[start : start + needed])
            start += self._hop * self._batch
        self._tail = samples[start:].copy()

    def finish(self) -> Iterator[Matrix]:
        """Those of the frames that are left, fewer than a batch; samples that do not fill a frame are left out."""
        if self._tail.size >= self._window.size:
            yield self._transform(self._tail)
        self._tail = self._tail[:0]

    def _transform(self, samples: Waveform) -> Matrix:
        frames = np.lib.stride_tricks.sliding_window_view(samples, self._window.size)[:: self._hop]
        return np.asarray(np.abs(np.fft.rfft(frames * self._window, axis=1)), np.float32)
