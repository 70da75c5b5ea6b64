"""The card of ``vggish``, torch-free; its network is in :mod:`embeddings.encoders.vggish`."""

from typing import Final

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.front_end import FramedMelSpec
from embeddings.encoders.spec import EncoderSpec
from embeddings.errors import EncoderError
from embeddings.segments import SegmentSpec

DESCRIPTION: Final = "The VGG-like network of Hershey et al. (2017) for sounds of all kinds"
WEIGHTS: Final = "vggish.safetensors"
DIMENSION: Final = 128
EXAMPLES: Final = 10
EXAMPLE_FRAMES: Final = 96
# Option names.
WHITENED, HIDDEN = "whitened", "hidden"
HIDDEN_SIZES: Final = range(1, 65_536 + 1)

FRONT_END: Final = FramedMelSpec(
    frame_length=400, hop_length=160, n_fft=512, n_mels=64, f_min=125.0, f_max=7500.0, offset=0.01, rate_hz=16_000
)
WINDOW_SAMPLES: Final = (EXAMPLES * EXAMPLE_FRAMES - 1) * FRONT_END.hop_length + FRONT_END.frame_length


def describe(card: InstalledCard) -> EncoderSpec:
    """Ten examples of 0.96 s to a segment. Raises EncoderError when the card lacks the weights or an option."""
    card.option(WHITENED, bool)
    if card.option(HIDDEN, int) not in HIDDEN_SIZES:
        raise EncoderError(f"The card of encoder {card.name} names {card.options[HIDDEN]} hidden units")
    window_seconds = WINDOW_SAMPLES / FRONT_END.rate_hz
    return card.to_spec(
        WEIGHTS,
        dimension=DIMENSION,
        front_ends=(FRONT_END,),
        segments=SegmentSpec(
            window_seconds=window_seconds, hop_seconds=window_seconds / 2, max_segments=60, rate_hz=FRONT_END.rate_hz
        ),
    )
