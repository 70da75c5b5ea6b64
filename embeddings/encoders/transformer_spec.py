"""The card of ``transformers`` encoders, torch-free; the network is in :mod:`embeddings.encoders.transformer`."""

from typing import Final

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.front_end import WaveformSpec
from embeddings.encoders.spec import EncoderSpec
from embeddings.errors import EncoderError
from embeddings.segments import SegmentSpec

DESCRIPTION: Final = "A transformer that reads waveforms, one hidden layer averaged over time"
WEIGHTS: Final = "model.safetensors"
CONFIGURATION: Final = "config.json"
WINDOW_SECONDS: Final = 10.0
# Those of ``embeddings.decoding``, which would load libav.
RATES_HZ: Final = range(8_000, 192_000 + 1)
# Option names.
LAYER, RATE_HZ, IS_STANDARDISED, TRUSTS_CODE = "layer", "rate_hz", "is_standardised", "trusts_code"


def describe(card: InstalledCard) -> EncoderSpec:
    """Raises EncoderError when the card does not name the weights, or an option is missing or cannot be."""
    rate_hz = card.option(RATE_HZ, int)
    if rate_hz not in RATES_HZ:
        raise EncoderError(f"Encoder {card.name} reads {rate_hz} Hz: {RATES_HZ[0]} to {RATES_HZ[-1]} Hz can be decoded")
    card.option(LAYER, int)
    return card.to_spec(
        WEIGHTS,
        dimension=card.dimension,
        front_ends=(WaveformSpec(rate_hz, card.option(IS_STANDARDISED, bool)),),
        segments=SegmentSpec(
            window_seconds=WINDOW_SECONDS, hop_seconds=WINDOW_SECONDS, max_segments=30, rate_hz=rate_hz
        ),
    )
