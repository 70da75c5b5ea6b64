"""The card of the shipped encoder, torch-free; its network is in :mod:`embeddings.encoders.cnn`."""

from typing import Final

from embeddings.encoders.card import read_card
from embeddings.encoders.spec import WEIGHTS_FOLDER, EncoderSpec
from embeddings.mel_spec import Compression, MelScale, MelSpec
from embeddings.segments import SegmentSpec

NAME: Final = "compact"
RATE_HZ: Final = 16_000
STYLE_FRAMES: Final = 640
WINDOW_SAMPLES: Final = STYLE_FRAMES * 256
STYLE_DIMENSION: Final = 64
TIMBRE_DIMENSION: Final = 256
SOUND_DIMENSION: Final = 128
MOOD_DIMENSION: Final = 64
FULL_DIMENSION: Final = STYLE_DIMENSION + TIMBRE_DIMENSION + SOUND_DIMENSION + MOOD_DIMENSION
DIMENSION: Final = 256
CARD_PATH: Final = WEIGHTS_FOLDER / "compact.json"
PARAMETERS: Final = 918_564

STYLE_FRONT_END: Final = MelSpec(n_fft=512, hop_length=256, n_mels=96, f_max=8000.0)
# The view of the artist network (1024 samples every 512 at 22,050 Hz, 128 Slaney bands to 11,025 Hz) as far as 16 kHz
# reaches: the same seconds per window and hop, the 115 bands that end below 8 kHz, magnitudes on the longer window's
# scale.
TIMBRE_FRONT_END: Final = MelSpec(
    n_fft=744,
    hop_length=372,
    n_mels=115,
    f_max=7_801.852304556592,
    scale=MelScale.SLANEY,
    compression=Compression.LOG_MAGNITUDE,
    gain=1024 / 744,
)


def compact_spec() -> EncoderSpec:
    """Raises EncoderError when the card beside the weights is missing."""
    return EncoderSpec(
        name=NAME,
        description="Two small CNN towers (style and timbre) over log-mel, heads for sound, mood and tags; distilled",
        dimension=DIMENSION,
        parameters=PARAMETERS,
        licence="MIT",
        front_ends=(STYLE_FRONT_END, TIMBRE_FRONT_END),
        segments=SegmentSpec(
            window_seconds=WINDOW_SAMPLES / RATE_HZ,
            hop_seconds=WINDOW_SAMPLES / RATE_HZ / 2,
            max_segments=60,
            rate_hz=RATE_HZ,
        ),
        pooling="mean",
        weights_file="compact.safetensors",
        weights_sha256=read_card(CARD_PATH)["sha256"],
        revision=2,
    )
