"""The sound as a picture: how strong each band of frequencies is over the length of a track."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.spectra import Matrix

BANDS: Final = 96
MOST_COLUMNS: Final = 1600
# What is this much below the loudest spot of the track is as dark as silence.
RANGE_DB: Final = 60.0
_LOWEST_HZ: Final = 40.0
# Music falls towards its high notes; lifted by so much an octave, they can be seen as well as they are heard.
_LIFT_DB: Final = 3.0
_FRAMES: Final = 4
_POWER_FLOOR: Final = 1e-12


class SpectrogramMeter:
    """Frames come as they are measured; columns of ``_FRAMES`` of them are kept, and whenever there are too many, each
    pair becomes one. So the length need not be known, and memory does not grow with it.
    """

    def __init__(self, rate_hz: int, window: int) -> None:
        self._bands = _band_weights(rate_hz, window)
        self._columns = np.zeros((MOST_COLUMNS, BANDS), np.float32)
        self._filled = 0
        self._sum = np.zeros(BANDS, np.float32)
        self._count = 0
        self._needed = 1

    def add(self, magnitudes: Matrix) -> None:
        """Frames (n, window // 2 + 1), as ``embeddings.spectra`` gives them; n >= 1."""
        powers = np.square(magnitudes) @ self._bands
        starts = np.arange(0, len(powers), _FRAMES)
        lengths = np.diff(starts, append=len(powers))
        for column in np.add.reduceat(powers, starts, axis=0) / lengths[:, None]:
            self._add_column(column)

    def _add_column(self, column: Matrix) -> None:
        self._sum += column
        self._count += 1
        if self._count < self._needed:
            return
        self._columns[self._filled] = self._sum / self._count
        self._filled += 1
        self._sum[:], self._count = 0, 0
        if self._filled == MOST_COLUMNS:
            self._filled //= 2
            self._columns[: self._filled] = (self._columns[0::2] + self._columns[1::2]) / 2
            self._needed *= 2

    def finish(self) -> NDArray[np.uint8]:
        """(BANDS, columns), the highest band first; 255 is the loudest spot of the track, 0 what is silent beside it.

        Between half of MOST_COLUMNS and all of them, fewer in a track of less than half a minute.
        """
        powers = self._columns[: self._filled].T[::-1]
        if not powers.size or powers.max() <= _POWER_FLOOR:
            return np.zeros(powers.shape, np.uint8)
        levels = 10 * np.log10(np.maximum(powers, _POWER_FLOOR))
        shades = (levels - levels.max() + RANGE_DB) / RANGE_DB
        return np.asarray(np.round(255 * np.clip(shades, 0, 1)), np.uint8)


def _band_weights(rate_hz: int, window: int) -> Matrix:
    """(bins, BANDS): overlapping triangles evenly spaced in mel, none narrower than a bin."""
    hertz = np.fft.rfftfreq(window, 1 / rate_hz)
    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (_LOWEST_HZ, rate_hz / 2))
    edges = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
    centres = edges[1:-1]
    widths = np.maximum(np.diff(edges)[:-1], hertz[1])
    triangles = np.maximum(0, 1 - np.abs(hertz[:, None] - centres) / widths)
    lifts = 10 ** (_LIFT_DB * np.log2(centres / centres[0]) / 10)
    return np.asarray(triangles / triangles.sum(axis=0) * lifts, np.float32)
