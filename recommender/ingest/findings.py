"""What an analysis found of a track, into the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings import Descriptors, SourceFacts, TrackAnalysis
from embeddings.errors import UnembeddableError
from recommender.catalog.models import AudioFile, Fingerprint, Spectrogram, Track, TrackTag
from recommender.ingest.renditions import choose_rendition
from recommender.ingest.spectrogram_picture import draw_spectrogram
from recommender.ingest.words import choose_words

MEASURED = ("loudness_lufs", "tempo_bpm", "tempo_confidence", "key", "key_confidence", "energy", "brightness")


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was measured, whether or not the track could be embedded. `tags`: name -> probability, as encoders say.
    `picture` is the spectrogram as WebP, where descriptors are.
    """

    duration_seconds: float | None
    is_truncated: bool
    descriptors: Descriptors | None
    source: SourceFacts | None
    fingerprint: NDArray[np.uint32] | None
    picture: bytes
    tags: Mapping[str, float] = field(default_factory=dict)


def findings_of(found: TrackAnalysis | UnembeddableError) -> Findings:
    """Outside of the transaction that keeps them: drawing takes longer than all the writing."""
    return Findings(
        duration_seconds=found.duration_seconds,
        is_truncated=found.is_truncated,
        descriptors=found.descriptors,
        source=found.source,
        fingerprint=found.fingerprint,
        picture=draw_spectrogram(found.descriptors.spectrogram) if found.descriptors else b"",
        tags=found.tags if isinstance(found, TrackAnalysis) else {},
    )


def keep_findings(track: Track, found: Findings) -> None:
    """The track can be played from here on. Call it inside a transaction."""
    _keep_measures(track, found)
    _keep_words(track, found.tags)
    if found.source is not None:
        _keep_source(track.audio_file, found.source)
    # Also where it is empty: the same file, or the same samples, are found without one.
    values = b"" if found.fingerprint is None else found.fingerprint.astype("<u4").tobytes()
    Fingerprint.objects.update_or_create(
        audio_file=track.audio_file,
        defaults={
            "values": values,
            "duration_seconds": found.duration_seconds or 0.0,
            "compared_at": None,  # another owner may have brought the same file
        },
    )


def _keep_measures(track: Track, found: Findings) -> None:
    if found.descriptors is not None:
        for name in MEASURED:
            setattr(track, name, getattr(found.descriptors, name))
        track.waveform = found.descriptors.waveform_peaks.tobytes()
        Spectrogram.objects.update_or_create(audio_file=track.audio_file, defaults={"picture": found.picture})
    track.duration_seconds = found.duration_seconds
    track.is_truncated = found.is_truncated
    track.is_playable = True
    track.save(update_fields=[*MEASURED, "waveform", "duration_seconds", "is_truncated", "is_playable"])


def _keep_words(track: Track, tags: Mapping[str, float]) -> None:
    """What people said stays said, and remembers what was heard this time."""
    heard, given = choose_words(tags), list(track.tags.filter(is_given=True))
    for tag in given:
        tag.heard = heard.pop(tag.name, None)
    TrackTag.objects.bulk_update(given, ["heard"])
    track.tags.filter(is_given=False).delete()
    TrackTag.objects.bulk_create(
        TrackTag(track=track, name=name, probability=probability) for name, probability in heard.items()
    )


def _keep_source(audio_file: AudioFile, source: SourceFacts) -> None:
    audio_file.codec = source.codec
    audio_file.rate_hz = source.rate_hz
    audio_file.channels = source.channels
    audio_file.bit_rate = source.bit_rate
    audio_file.audio_sha256 = source.audio_sha256
    audio_file.rendition = choose_rendition(audio_file)
    audio_file.save(update_fields=["codec", "rate_hz", "channels", "bit_rate", "audio_sha256", "rendition"])
