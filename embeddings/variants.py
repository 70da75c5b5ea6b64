"""The same music as it may come back: shifted, quieter, noisy, band-limited or cut in half."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHIFT_SECONDS: Final = 1.2
NOISE_DB: Final = -10.0
NARROW_HZ: Final = 4000.0

Wave = NDArray[np.float32]


def shift(wave: Wave, rate_hz: int) -> Wave:
    """Without its first 1.2 s."""
    return wave[round(SHIFT_SECONDS * rate_hz) :]


def attenuate(wave: Wave, _rate_hz: int) -> Wave:
    """12 dB quieter."""
    return np.asarray(wave * np.float32(10 ** (-12 / 20)), np.float32)


def add_pink_noise(wave: Wave, _rate_hz: int) -> Wave:
    """With pink noise 10 dB below the music (power falling as 1/f), the same noise every time."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(wave)))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(wave))
    scale = np.std(wave) / max(float(np.std(noise)), 1e-12) * 10 ** (NOISE_DB / 20)
    return np.asarray(wave + scale * noise, np.float32)


def narrow(wave: Wave, rate_hz: int) -> Wave:
    """Without anything above 4 kHz."""
    spectrum = np.fft.rfft(wave)
    spectrum[np.fft.rfftfreq(len(wave), 1 / rate_hz) > NARROW_HZ] = 0
    return np.asarray(np.fft.irfft(spectrum, len(wave)), np.float32)


def first_half(wave: Wave, _rate_hz: int) -> Wave:
    return wave[: len(wave) // 2]


def second_half(wave: Wave, _rate_hz: int) -> Wave:
    return wave[len(wave) // 2 :]


VARIANTS: Final[Mapping[str, Callable[[Wave, int], Wave]]] = {
    "shifted 1.2 s": shift,
    "-12 dB": attenuate,
    "pink noise at 10 dB": add_pink_noise,
    "below 4 kHz": narrow,
    "first half": first_half,
    "second half": second_half,
}
