"""Where two tracks sound most alike: exact, from the vectors of all their segments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from recommender.catalog.models import Space
from recommender.similarity.errors import BadWishError
from recommender.similarity.segments import Segments, find_segments
from recommender.similarity.vectors import Vector

LEAST_SECONDS: Final = 1.0
_SMALLEST_LENGTH: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Where a matching segment begins in the seed and in the other track, and the cosine of the two."""

    seed_seconds: float
    other_seconds: float
    cosine: float


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Part of a track of `duration_seconds`. Raises BadWishError when it makes no sense."""

    from_seconds: float
    to_seconds: float
    duration_seconds: float

    def __post_init__(self) -> None:
        # What is not a number fails every comparison.
        if not (self.from_seconds >= 0 and self.to_seconds >= 0):
            raise BadWishError(_("A passage begins and ends at a time such as 0:42."))
        if not self.to_seconds <= self.duration_seconds + LEAST_SECONDS:
            raise BadWishError(_("The passage ends after the end of the track."))
        if self.to_seconds < self.from_seconds:
            raise BadWishError(_("The passage ends before it begins."))
        if self.to_seconds - self.from_seconds < LEAST_SECONDS:
            raise BadWishError(_("A passage lasts a second at least."))


def find_moments(space: Space, seed_id: int, track_ids: Collection[int]) -> dict[int, Moment]:
    """For each of `track_ids` the pair of segments that match best, in one query. Unknown ones are left out."""
    found = dict(find_segments(space, [seed_id, *track_ids])) if track_ids else {}
    seed = found.pop(seed_id, None)
    return {} if seed is None else {track_id: _match(seed, other) for track_id, other in found.items()}


def find_best_moments(space: Space, vector: Vector, track_ids: Collection[int]) -> Mapping[int, tuple[float, Vector]]:
    """Of each track where the segment nearest to `vector` (dimension,) begins, and its vector."""
    found = find_segments(space, track_ids)
    rows = {track_id: int(np.argmax(segments.vectors @ vector)) for track_id, segments in found.items()}
    return {
        track_id: (float(segments.starts[rows[track_id]]), segments.vectors[rows[track_id]])
        for track_id, segments in found.items()
    }


def pool_passage(segments: Segments, passage: Passage) -> Vector:
    """One unit vector (dimension,) for the passage: the mean direction of the segments whose middle it holds, or the
    segment whose middle is nearest to its own.
    """
    middles = segments.starts + _half_window(segments.starts, passage.duration_seconds)
    is_inside = (middles >= passage.from_seconds) & (middles <= passage.to_seconds)
    nearest = int(np.argmin(np.abs(middles - (passage.from_seconds + passage.to_seconds) / 2)))
    mean = segments.vectors[is_inside].mean(axis=0) if is_inside.any() else segments.vectors[nearest]
    length = np.linalg.norm(mean)
    pooled = mean / length if length > _SMALLEST_LENGTH else segments.vectors[nearest]
    return np.asarray(pooled, np.float32)


def _match(seed: Segments, other: Segments) -> Moment:
    cosines = seed.vectors @ other.vectors.T
    ours, theirs = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
    return Moment(
        seed_seconds=float(seed.starts[ours]),
        other_seconds=float(other.starts[theirs]),
        cosine=min(1.0, float(cosines[ours, theirs])),
    )


def _half_window(starts: Vector, duration_seconds: float) -> float:
    """Half the length of a segment. The last one ends with the track, unless that fades into silence; then the usual
    step from one to the next is taken, since they overlap by half.
    """
    to_end = max(0.0, duration_seconds - float(starts[-1])) / 2
    return min(to_end, float(np.median(np.diff(starts)))) if len(starts) > 1 else to_end
