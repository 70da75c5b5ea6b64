"""What is measured while the track streams by: its waveform as bars, its level, rhythm, key and character."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform
from embeddings.character import BrightnessMeter, measure_energy
from embeddings.rhythm import FRAMES_PER_SECOND, RhythmMeter
from embeddings.source_facts import FLOOR_DBFS
from embeddings.spectra import Matrix, SpectrumStream
from embeddings.spectrogram import SpectrogramMeter
from embeddings.tonality import TonalityMeter

RATE_HZ: Final = 16_000
BAR_COUNT: Final = 1000
_FIRST_BIN_SAMPLES: Final = 16
_MAX_BINS: Final = 16 * BAR_COUNT
# Onsets want short frames, pitch long ones.
_SHORT_WINDOW, _SHORT_HOP = 512, RATE_HZ // FRAMES_PER_SECOND
_LONG_WINDOW, _LONG_HOP = 8192, 4096
_BANDS: Final = 40
_LOWEST_HZ: Final = 30.0
_COMPRESSION: Final = 1000.0


@dataclass(frozen=True)
class Descriptors:
    """``waveform_peaks`` uint8 (1000,): the peak of each thousandth of the track, 255 being the track's own peak.

    ``rms_dbfs`` and ``peak_dbfs`` are of the whole mono mix, 0 being full scale, never below -120; multiply the bars by
    ``10 ** (peak_dbfs / 20) / 255`` for amplitudes. ``loudness_lufs`` is that of all channels as they are in the file
    (``embeddings.loudness``), None where nothing is loud enough.

    ``tempo_bpm`` 40-240, None without a pulse; a tempo and its double are easily mistaken. ``key`` 0-11 for C to B
    major, 12-23 for C to B minor, None where nothing has a pitch. Both confidences 0-1: the clarity of the pulse, the
    lead over the next best key. ``energy`` and ``brightness`` 0-1 (``embeddings.character``). ``spectrogram`` uint8
    (bands, columns), high notes first (``embeddings.spectrogram``).
    """

    waveform_peaks: NDArray[np.uint8]
    rms_dbfs: float
    peak_dbfs: float
    loudness_lufs: float | None
    tempo_bpm: float | None
    tempo_confidence: float
    key: int | None
    key_confidence: float
    energy: float
    brightness: float
    spectrogram: NDArray[np.uint8]


class DescriptorMeter:
    """Measures mono float32 blocks at 16 kHz one by one.

    The length need not be known, and memory does not grow with it.
    """

    def __init__(self) -> None:
        self._levels = _LevelMeter()
        self._short = SpectrumStream(_SHORT_WINDOW, _SHORT_HOP, batch=24)
        self._long = SpectrumStream(_LONG_WINDOW, _LONG_HOP, batch=8)
        self._weights = _short_weights()
        self._rhythm = RhythmMeter()
        self._brightness = BrightnessMeter()
        self._tonality = TonalityMeter(RATE_HZ, _LONG_WINDOW)
        self._spectrogram = SpectrogramMeter(RATE_HZ, _SHORT_WINDOW)

    def add(self, block: Waveform) -> None:
        self._levels.add(block)
        for magnitudes in self._short.add(block):
            self._add_short(magnitudes)
        for magnitudes in self._long.add(block):
            self._tonality.add(magnitudes)

    def _add_short(self, magnitudes: Matrix) -> None:
        sums = magnitudes @ self._weights
        self._rhythm.add(np.log1p(_COMPRESSION * sums[:, :_BANDS]))
        self._brightness.add(sums[:, _BANDS], sums[:, _BANDS + 1])
        self._spectrogram.add(magnitudes)

    def finish(self, loudness_lufs: float | None) -> Descriptors:
        """The descriptors of all blocks added, which must be the last; ``loudness_lufs`` was measured elsewhere."""
        for magnitudes in self._short.finish():
            self._add_short(magnitudes)
        for magnitudes in self._long.finish():
            self._tonality.add(magnitudes)
        peaks, rms_dbfs, peak_dbfs = self._levels.finish()
        rhythm, tonality = self._rhythm.finish(), self._tonality.finish()
        return Descriptors(
            waveform_peaks=peaks,
            rms_dbfs=rms_dbfs,
            peak_dbfs=peak_dbfs,
            loudness_lufs=loudness_lufs,
            tempo_bpm=rhythm.tempo_bpm,
            tempo_confidence=rhythm.confidence,
            key=tonality.key,
            key_confidence=tonality.confidence,
            energy=measure_energy(loudness_lufs, rhythm),
            brightness=self._brightness.finish(),
            spectrogram=self._spectrogram.finish(),
        )


def _short_weights() -> Matrix:
    """(bins, 42): forty triangles evenly spaced in mel, then ones, then the frequency of each bin."""
    hertz = np.fft.rfftfreq(_SHORT_WINDOW, 1 / RATE_HZ)
    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (_LOWEST_HZ, RATE_HZ / 2))
    edges = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    rising = (hertz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - hertz) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.concatenate([triangles, np.ones((1, hertz.size)), hertz[None]]).T.astype(np.float32)


class _LevelMeter:
    """Waveform and levels.

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

    def finish(self) -> tuple[NDArray[np.uint8], float, float]:
        """Bars, RMS and peak of all blocks added so far."""
        bins = np.append(self._bins, self._rest.max()) if self._rest.size else self._bins
        if not bins.size:
            return np.zeros(BAR_COUNT, np.uint8), FLOOR_DBFS, FLOOR_DBFS
        edges = np.arange(BAR_COUNT) * bins.size // BAR_COUNT
        bars = np.maximum.reduceat(bins, edges)  # of equal edges, in a short track, each bar repeats its bin
        peak = float(bars.max())
        heights = np.round(bars * (255 / peak)) if peak > 0 else bars
        rms = float(np.sqrt(self._energy / self._samples))
        return heights.astype(np.uint8), _level_dbfs(rms), _level_dbfs(peak)


def _level_dbfs(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * float(np.log10(max(amplitude, 1e-12))))
