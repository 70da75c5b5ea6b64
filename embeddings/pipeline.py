"""Sound -> vector: the stages in their order."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings.audio import DecodeLimits, Decoder
from embeddings.blocks import Waveform
from embeddings.descriptors import DescriptorMeter, Descriptors
from embeddings.encoders.spec import Encoder, TagEncoder
from embeddings.errors import UnembeddableError
from embeddings.pooling import pool
from embeddings.segments import collect_segments


@dataclass(frozen=True)
class TrackAnalysis:
    """What is known of a track after one decode of it.

    ``embedding`` float32 (d,) of unit length; ``segment_embeddings`` float32 (n, d), ``segment_starts_seconds`` float32
    (n,) ascending; ``tags`` name -> probability, empty for an encoder without tags; ``is_truncated`` when the file
    holds less sound than it claims.
    """

    embedding: NDArray[np.float32]
    segment_embeddings: NDArray[np.float32]
    segment_starts_seconds: NDArray[np.float32]
    descriptors: Descriptors
    duration_seconds: float
    is_truncated: bool
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
    tree in ``embeddings.errors`` (an UnembeddableError carries duration, descriptors and is_truncated), OSError.
    """
    spec = encoder.spec.segments
    with _borrow(decoder, limits) as lent, closing(lent.decode(path, spec.rate_hz)) as blocks:
        listener = _Listener(blocks, spec.rate_hz, on_progress)
        try:
            segments = collect_segments(listener, spec)
        except UnembeddableError as error:
            error.duration_seconds = listener.seconds
            error.descriptors = listener.meter.finish()
            error.is_truncated = blocks.is_truncated
            raise
    segment_embeddings, tags = _describe(encoder, segments.waveforms)
    return TrackAnalysis(
        embedding=pool(segment_embeddings),
        segment_embeddings=segment_embeddings,
        segment_starts_seconds=segments.starts_seconds,
        descriptors=listener.meter.finish(),
        duration_seconds=segments.duration_seconds,
        is_truncated=blocks.is_truncated,
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


class _Listener:
    """Passes blocks on, measuring them and reporting progress on the way."""

    def __init__(self, blocks: Iterable[Waveform], rate_hz: int, on_progress: Callable[[float], None] | None) -> None:
        self._blocks = blocks
        self._rate_hz = rate_hz
        self._on_progress = on_progress
        self.meter = DescriptorMeter()
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Waveform]:
        samples = 0
        for block in self._blocks:
            self.meter.add(block)
            samples += block.size
            self.seconds = samples / self._rate_hz
            if self._on_progress is not None:
                self._on_progress(self.seconds)
            yield block
