"""Who takes part in the quality report: encoders, prefixes of their vectors, and the baselines.

A contestant hears the windows of every part of every track, in one order, and keeps a row of each in the systems it
stands for. What a row is, and what makes two alike, is the system's own affair.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines import (
    COEFFICIENTS,
    Standardiser,
    gaussian,
    gaussian_similarities,
    mean_and_deviation,
    mfcc_frames,
)
from embeddings.encoders.spec import Encoder, TagEncoder
from embeddings.pooling import pool
from embeddings.segments import SegmentSpec

BASELINE: Final = "MFCC mean+std"
GAUSSIAN: Final = "MFCC Gaussian, symmetric KL"
# Of its own, so that its figures are the same beside any encoder.
BASELINE_SEGMENTS: Final = SegmentSpec(window_seconds=10.24, hop_seconds=5.12, max_segments=60, rate_hz=16_000)

Wave = NDArray[np.float32]
Row = NDArray[np.floating[Any]]
Matrix = NDArray[np.floating[Any]]


def cosines(first: Row, second: Row) -> Matrix:
    """Unit-length rows (m, d) and (n, d) to their cosines (m, n)."""
    return first @ second.T


@dataclass
class Measured:
    """Rows that one system gave: of whole tracks, and by name of excerpts and altered copies of them.

    One row for each track; of excerpts and copies, one for each track in ``Listening.rows``. ``seconds`` of embedding
    whole tracks, None where that is not timed. ``tags`` are rows (tags,) of whole tracks in the words of ``tag_names``.
    What teachers say of tags, and the similarities of the system that ``is_reference``, others are compared with.
    ``signature`` is that of an encoder.
    """

    name: str
    dimension: int
    parameters: int
    seconds: float | None = None
    signature: str | None = None
    similarity: Callable[[Row, Row], Matrix] = cosines
    is_teacher: bool = False
    is_reference: bool = False
    tracks: list[Row] = field(default_factory=list)
    others: dict[str, list[Row]] = field(default_factory=dict)
    tag_names: tuple[str, ...] = ()
    tags: list[Row] = field(default_factory=list)

    def add(self, part: str | None, row: Row) -> None:
        (self.tracks if part is None else self.others.setdefault(part, [])).append(row)

    def similarities(self, part: str | None = None) -> Matrix:
        """Of whole tracks (n, n), or of a part to whole tracks (m, n)."""
        tracks = np.stack(self.tracks)
        return self.similarity(tracks if part is None else np.stack(self.others[part]), tracks)


class Contestant(Protocol):
    """``segments`` says how it wants tracks cut. One that does not ``hears_copies`` is spared the altered copies."""

    @property
    def segments(self) -> SegmentSpec: ...

    @property
    def systems(self) -> Sequence[Measured]: ...

    @property
    def hears_copies(self) -> bool: ...

    def hear(self, part: str | None, windows: Wave) -> None:
        """Windows (n, samples) of a whole track (None), or of a part of it."""
        ...

    def finish(self) -> None:
        """Called once, when everything was heard."""
        ...


class EncoderContestant:
    """An encoder; with ``sizes``, also the first so many numbers of its segment vectors, at unit length again.

    Sizes that the encoder does not exceed are passed over; one below 1 raises ValueError. Where ``with_tags`` and the
    encoder has tags, it is asked for those of whole tracks too.
    """

    hears_copies: Final = True

    def __init__(self, encoder: Encoder, *, sizes: Sequence[int] = (), with_tags: bool = False) -> None:
        if min(sizes, default=1) < 1:
            raise ValueError("sizes of prefixes must be 1 or more")
        spec = encoder.spec
        self.segments = spec.segments
        self._encoder = encoder
        self._tagger = encoder if with_tags and isinstance(encoder, TagEncoder) else None
        self._whole = Measured(spec.name, spec.dimension, spec.parameters, 0.0, spec.signature)
        if self._tagger:
            self._whole.tag_names = self._tagger.tag_names
        self._prefixes = {
            size: Measured(f"{spec.name}, first {size}", size, spec.parameters)
            for size in sizes
            if size < spec.dimension
        }
        self.systems = [self._whole, *self._prefixes.values()]

    def hear(self, part: str | None, windows: Wave) -> None:
        started = time.perf_counter()
        if self._tagger and part is None:
            segments, tags = self._tagger.describe_segments(windows)
            self._whole.tags.append(tags.mean(axis=0))
        else:
            segments = self._encoder.embed_segments(windows)
        self._whole.add(part, pool(segments))
        if part is None:
            self._whole.seconds = (self._whole.seconds or 0.0) + time.perf_counter() - started
        for size, system in self._prefixes.items():
            system.add(part, pool(to_unit_length(segments[:, :size])))

    def finish(self) -> None:
        """Nothing is left to do."""


def to_unit_length(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (n, d), each divided by its length; one without length stays nearly so."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-8), np.float32)


class MfccContestant:
    """Both baselines from one pass over the sound."""

    hears_copies: Final = True
    segments: Final = BASELINE_SEGMENTS

    def __init__(self) -> None:
        self._statistics = Measured(BASELINE, 4 * COEFFICIENTS, 0)
        size = COEFFICIENTS + COEFFICIENTS**2
        self._gaussian = Measured(GAUSSIAN, size, 0, similarity=gaussian_similarities)
        self.systems = [self._statistics, self._gaussian]

    def hear(self, part: str | None, windows: Wave) -> None:
        frames = mfcc_frames(windows)
        self._statistics.add(part, mean_and_deviation(frames))
        self._gaussian.add(part, gaussian(frames))

    def finish(self) -> None:
        """Standardise over the collection, as MFCC statistics need it."""
        system = self._statistics
        standardiser = Standardiser(np.stack(system.tracks))
        system.tracks = list(standardiser.apply(np.stack(system.tracks)))
        system.others = {part: list(standardiser.apply(np.stack(rows))) for part, rows in system.others.items()}
