"""Which files are one recording: told by the course of their harmony, which no contestant of the report uses.

Pitch classes survive another codec, bit rate or level, and their order in time tells apart pieces of one style and key.
Nothing is learned from the collection, so that two files are judged alike in whatever company they come.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.components import connect

PITCH_CLASSES: Final = 12
# Windows of half a second: a file that begins an eighth of a second later still shows nearly the same frames.
WINDOW, HOP = 8192, 4096
RATE_HZ: Final = 16_000
FRAMES_PER_SECOND: Final = RATE_HZ / HOP
LOWEST_HZ, HIGHEST_HZ = 110.0, 3520.0
FRAMES_AT_ONCE: Final = 512
LONGEST_SHIFT_SECONDS: Final = 5.0
DURATION_RATIO: Final = 1.1
# Re-encodings, gains and shifts gave 0.95 and more, different pieces of one style and tempo up to 0.62.
SAME_RECORDING: Final = 0.8

Matrix = NDArray[np.float32]


@lru_cache(maxsize=1)
def _pitch_classes() -> torch.Tensor:
    """Which pitch class each bin of the spectrum counts for: (12, bins), zero outside five octaves from 110 Hz."""
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
    is_heard = (hertz >= LOWEST_HZ) & (hertz <= HIGHEST_HZ)
    semitones = np.round(12 * np.log2(np.maximum(hertz, 1.0) / LOWEST_HZ)).astype(int) % PITCH_CLASSES
    return torch.from_numpy((np.arange(PITCH_CLASSES)[:, None] == semitones) & is_heard).float()


def chroma(wave: NDArray[np.float32]) -> Matrix:
    """The course of harmony of ``wave`` (samples,) at 16 kHz: (frames, 12), about four frames a second.

    Each frame says how its magnitude is shared among the pitch classes, so that level does not matter; then the mean
    over time is taken away, so that a common key does not.
    """
    padded = np.pad(wave, (0, max(0, WINDOW - len(wave))))
    frames = torch.from_numpy(padded).unfold(0, WINDOW, HOP)
    window = torch.hann_window(WINDOW)
    parts = []
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        magnitudes = torch.fft.rfft(frames[start : start + FRAMES_AT_ONCE] * window).abs()
        parts.append(magnitudes @ _pitch_classes().T)
    shares = torch.nn.functional.normalize(torch.cat(parts), dim=1, eps=1e-3)
    return np.asarray((shares - shares.mean(dim=0)).numpy(), np.float32)


def likeness(first: Matrix, second: Matrix) -> float:
    """The largest correlation, -1 to 1, of two courses of harmony (frames, 12) over the shifts allowed.

    These are five seconds either way, and as much again as one is longer, where an edit may have been cut.
    """
    longest_shift = round(LONGEST_SHIFT_SECONDS * FRAMES_PER_SECOND)
    size = 1 << (len(first) + len(second)).bit_length()
    spectra = [np.fft.rfft(course, size, axis=0) for course in (first, second)]
    products = np.fft.irfft((spectra[0] * spectra[1].conj()).sum(axis=1), size)
    powers = [np.concatenate([[0.0], np.cumsum(np.square(course).sum(axis=1))]) for course in (first, second)]
    spare = len(first) - len(second)
    # a shift of k lays the start of the second on frame k of the first
    shifts = np.arange(min(0, spare) - longest_shift, max(0, spare) + longest_shift + 1)
    starts, ends = np.maximum(shifts, 0), np.minimum(len(first), len(second) + shifts)
    is_enough = ends - starts > 0.5 * min(len(first), len(second))
    shifts, starts, ends = shifts[is_enough], starts[is_enough], ends[is_enough]
    lengths = (powers[0][ends] - powers[0][starts]) * (powers[1][ends - shifts] - powers[1][starts - shifts])
    return float(np.max(products[shifts] / np.sqrt(np.maximum(lengths, 1e-12)), initial=-1.0))


def group_recordings(courses: Sequence[Matrix], durations: Sequence[float]) -> list[int]:
    """Group numbers that are equal for files of one recording: each is the row of the first file of its group.

    Files belong together when their lengths agree within 10 % and their courses of harmony correlate, or when a third
    file belongs to both.
    """

    def is_same(row: int, other: int) -> bool:
        shorter, longer = sorted((durations[row], durations[other]))
        return longer <= DURATION_RATIO * shorter and likeness(courses[row], courses[other]) >= SAME_RECORDING

    pairs = combinations(range(len(courses)), 2)
    groups: list[int] = connect((pair for pair in pairs if is_same(*pair)), len(courses)).tolist()
    return groups
