"""What a log-mel front end is, as plain numbers: importing this loads neither torch nor librosa."""

from dataclasses import dataclass
from enum import StrEnum


class MelScale(StrEnum):
    HTK = "htk"
    SLANEY = "slaney"


class Compression(StrEnum):
    """How band energy is made to look like loudness."""

    DECIBEL = "decibel"
    """10 log10 of the band's power, floored at 1e-10."""
    LOG_MAGNITUDE = "log_magnitude"
    """log10(1 + 10 x) of the band's magnitude."""
    LOG_POWER = "log_power"
    """log10(1 + 10,000 x) of the band's power."""


@dataclass(frozen=True)
class MelSpec:
    """One log-mel front end. Frequencies in Hz, lengths in samples at ``rate_hz``.

    The window is ``n_fft`` long. Slaney bands are scaled to equal area, HTK bands to equal height, as
    each convention does. ``gain`` multiplies the magnitudes, so that a shorter window can be read on the scale of a
    longer one.
    """

    n_fft: int
    hop_length: int
    n_mels: int
    f_max: float
    f_min: float = 0.0
    scale: MelScale = MelScale.HTK
    compression: Compression = Compression.DECIBEL
    gain: float = 1.0
    rate_hz: int = 16_000
