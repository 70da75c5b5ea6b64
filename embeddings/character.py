"""How bright and how energetic a track is, as numbers from 0 to 1 to sort and filter by.

Neither has a standard. Both only ever grow with what they are made of.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.rhythm import Rhythm

# A low drone, and cymbals alone; sound above 8 kHz is not heard here.
_DARK_HZ, _BRIGHT_HZ = 300.0, 4000.0
_SILENCE: Final = 1e-3  # the amplitudes of a frame together

# (nothing, everything, share) of what makes energy
_LOUDNESS_LUFS: Final = (-40.0, -8.0, 0.5)
_ONSETS_PER_SECOND: Final = (0.0, 8.0, 0.25)
_RISE: Final = (0.05, 0.3, 0.25)


class BrightnessMeter:
    """The spectral centroid on a logarithmic scale: 0 at 300 Hz and below, 1 at 4 kHz and above.

    The mean over the track, each frame weighing what it sounds. Memory does not grow.
    """

    def __init__(self) -> None:
        self._octaves = 0.0
        self._weight = 0.0

    def add(self, amplitudes: NDArray[np.float32], hertz: NDArray[np.float32]) -> None:
        """For each frame (frames,): the sum of its magnitudes, and that of its magnitudes times their frequencies."""
        sounds = amplitudes > _SILENCE
        weights = amplitudes[sounds].astype(np.float64)
        self._octaves += float(weights @ np.log2(np.maximum(hertz[sounds] / weights, 1.0)))
        self._weight += float(weights.sum())

    def finish(self) -> float:
        """0-1; 0 for silence."""
        if not self._weight:
            return 0.0
        octaves = self._octaves / self._weight - np.log2(_DARK_HZ)
        return float(np.clip(octaves / np.log2(_BRIGHT_HZ / _DARK_HZ), 0, 1))


def measure_energy(loudness_lufs: float | None, rhythm: Rhythm) -> float:
    """0-1: half loudness (-40 to -8 LUFS), a quarter onsets (0 to 8 a second), a quarter their strength.

    0 where there is no loudness.
    """
    if loudness_lufs is None:
        return 0.0
    parts = ((loudness_lufs, _LOUDNESS_LUFS), (rhythm.onsets_per_second, _ONSETS_PER_SECOND), (rhythm.rise, _RISE))
    return float(sum(share * np.clip((value - low) / (high - low), 0, 1) for value, (low, high, share) in parts))
