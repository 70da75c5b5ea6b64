"""The card of ``two_tower``, torch-free; its network is in :mod:`embeddings.encoders.two_tower`."""

from typing import Final

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.spec import EncoderSpec
from embeddings.mel_spec import Compression, MelScale, MelSpec
from embeddings.segments import SegmentSpec

DESCRIPTION: Final = "The published networks fcn_msd (style) and artist_10k (timbre), side by side"
WEIGHTS: Final = "two_tower.safetensors"
RATE_HZ: Final = 22_050
STYLE_RATE_HZ: Final = 16_000
WINDOW_SECONDS: Final = 29.0
STYLE_DIMENSION: Final = 64
TIMBRE_DIMENSION: Final = 256
DIMENSION: Final = STYLE_DIMENSION + TIMBRE_DIMENSION

STYLE_FRONT_END: Final = MelSpec(n_fft=512, hop_length=256, n_mels=96, f_max=8000.0)
TIMBRE_FRONT_END: Final = MelSpec(
    n_fft=1024,
    hop_length=512,
    n_mels=128,
    f_max=11_025.0,
    scale=MelScale.SLANEY,
    compression=Compression.LOG_MAGNITUDE,
    rate_hz=RATE_HZ,
)


def describe(card: InstalledCard) -> EncoderSpec:
    """Raises EncoderError when the card does not name the weights."""
    return card.to_spec(
        WEIGHTS,
        dimension=DIMENSION,
        front_ends=(STYLE_FRONT_END, TIMBRE_FRONT_END),
        # few windows, for one takes 2.5 MB
        segments=SegmentSpec(
            window_seconds=WINDOW_SECONDS, hop_seconds=WINDOW_SECONDS / 2, max_segments=16, rate_hz=RATE_HZ
        ),
    )
