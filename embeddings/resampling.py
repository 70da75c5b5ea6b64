"""Another rate for a stream of blocks: for encoders that do not listen at the rate at which tracks are measured."""

from math import ceil, gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform

_ZERO_CROSSINGS: Final = 10
_KAISER_BETA: Final = 5.0


class ResampledStream:
    """Resampling of mono float32 blocks by a Kaiser-windowed sinc, as ``scipy.signal.resample_poly``, without seams.

    Output sample m stands for the same moment as ever, m / ``target_hz`` from the start of the stream. A period of
    input gives a period of output by one matrix product; scipy's filters would take longer to import than to use.
    """

    def __init__(self, source_hz: int, target_hz: int) -> None:
        divisor = gcd(source_hz, target_hz)
        self._up, self._down = target_hz // divisor, source_hz // divisor
        widest = max(self._up, self._down)
        # so many samples before and after the period are heard
        self._context = ceil(_ZERO_CROSSINGS * widest / self._up)
        self._weights = _draw_weights(self._up, self._down, self._context)
        self._tail: Waveform = np.zeros(self._context, np.float32)

    def add(self, block: Waveform) -> Waveform:
        """What can be said so far, float32 (samples,), possibly empty."""
        samples = np.concatenate([self._tail, block])
        periods = max(0, (samples.size - 2 * self._context) // self._down)
        self._tail = samples[periods * self._down :].copy()
        if not periods:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._weights))[:: self._down]
        return np.asarray((windows[:periods] @ self._weights).ravel(), np.float32)

    def finish(self) -> Waveform:
        """The rest; the stream is taken to be silent from there on."""
        wanted = ceil((self._tail.size - self._context) * self._up / self._down)
        return self.add(np.zeros(self._context + self._down, np.float32))[:wanted]


def _draw_weights(up: int, down: int, context: int) -> NDArray[np.float32]:
    """What each sample of a period and its surroundings (context, period, context) gives to each output: (n, up)."""
    widest = max(up, down)
    half = _ZERO_CROSSINGS * widest
    sinc = np.sinc(np.arange(-half, half + 1) / widest) * np.kaiser(2 * half + 1, _KAISER_BETA)
    sinc *= up / sinc.sum()
    # in steps of the common multiple of both rates
    steps = np.arange(up) * down - (np.arange(down + 2 * context)[:, None] - context) * up
    return np.where(np.abs(steps) <= half, sinc[np.clip(steps + half, 0, 2 * half)], 0).astype(np.float32)
