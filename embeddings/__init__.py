"""Sound -> vector: a pure library. Importing it loads neither torch nor libav; analysing and encoding do."""

from embeddings.audio import DecodeLimits, Decoder
from embeddings.descriptors import Descriptors
from embeddings.encoders import create_encoder, list_encoders
from embeddings.errors import (
    AudioError,
    CorruptAudioError,
    DecoderDiedError,
    DecoderError,
    DecoderStalledError,
    EmbeddingError,
    EncoderError,
    NoAudioStreamError,
    NotAudioError,
    SilentError,
    TooLongError,
    TooShortError,
    UnembeddableError,
    UnsupportedAudioError,
)
from embeddings.pipeline import TrackAnalysis, analyse_file
from embeddings.source_facts import SourceFacts

__all__ = [
    "AudioError",
    "CorruptAudioError",
    "DecodeLimits",
    "Decoder",
    "DecoderDiedError",
    "DecoderError",
    "DecoderStalledError",
    "Descriptors",
    "EmbeddingError",
    "EncoderError",
    "NoAudioStreamError",
    "NotAudioError",
    "SilentError",
    "SourceFacts",
    "TooLongError",
    "TooShortError",
    "TrackAnalysis",
    "UnembeddableError",
    "UnsupportedAudioError",
    "analyse_file",
    "create_encoder",
    "list_encoders",
]
