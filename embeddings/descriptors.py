"""What is measured while the track streams by: its waveform as bars, and its level."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform

BAR_COUNT: Final = 1000
FLOOR_DBFS: Final = -120.0
_FIRST_BIN_SAMPLES: Final = 16
_MAX_BINS: Final = 16 * BAR_COUNT


@dataclass(frozen=True)
class Descriptors:
    """``waveform_peaks`` uint8 (1000,): the peak of each thousandth of the track, 255 being the track's own peak.

    ``rms_dbfs`` and ``peak_dbfs`` are of the whole mono mix, 0 being full scale, never below -120; multiply the bars by
    ``10 ** (peak_dbfs / 20) / 255`` for amplitudes.
    """

    waveform_peaks: NDArray[np.uint8]
    rms_dbfs: float
    peak_dbfs: float


class DescriptorMeter:
    """Measures mono float32 blocks one by one; the length need not be known, and memory does not grow with it.

    Peaks are kept per bin; whenever there are too many bins, pairs are merged, so that at the end every bar spans at
    least eight of them (in tracks longer than 8000 * 16 samples).
    """

    def __init__(self) -> None:
        self._bin_samples = _FIRST_BIN_SAMPLES
        self._bins = np.zeros(0, np.float32)
        self._rest: Waveform = np.zeros(0, np.float32)  # samples that do not fill a bin yet
        self._samples = 0
        self._energy = 0.0

    def add(self, block: Waveform) -> None:
        self._samples += block.size
        self._energy += float(np.square(block, dtype=np.float64).sum())
        magnitudes = np.concatenate([self._rest, np.abs(block)])
        whole = magnitudes.size - magnitudes.size % self._bin_samples
        self._rest = magnitudes[whole:]
        self._bins = np.concatenate([self._bins, magnitudes[:whole].reshape(-1, self._bin_samples).max(axis=1)])
        while self._bins.size > _MAX_BINS:
            self._merge_pairs()

    def _merge_pairs(self) -> None:
        even = self._bins.size - self._bins.size % 2
        if even < self._bins.size:  # give the odd one back: a bin of its peak followed by silence has the same peak
            last = np.zeros(self._bin_samples, np.float32)
            last[0] = self._bins[-1]
            self._rest = np.concatenate([last, self._rest])
        self._bins = self._bins[:even].reshape(-1, 2).max(axis=1)
        self._bin_samples *= 2

    def finish(self) -> Descriptors:
        """The descriptors of all blocks added so far."""
        bins = np.append(self._bins, self._rest.max()) if self._rest.size else self._bins
        if not bins.size:
            return Descriptors(np.zeros(BAR_COUNT, np.uint8), FLOOR_DBFS, FLOOR_DBFS)
        edges = np.arange(BAR_COUNT) * bins.size // BAR_COUNT
        bars = np.maximum.reduceat(bins, edges)  # of equal edges, in a short track, each bar repeats its bin
        peak = float(bars.max())
        heights = np.round(bars * (255 / peak)) if peak > 0 else bars
        rms = float(np.sqrt(self._energy / self._samples))
        return Descriptors(heights.astype(np.uint8), _level_dbfs(rms), _level_dbfs(peak))


def _level_dbfs(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * float(np.log10(max(amplitude, 1e-12))))
