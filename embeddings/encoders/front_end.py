"""What networks other than the shipped one read, as plain numbers; log-mel views are ``embeddings.mel_spec``'s."""

from dataclasses import dataclass

from embeddings.mel_spec import MelSpec


@dataclass(frozen=True)
class FramedMelSpec:
    """Log-mel of frames that are not centred, shorter than their transform; lengths in samples at ``rate_hz``.

    Bands are triangles over the mel axis itself (HTK's, not over Hz); ``offset`` is added to magnitudes before the
    natural logarithm.
    """

    frame_length: int
    hop_length: int
    n_fft: int
    n_mels: int
    f_min: float
    f_max: float
    offset: float
    rate_hz: int


@dataclass(frozen=True)
class WaveformSpec:
    """Samples at ``rate_hz``, brought to zero mean and unit deviation where ``is_standardised``."""

    rate_hz: int
    is_standardised: bool


FrontEnd = MelSpec | FramedMelSpec | WaveformSpec


def describe_front_end(front_end: FrontEnd) -> str:
    """A few words for a list of encoders."""
    if isinstance(front_end, WaveformSpec):
        return f"waveform at {front_end.rate_hz} Hz"
    bands = f"log-mel of {front_end.n_mels} bands {front_end.f_min:g}-{front_end.f_max:.0f} Hz"
    return f"{bands} every {front_end.hop_length} samples at {front_end.rate_hz} Hz"
