"""Integrated loudness by ITU-R BS.1770-4 (= EBU R 128), block by block and at any rate.

The standard gives its K-weighting for 48 kHz only; here it is designed anew for each rate from the analogue prototype
behind those numbers (B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018).
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_OFFSET_LU: Final = -0.691
_ABSOLUTE_GATE_LUFS: Final = -70.0
_RELATIVE_GATE: Final = 0.1  # -10 LU
# Loudness is taken over 0.4 s, four steps of 0.1 s that overlap by three.
_STEP_SECONDS: Final = 0.1
_STEPS: Final = 4
_SURROUND_WEIGHT: Final = 1.41
_LOW_FREQUENCY: Final = frozenset({"LFE", "LFE2"})
_SIDES: Final = frozenset({"SL", "SR"})
_BACKS: Final = frozenset({"BL", "BR"})
# Frames about this long cost the least: longer ones multiply more, shorter ones pass on the state more often.
_FRAME_SAMPLES: Final = range(48, 81)
_FLUSH: Final = np.float32(1e-18)  # far smaller numbers are denormal, and slow
_FORGOTTEN: Final = 1e-9

Matrix = NDArray[np.float64]
Samples = NDArray[np.float32]


def weigh_channels(names: Sequence[str], channels: int) -> NDArray[np.float64]:
    """The weights (channels,) of libav's channel ``names``: surround +1.5 dB, subwoofer 0, everything else 1.

    Loudspeakers behind the listener are surround where there are none beside him. All 1 where the names are unknown.
    """
    if len(names) != channels:
        return np.ones(channels)
    surround = _SIDES if _SIDES & set(names) else _BACKS
    weights = [0.0 if name in _LOW_FREQUENCY else _SURROUND_WEIGHT if name in surround else 1.0 for name in names]
    return np.array(weights)


class LoudnessMeter:
    """Measures blocks float32 (n, channels), 1.0 being full scale. Memory: eight bytes for each 0.1 s.

    Rate and channels may change midway: ``start`` begins anew with empty filters, and the gates go over all of it.
    """

    def __init__(self) -> None:
        self._powers = array("d")  # weighted power of each step of 0.1 s
        self._filter: _KFilter | None = None
        self._weights: NDArray[np.float64]

    def start(self, rate_hz: int, weights: NDArray[np.float64]) -> None:
        """From now on blocks come at ``rate_hz`` with channels of these ``weights``."""
        self._weights = weights
        self._filter = _KFilter(rate_hz, int(np.count_nonzero(weights)))

    def add(self, samples: Samples) -> None:
        if self._filter is None:
            raise ValueError("start() tells the rate and comes first.")
        is_heard = self._weights > 0
        heard = samples if is_heard.all() else samples[:, is_heard]
        self._powers.extend((self._weights[is_heard] @ self._filter.power(heard)).tolist())

    def finish(self) -> float | None:
        """LUFS of all of it; None where nothing is louder than -70 LUFS for 0.4 s."""
        steps = np.frombuffer(self._powers) if self._powers else np.zeros(0)
        if steps.size < _STEPS:
            return None
        blocks = np.lib.stride_tricks.sliding_window_view(steps, _STEPS).mean(axis=1)
        loud = blocks[blocks > 10 ** ((_ABSOLUTE_GATE_LUFS - _OFFSET_LU) / 10)]
        if not loud.size:
            return None
        gated = loud[loud > _RELATIVE_GATE * loud.mean()]
        return float(_OFFSET_LU + 10 * np.log10(gated.mean()))


class _KFilter:
    """K-weighting as matrix products over frames, which numpy does some times faster than one sample after the other.

    Within a frame the output is the input times a triangle of the impulse response, plus the answer to the four numbers
    that the filter remembers of all before. These are scaled so that their answers have unit energy, which keeps
    float32 exact enough where poles lie close to 1 (high rates).
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        step_samples = _STEP_SECONDS * rate_hz
        frame = min(_FRAME_SAMPLES, key=lambda size: abs(size * round(step_samples / size) - step_samples))
        self._step = round(step_samples / frame), frame
        a, b, c, d = _state_space(rate_hz)
        scale = np.linalg.cholesky(_answer_energy(a, c)).T
        unscale = np.linalg.inv(scale)
        a, b, c = scale @ a @ unscale, scale @ b, c @ unscale
        powers = [np.eye(4)]
        for _ in range(frame):
            powers.append(powers[-1] @ a)
        response = np.array([d, *(c @ power @ b for power in powers[: frame - 1])])
        lags = np.arange(frame) - np.arange(frame)[:, None]
        self._within: Samples = np.where(lags >= 0, response[lags], 0).astype(np.float32)
        self._answers: Samples = np.array([c @ power for power in powers[:frame]]).T.astype(np.float32)
        self._remember: Samples = np.array([power @ b for power in powers[frame - 1 :: -1]]).astype(np.float32)
        self._forget: Samples = powers[frame].T.astype(np.float32)
        self._state: Samples = np.zeros((channels, 1, 4), np.float32)
        self._tail: Samples = np.zeros((channels, 0), np.float32)

    def power(self, samples: Samples) -> Matrix:
        """The mean square (channels, steps) of what ``samples`` (n, channels) complete of steps of 0.1 s, filtered."""
        waves = np.concatenate([self._tail, samples.T], axis=1)
        channels, step = len(waves), self._step[0] * self._step[1]
        steps = waves.shape[1] // step
        self._tail = waves[:, steps * step :].copy()
        if not channels * steps:
            return np.zeros((channels, steps))
        # one product a step: BLAS would wake all processors for larger ones, at more cost than use
        frames = (waves[:, : steps * step] + _FLUSH - _FLUSH).reshape(channels, steps, *self._step)
        filtered = np.asarray(frames @ self._within, np.float32)
        remembered = np.asarray(frames @ self._remember, np.float32)
        filtered += self._run(remembered) @ self._answers
        return np.asarray(np.einsum("csfk,csfk->cs", filtered, filtered), np.float64) / step

    def _run(self, added: Samples) -> Samples:
        """The state before each frame, of what each frame adds to it; both (channels, steps, frames, 4).

        By doubling, in strides of 1, 2, 4 ... frames until nothing is remembered over so many.
        """
        states = np.concatenate([self._state, added.reshape(len(added), -1, 4)], axis=1)
        stride, forget = 1, self._forget
        while stride < states.shape[1] and np.abs(forget).max() > _FORGOTTEN:
            states[:, stride:] += states[:, :-stride] @ forget
            stride, forget = 2 * stride, forget @ forget
        self._state = states[:, -1:] + _FLUSH - _FLUSH
        return states[:, :-1].reshape(added.shape)


def _state_space(rate_hz: int) -> tuple[Matrix, Matrix, Matrix, float]:
    """Both stages of the filter one after the other: x' = a x + b u, y = c x + d u."""
    (a1, b1, c1, d1), (a2, b2, c2, d2) = (_to_states(*biquad) for biquad in _design(rate_hz))
    a = np.block([[a1, np.zeros((2, 2))], [np.outer(b2, c1), a2]])
    return a, np.concatenate([b1, d1 * b2]), np.concatenate([d2 * c1, c2]), d1 * d2


def _to_states(numerator: Matrix, denominator: Matrix) -> tuple[Matrix, Matrix, Matrix, float]:
    d = float(numerator[0])
    a = np.array([[-denominator[1], 1], [-denominator[2], 0]])
    return a, numerator[1:] - d * denominator[1:], np.array([1.0, 0.0]), d


def _design(rate_hz: int) -> tuple[tuple[Matrix, Matrix], tuple[Matrix, Matrix]]:
    """Numerator and denominator of the head's high shelf and of the low cut; at 48 kHz those of the standard."""
    gain = 10 ** (3.999843853973347 / 20)
    middle = gain**0.4996667741545416
    k = np.tan(np.pi * 1681.974450955533 / rate_hz)
    damped = k / 0.7071752369554196
    shelf = np.array([gain + middle * damped + k * k, 2 * (k * k - gain), gain - middle * damped + k * k])
    poles = np.array([1 + damped + k * k, 2 * (k * k - 1), 1 - damped + k * k])
    k = np.tan(np.pi * 38.13547087602444 / rate_hz)
    damped = k / 0.5003270373238773
    low_poles = np.array([1 + damped + k * k, 2 * (k * k - 1), 1 - damped + k * k])
    return (shelf / poles[0], poles / poles[0]), (np.array([1.0, -2.0, 1.0]), low_poles / low_poles[0])


def _answer_energy(a: Matrix, c: Matrix) -> Matrix:
    """The energy of the output that follows from a state x alone is x^T (this) x; summed by doubling."""
    energy = np.outer(c, c)
    for _ in range(20):  # 2 ** 20 samples
        energy = energy + a.T @ energy @ a
        a = a @ a
    return energy
