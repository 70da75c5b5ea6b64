"""Sound -> vector: the stages in their order."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings.audio import DecodeLimits, Decoder
from embeddings.blocks import BlockStream, Waveform
from embeddings.descriptors import RATE_HZ, DescriptorMeter, Descriptors
from embeddings.encoders.spec import Encoder, TagEncoder
from embeddings.errors import UnembeddableError
from embeddings.fingerprint import FingerprintMeter
from embeddings.pooling import pool
from embeddings.resampling import ResampledStream
from embeddings.segments import collect_segments
from embeddings.source_facts import SourceFacts


@dataclass(frozen=True)
class TrackAnalysis:
    """What is known of a track after one decode of it.

    ``embedding`` float32 (d,) of unit length; ``segment_embeddings`` float32 (n, d), ``segment_starts_seconds`` float32
    (n,) ascending; ``tags`` name -> probability, empty for an encoder without tags; ``is_truncated`` when the file
    holds less sound than it claims; ``source`` what the file holds, before mixing and resampling; ``fingerprint``
    uint32 (n,), empty where the track is too short for one (``embeddings.fingerprint``).
    """

    embedding: NDArray[np.float32]
    segment_embeddings: NDArray[np.float32]
    segment_starts_seconds: NDArray[np.float32]
    descriptors: Descriptors
    duration_seconds: float
    is_truncated: bool
    source: SourceFacts
    fingerprint: NDArray[np.uint32]
    tags: Mapping[str, float] = field(default_factory=dict)


def analyse_file(
    path: str | os.PathLike[str],
    encoder: Encoder,
    *,
    decoder: Decoder | None = None,
    on_progress: Callable[[float], None] | None = None,
    limits: DecodeLimits | None = None,
) -> TrackAnalysis:
    """Analyse one audio file with ``encoder``.

    ``on_progress`` is called with the seconds decoded so far, about once for every second of sound. Without a
    ``decoder`` one is started for this file alone, under ``limits``; a given decoder has limits of its own. Errors: the
    tree in ``embeddings.errors`` (an UnembeddableError carries all but vectors and tags), OSError.
    """
    spec = encoder.spec.segments
    with _borrow(decoder, limits) as lent, closing(lent.decode(path, spec.rate_hz)) as blocks:
        listener = _Listener(blocks, spec.rate_hz, on_progress)
        try:
            segments = collect_segments(listener, spec)
        except UnembeddableError as error:
            listener.report(error)
            raise
    segment_embeddings, tags = _describe(encoder, segments.waveforms)
    heard = listener.finish()
    return TrackAnalysis(
        embedding=pool(segment_embeddings),
        segment_embeddings=segment_embeddings,
        segment_starts_seconds=segments.starts_seconds,
        descriptors=heard.descriptors,
        duration_seconds=segments.duration_seconds,
        is_truncated=blocks.is_truncated,
        source=heard.source,
        fingerprint=heard.fingerprint,
        tags=tags,
    )


def _describe(encoder: Encoder, waveforms: Waveform) -> tuple[NDArray[np.float32], dict[str, float]]:
    """Vectors (n, d), and the mean probability of each tag where the encoder gives tags."""
    if not isinstance(encoder, TagEncoder):
        return encoder.embed_segments(waveforms), {}
    vectors, tags = encoder.describe_segments(waveforms)
    return vectors, dict(zip(encoder.tag_names, tags.mean(axis=0).tolist(), strict=True))


def _borrow(decoder: Decoder | None, limits: DecodeLimits | None) -> AbstractContextManager[Decoder]:
    return Decoder(limits) if decoder is None else nullcontext(decoder)


@dataclass(frozen=True)
class _Heard:
    descriptors: Descriptors
    fingerprint: NDArray[np.uint32]
    source: SourceFacts


class _Listener:
    """Passes blocks on, measuring them and reporting progress on the way."""

    def __init__(self, blocks: BlockStream, rate_hz: int, on_progress: Callable[[float], None] | None) -> None:
        self._blocks = blocks
        self._rate_hz = rate_hz
        self._on_progress = on_progress
        self._resampled = None if rate_hz == RATE_HZ else ResampledStream(rate_hz, RATE_HZ)
        self._meter = DescriptorMeter()
        self._fingerprint = FingerprintMeter()
        self._seconds = 0.0

    def __iter__(self) -> Iterator[Waveform]:
        samples = 0
        for block in self._blocks:
            self._measure(block if self._resampled is None else self._resampled.add(block))
            samples += block.size
            self._seconds = samples / self._rate_hz
            if self._on_progress is not None:
                self._on_progress(self._seconds)
            yield block
        if self._resampled is not None:
            self._measure(self._resampled.finish())

    def _measure(self, block: Waveform) -> None:
        self._meter.add(block)
        self._fingerprint.add(block)

    def finish(self) -> _Heard:
        """What was measured, once the last block is out."""
        source = self._blocks.source
        assert source is not None
        return _Heard(self._meter.finish(source.loudness_lufs), self._fingerprint.finish(), source)

    def report(self, error: UnembeddableError) -> None:
        """Give ``error`` what was measured."""
        heard = self.finish()
        error.duration_seconds = self._seconds
        error.is_truncated = self._blocks.is_truncated
        error.descriptors, error.fingerprint, error.source = heard.descriptors, heard.fingerprint, heard.source
