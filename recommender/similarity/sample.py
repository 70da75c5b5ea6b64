"""A sample of the catalog's vectors in the memory of this process: what ranks are counted in."""

import functools
import os
import time
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from recommender.catalog.models import Embedding, Space
from recommender.similarity.nearness import LIST, Shares, rank_shares, weigh_hubs
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

SIZE: Final = 2_048
# Until the catalog has grown or shrunk by so much, the sample stands for it.
TOLERANCE: Final = 0.05
CHECKED_EVERY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Sample:
    """`vectors` float32 (m, dimension) of the tracks `track_ids` (m,), of `total` in the index."""

    generation: str
    total: int
    track_ids: TrackIds
    vectors: Vector

    @functools.cached_property
    def list_ends(self) -> Vector:
        """(m,): the cosine of each with its tenth nearest in the sample; infinite where there are not so many."""
        if len(self.vectors) <= LIST:
            return np.full(len(self.vectors), np.inf, np.float32)
        cosines = self.cosines(self.vectors, self.track_ids)
        return np.asarray(np.partition(cosines, -LIST, axis=1)[:, -LIST])

    def cosines(self, vectors: Vector, track_ids: TrackIds) -> Vector:
        """(n, m) of n tracks with the sample; -inf of a track with itself."""
        found = vectors @ self.vectors.T
        found[track_ids[:, None] == self.track_ids[None, :]] = -np.inf
        return np.asarray(found, np.float32)

    def shares_seen_by(self, vectors: Vector, track_ids: TrackIds, cosines: Vector) -> Shares:
        """What is nearer to each of n tracks than a seed at `cosines` (n,), hubs weighed: (n,), 0-1."""
        to_sample = self.cosines(vectors, track_ids)
        return weigh_hubs(rank_shares(cosines, to_sample), to_sample, self.list_ends)


def draw_rows(total: int, size: int = SIZE) -> TrackIds:
    """At most `size` of so many rows, ascending, the same every time: (m,)."""
    return np.sort(np.random.default_rng(0).choice(total, min(total, size), replace=False))


def sample_of(space: Space) -> Sample:
    """The same tracks for everybody who asks, as long as the catalog is much the same."""
    held = _samples(os.getpid())
    checked_at, known = held.get(space.pk, (-inf, None))
    if known is None or known.generation != space.generation:
        known = _draw(space)
    elif time.monotonic() - checked_at < CHECKED_EVERY_SECONDS:
        return known
    elif abs(known.total - _count(space)) > TOLERANCE * known.total:
        known = _draw(space)
    held[space.pk] = (time.monotonic(), known)
    return known


@functools.cache
def _samples(_process_id: int) -> dict[int, tuple[float, Sample]]:
    return {}


def _count(space: Space) -> int:
    # Without the tracks: asking which of them are being deleted took ten times as long as the rest of a page's queries.
    return Embedding.objects.filter(space=space, indexed_generation=space.generation).count()


def _draw(space: Space) -> Sample:
    ids = list(Embedding.objects.indexed(space).order_by("pk").values_list("pk", flat=True))
    drawn = [ids[row] for row in draw_rows(len(ids))]
    rows = Embedding.objects.filter(pk__in=drawn).order_by("pk").values_list("track_id", "vector")
    track_ids, vectors = stack_vectors(rows, space.dimension)
    return Sample(space.generation, len(ids), track_ids, vectors)
