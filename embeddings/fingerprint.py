"""The acoustic fingerprint: Chromaprint, algorithm 2 (the one that AcoustID uses), bit for bit but for rounding.

After Lukáš Lalinský, "How does Chromaprint work?" (https://oxygene.sk/2011/01/how-does-chromaprint-work/), which
follows Ke, Hoiem and Sukthankar, "Computer Vision for Music Identification" (CVPR 2005); the constants are those of the
library (https://github.com/acoustid/chromaprint). The course of harmony is looked at as a picture, twelve pitch classes
high and about eight columns a second wide. Sixteen filters compare areas of it, and each answer becomes two bits.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform
from embeddings.resampling import ResampledStream

INPUT_RATE_HZ: Final = 16_000
RATE_HZ: Final = 11_025
HEARD_SECONDS: Final = 120.0
FRAME: Final = 4096
HOP: Final = FRAME // 3
SECONDS_PER_VALUE: Final = HOP / RATE_HZ
_LOWEST_HZ, _HIGHEST_HZ = 28, 3520
_OCTAVES_FROM_HZ: Final = 440 / 16
_PITCH_CLASSES: Final = 12
_SMOOTHING: Final = np.array([0.25, 0.75, 1.0, 0.75, 0.25])
_QUIETEST_NORM: Final = 0.01
_GRAY_CODE: Final = np.array([0, 1, 3, 2], np.uint32)
_FRAMES_AT_ONCE: Final = 128

Matrix = NDArray[np.float64]


class _Filter(NamedTuple):
    """``kind`` says how the area (``width`` in time by ``height`` pitch classes from ``lowest``) is parted in two.

    ``steps`` are the three thresholds between the four answers.
    """

    kind: int
    lowest: int
    height: int
    width: int
    steps: tuple[float, float, float]


_FILTERS: Final = (
    _Filter(0, 4, 3, 15, (1.98215, 2.35817, 2.63523)),
    _Filter(4, 4, 6, 15, (-1.03809, -0.651211, -0.282167)),
    _Filter(1, 0, 4, 16, (-0.298702, 0.119262, 0.558497)),
    _Filter(3, 8, 2, 12, (-0.105439, 0.0153946, 0.135898)),
    _Filter(3, 4, 4, 8, (-0.142891, 0.0258736, 0.200632)),
    _Filter(4, 0, 3, 5, (-0.826319, -0.590612, -0.368214)),
    _Filter(1, 2, 2, 9, (-0.557409, -0.233035, 0.0534525)),
    _Filter(2, 7, 3, 4, (-0.0646826, 0.00620476, 0.0784847)),
    _Filter(2, 6, 2, 16, (-0.192387, -0.029699, 0.215855)),
    _Filter(2, 1, 3, 2, (-0.0397818, -0.00568076, 0.0292026)),
    _Filter(5, 10, 1, 15, (-0.53823, -0.369934, -0.190235)),
    _Filter(3, 6, 2, 10, (-0.124877, 0.0296483, 0.139239)),
    _Filter(2, 1, 1, 14, (-0.101475, 0.0225617, 0.231971)),
    _Filter(3, 5, 6, 4, (-0.0799915, -0.00729616, 0.063262)),
    _Filter(1, 9, 2, 12, (-0.272556, 0.019424, 0.302559)),
    _Filter(3, 4, 2, 14, (-0.164292, -0.0321188, 0.0846339)),
)
_WIDEST: Final = max(form.width for form in _FILTERS)
_SAMPLES_OF_A_VALUE: Final = FRAME + (_SMOOTHING.size + _WIDEST - 2) * HOP
SECONDS_OF_A_VALUE: Final = _SAMPLES_OF_A_VALUE / RATE_HZ


class FingerprintMeter:
    """Keeps the first two minutes of mono float32 blocks at 16 kHz (5 MB) and makes their fingerprint at the end."""

    def __init__(self) -> None:
        self._resampling = ResampledStream(INPUT_RATE_HZ, RATE_HZ)
        self._blocks: list[Waveform] = []
        self._missing = round(HEARD_SECONDS * INPUT_RATE_HZ)

    def add(self, block: Waveform) -> None:
        if self._missing:
            heard = np.asarray(block[: self._missing], np.float32)
            self._blocks.append(self._resampling.add(heard))
            self._missing -= heard.size

    def finish(self) -> NDArray[np.uint32]:
        """One value for every eighth of a second, (n,); empty for less than three seconds of sound."""
        heard = np.concatenate([*self._blocks, self._resampling.finish()])
        if heard.size < _SAMPLES_OF_A_VALUE:
            return np.zeros(0, np.uint32)
        return _read_picture(_draw_picture(heard))


def compute_fingerprint(wave: Waveform) -> NDArray[np.uint32]:
    """The fingerprint (n,) of ``wave`` (samples,), mono at 16 kHz; empty for less than three seconds."""
    meter = FingerprintMeter()
    meter.add(wave)
    return meter.finish()


def _draw_picture(wave: Waveform) -> Matrix:
    """The course of harmony (columns, 12), smoothed over five columns; each of length one, or zero in silence."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, FRAME)[::HOP]
    parts = [_energies(frames[start : start + _FRAMES_AT_ONCE]) for start in range(0, len(frames), _FRAMES_AT_ONCE)]
    smooth = np.lib.stride_tricks.sliding_window_view(np.concatenate(parts), _SMOOTHING.size, axis=0) @ _SMOOTHING
    norms = np.linalg.norm(smooth, axis=1, keepdims=True)
    return np.asarray(np.where(norms < _QUIETEST_NORM, 0.0, smooth / np.maximum(norms, _QUIETEST_NORM)))


def _energies(frames: Waveform) -> Matrix:
    """The energy of each pitch class, A first, in frames (n, 4096): (n, 12)."""
    first, last = (round(FRAME * hertz / RATE_HZ) for hertz in (_LOWEST_HZ, _HIGHEST_HZ))
    spectra = np.fft.rfft(frames * np.hamming(FRAME).astype(np.float32), axis=1)[:, first:last]
    octaves = np.log2(np.arange(first, last) * RATE_HZ / FRAME / _OCTAVES_FROM_HZ)
    pitch_classes = (_PITCH_CLASSES * (octaves - np.floor(octaves))).astype(int)
    is_of = pitch_classes[:, None] == np.arange(_PITCH_CLASSES)
    return np.asarray((np.square(spectra.real) + np.square(spectra.imag)) @ is_of.astype(np.float64))


def _read_picture(picture: Matrix) -> NDArray[np.uint32]:
    """What the filters say at each column with room for the widest; the first filter's answer in the highest bits."""
    sums = np.pad(picture.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    values: NDArray[np.uint32] = np.zeros(len(picture) - _WIDEST + 1, np.uint32)
    for form in _FILTERS:
        whole = _sum_area(sums, form, (0, form.width), (0, form.height))
        inside = _sum_inside(sums, form)
        answers = np.searchsorted(form.steps, np.log1p(inside) - np.log1p(whole - inside), side="right")
        values = np.bitwise_or(values << np.uint32(2), _GRAY_CODE[answers], dtype=np.uint32)
    return values


def _sum_inside(sums: Matrix, form: _Filter) -> Matrix:
    """The part of the area that a filter compares with the rest of it, at every column."""
    whole_width, whole_height = (0, form.width), (0, form.height)
    half, middle = form.width // 2, form.height // 2
    match form.kind:
        case 0:
            parts = [(whole_width, whole_height)]
        case 1:
            parts = [(whole_width, (middle, form.height))]
        case 2:
            parts = [((half, form.width), whole_height)]
        case 3:
            parts = [((0, half), (middle, form.height)), ((half, form.width), (0, middle))]
        case 4:
            parts = [(whole_width, (form.height // 3, 2 * (form.height // 3)))]
        case _:
            parts = [((form.width // 3, 2 * (form.width // 3)), whole_height)]
    return np.asarray(sum(_sum_area(sums, form, columns, rows) for columns, rows in parts))


def _sum_area(sums: Matrix, form: _Filter, columns: tuple[int, int], rows: tuple[int, int]) -> Matrix:
    """The sum over ``columns`` and ``rows`` of the filter's area, from the integral image, at every column (n,)."""
    count = len(sums) - _WIDEST
    left, right = (sums[edge : edge + count] for edge in columns)
    low, high = (form.lowest + edge for edge in rows)
    return right[:, high] - left[:, high] - right[:, low] + left[:, low]
