"""What can go wrong between a file and its vector.

    EmbeddingError
    ├── AudioError            the file is at fault: trying again gives the same answer
    │   ├── NotAudioError         nothing in it is recognised as audio
    │   ├── NoAudioStreamError    a container without an audio stream (a silent video, say)
    │   ├── UnsupportedAudioError recognised, but this codec, layout or rate is not decoded (DRM, 255 channels ...)
    │   ├── CorruptAudioError     decoding broke before one usable sample
    │   ├── TooLongError          longer than the limit
    │   └── UnembeddableError     playable, yet no vector makes sense
    │       ├── TooShortError
    │       └── SilentError
    ├── DecoderError          the decode child is at fault or was killed: worth another try, a few times
    │   ├── DecoderDiedError
    │   └── DecoderStalledError
    └── EncoderError          the installation is at fault: unknown encoder, missing or altered weights

Each carries ``code``, a stable word for machines; the message is a sentence for people.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embeddings.descriptors import Descriptors
    from embeddings.source_facts import SourceFacts


class EmbeddingError(Exception):
    code = "embedding_error"


class AudioError(EmbeddingError):
    code = "bad_audio"


class NotAudioError(AudioError):
    code = "not_audio"


class NoAudioStreamError(AudioError):
    code = "no_audio"


class UnsupportedAudioError(AudioError):
    code = "unsupported"


class CorruptAudioError(AudioError):
    code = "corrupt"


class TooLongError(AudioError):
    code = "too_long"


class UnembeddableError(AudioError):
    """The track can be played, so what was measured of it comes along; ``analyse_file`` fills it in."""

    code = "unembeddable"
    duration_seconds: float | None = None
    descriptors: "Descriptors | None" = None
    is_truncated: bool = False
    source: "SourceFacts | None" = None
    fingerprint: "NDArray[np.uint32] | None" = None


class TooShortError(UnembeddableError):
    code = "too_short"


class SilentError(UnembeddableError):
    code = "silent"


class DecoderError(EmbeddingError):
    code = "decoder_failed"


class DecoderDiedError(DecoderError):
    code = "decoder_died"


class DecoderStalledError(DecoderError):
    code = "decoder_stalled"


class EncoderError(EmbeddingError):
    code = "encoder_unavailable"
