"""The vectors of a track's segments: how SQL keeps them, and the few that stand for all of them in the index."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db.models import Sum
from django.db.models.functions import Least, Length

from recommender.catalog.models import Embedding, SegmentVectors, Space
from recommender.similarity.errors import InvalidVectorError
from recommender.similarity.index import MOST_SEGMENTS
from recommender.similarity.vectors import Vector, check_vectors

Rows = npt.NDArray[np.int64]
_START_BYTES: Final = 4
_ROUNDS: Final = 3


@dataclass(frozen=True, eq=False)
class Segments:
    """`vectors` float32 (n, dimension) of unit length, `starts` float32 (n,) seconds, ascending; n >= 1."""

    vectors: Vector
    starts: Vector


def keep_segments(embedding: Embedding, segments: Segments) -> None:
    """Raises InvalidVectorError where they are not what they should be."""
    check_vectors(segments.vectors, embedding.space.dimension)
    kept = {"vectors": segments.vectors.astype("<f2").tobytes(), "starts": segments.starts.astype("<f4").tobytes()}
    SegmentVectors.objects.update_or_create(embedding=embedding, defaults=kept)


def read_segments(stored: SegmentVectors, dimension: int) -> Segments:
    """Raises InvalidVectorError where they were damaged."""
    try:
        vectors = np.frombuffer(bytes(stored.vectors), "<f2").astype(np.float32).reshape(-1, dimension)
        starts = np.frombuffer(bytes(stored.starts), "<f4").astype(np.float32)
    except ValueError as error:
        raise InvalidVectorError(str(error)) from error
    if not len(vectors) or len(vectors) != len(starts) or not np.isfinite(starts).all():
        raise InvalidVectorError(f"{len(vectors)} vectors of segments have {len(starts)} starts")
    check_vectors(vectors, dimension)
    # What float16 took of their length comes back.
    return Segments(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), starts)


def find_segments(space: Space, track_ids: Collection[int]) -> Mapping[int, Segments]:
    """Those of each track, in one query. Tracks that have none, or damaged ones, are left out."""
    rows = SegmentVectors.objects.filter(embedding__space=space, embedding__track__in=track_ids)
    return dict(_read_sound(rows.select_related("embedding").defer("embedding__vector"), space.dimension))


def count_representatives(space: Space) -> int:
    """How many rows the index holds of the segments of what it has indexed."""
    held = SegmentVectors.objects.filter(embedding__in=Embedding.objects.indexed(space))
    each = Least(Length("starts") / _START_BYTES, MOST_SEGMENTS)
    return int(held.aggregate(total=Sum(each))["total"] or 0)


def choose_representatives(vectors: Vector) -> Rows:
    """The rows of `vectors` (n, dimension) that stand for all: (min(n, MOST_SEGMENTS),).

    The most central one, and then always the one that those before it stand for worst, so that no part of a track is
    far from all of them (Gonzalez 1985). Then each gives way to the middle of what it stands for. Of 18 songs the
    segments are at .951 of their representative in the mean (without that .946, evenly spread .945), the worst tenth
    below .904 (.899, .892).
    """
    similarities = vectors @ vectors.T
    chosen = [int(np.argmax(similarities.sum(axis=1)))]
    covered = similarities[chosen[0]].copy()
    while len(chosen) < min(len(vectors), MOST_SEGMENTS):
        covered[chosen] = np.inf
        chosen.append(int(np.argmin(covered)))
        covered = np.maximum(covered, similarities[chosen[-1]])
    return _settle(similarities, np.array(chosen, np.int64))


def _settle(similarities: Vector, chosen: Rows) -> Rows:
    for _ in range(_ROUNDS):
        stands_for = np.argmax(similarities[:, chosen], axis=1)
        parts = [np.flatnonzero(stands_for == number) for number in range(len(chosen))]
        chosen = np.array(
            [
                part[np.argmax(similarities[np.ix_(part, part)].sum(axis=1))] if len(part) else row
                for part, row in zip(parts, chosen.tolist(), strict=True)
            ],
            np.int64,
        )
    return chosen


def _read_sound(rows: Iterable[SegmentVectors], dimension: int) -> Iterable[tuple[int, Segments]]:
    for row in rows:
        try:
            yield row.embedding.track_id, read_segments(row, dimension)
        except InvalidVectorError:
            continue
