"""The card of ``musicnn``, torch-free; its network is in :mod:`embeddings.encoders.musicnn`."""

from typing import Final

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.spec import EncoderSpec
from embeddings.mel_spec import Compression, MelScale, MelSpec
from embeddings.segments import SegmentSpec

DESCRIPTION: Final = "The musically motivated network of Pons and Serra (2019)"
WEIGHTS: Final = "musicnn.safetensors"
DIMENSION: Final = 200
EXAMPLES: Final = 3
EXAMPLE_FRAMES: Final = 187

FRONT_END: Final = MelSpec(
    n_fft=512,
    hop_length=256,
    n_mels=96,
    f_max=8000.0,
    scale=MelScale.SLANEY,
    compression=Compression.LOG_POWER,
)
WINDOW_SAMPLES: Final = EXAMPLES * EXAMPLE_FRAMES * FRONT_END.hop_length


def describe(card: InstalledCard) -> EncoderSpec:
    """Three examples of 3 s to a segment. Raises EncoderError when the card does not name the weights."""
    window_seconds = WINDOW_SAMPLES / FRONT_END.rate_hz
    return card.to_spec(
        WEIGHTS,
        dimension=DIMENSION,
        front_ends=(FRONT_END,),
        segments=SegmentSpec(
            window_seconds=window_seconds, hop_seconds=window_seconds / 2, max_segments=60, rate_hz=FRONT_END.rate_hz
        ),
    )
