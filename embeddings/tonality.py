"""The key of a track, from the peaks of its spectrum.

Peaks are counted by pitch class in tenths of a semitone, so that the tuning is known at the end and taken out (Gómez,
"Tonal Description of Music Audio Signals", 2006). What is left are twelve numbers that are compared with how often the
notes occur in major and minor pieces (Albrecht and Shanahan, "The Use of Large Corpora to Train a New Type of
Key-Finding Algorithm", Music Perception 31, 2013).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PITCH_CLASSES: Final = 12
_STEPS: Final = 10  # a semitone
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 2000.0
_C_HZ: Final = 440 * 2 ** (-9 / 12)
_QUIETEST: Final = 10 ** (-72 / 20)
_MAJOR: Final = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR: Final = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)
# How sharply the peaks agree on one tuning, 0-1: noise and drums .02, bells .1, most music .3 and more.
_NO_TUNING, _CLEAR_TUNING = 0.05, 0.2
_CLEAR_MARGIN: Final = 0.15

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Tonality:
    """``key`` 0-11 for C to B major, 12-23 for C to B minor, None where nothing has a pitch; ``confidence`` 0-1."""

    key: int | None
    confidence: float


class TonalityMeter:
    """Measures magnitude spectra of half a second or so, batch by batch. Memory does not grow with the track."""

    def __init__(self, rate_hz: int, window: int) -> None:
        self._bin_hz = rate_hz / window
        self._first = int(_LOWEST_HZ / self._bin_hz)
        self._end = int(_HIGHEST_HZ / self._bin_hz) + 1
        self._pitches = np.zeros(PITCH_CLASSES * _STEPS)

    def add(self, magnitudes: Matrix) -> None:
        """``magnitudes`` float32 (frames, bins), 1 being a sine of full scale."""
        near = magnitudes[:, self._first - 1 : self._end + 1]
        middle = near[:, 1:-1]
        frames, bins = np.nonzero((middle > near[:, :-2]) & (middle >= near[:, 2:]) & (middle > _QUIETEST))
        heights = middle[frames, bins].astype(np.float64)
        steps = self._find_steps(near, frames, bins)
        counts = np.bincount(frames * self._pitches.size + steps, heights, magnitudes.shape[0] * self._pitches.size)
        pitches = counts.reshape(-1, self._pitches.size)
        # the root: a loud frame counts for more than a quiet one, but not in proportion
        self._pitches += (pitches / np.sqrt(np.maximum(pitches.sum(axis=1, keepdims=True), 1e-12))).sum(axis=0)

    def _find_steps(self, near: Matrix, frames: NDArray[np.intp], bins: NDArray[np.intp]) -> NDArray[np.intp]:
        """The pitch class of each peak in steps from C, its place being the top of a parabola through logarithms."""
        below, top, above = (np.log(near[frames, bins + offset] + 1e-9) for offset in (0, 1, 2))
        place = self._first + bins + 0.5 * (below - above) / np.minimum(below - 2 * top + above, -1e-9)
        steps = np.rint(PITCH_CLASSES * _STEPS * np.log2(place * self._bin_hz / _C_HZ))
        return np.asarray(steps, np.intp) % self._pitches.size

    def finish(self) -> Tonality:
        """The key of all that was added."""
        total = self._pitches.sum()
        if not total:
            return Tonality(None, 0.0)
        phases = np.exp(2j * np.pi * np.arange(self._pitches.size) / _STEPS)
        tuning = complex(self._pitches @ phases) / total
        sharpness = float(np.clip((abs(tuning) - _NO_TUNING) / (_CLEAR_TUNING - _NO_TUNING), 0, 1))
        if not sharpness:
            return Tonality(None, 0.0)
        offset = round(np.angle(tuning) / (2 * np.pi) * _STEPS)
        likeness = _compare(_fold(np.roll(self._pitches, -offset)))
        second, best = np.sort(likeness)[-2:]
        confidence = sharpness * float(np.clip((best - second) / _CLEAR_MARGIN, 0, 1)) * max(0.0, float(best))
        return Tonality(int(np.argmax(likeness)), confidence)


def _fold(pitches: NDArray[np.float64]) -> NDArray[np.float64]:
    """Steps to the twelve pitch classes, those in tune counting most; the root keeps one drone from deciding alone."""
    distance = np.arange(_STEPS) - _STEPS // 2
    in_tune = np.exp(-0.5 * np.square(distance / (0.22 * _STEPS)))
    return np.asarray(np.sqrt(np.roll(pitches, _STEPS // 2).reshape(PITCH_CLASSES, _STEPS) @ in_tune), np.float64)


def _compare(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """The correlation (24,) of pitch classes (12,) with the profile of each key."""
    profiles = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(PITCH_CLASSES)])
    likeness: NDArray[np.float64] = np.nan_to_num(np.corrcoef(profiles, chroma)[-1, :-1])
    return likeness
