"""A sample of the catalog's vectors in the memory of this process: what ranks are counted in."""

import functools
import os
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.catalog.models import Embedding, Space
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

SIZE: Final = 2_048
# Until the catalog has grown or shrunk by so much, the sample stands for it.
_TOLERANCE: Final = 0.05


@dataclass(frozen=True)
class Sample:
    """`vectors` float32 (m, dimension) of the tracks `track_ids` (m,), of `total` in the index."""

    generation: str
    total: int
    track_ids: TrackIds
    vectors: Vector

    def cosines(self, vectors: Vector, track_ids: TrackIds) -> Vector:
        """(n, m) of n tracks with the sample; -inf of a track with itself."""
        found = vectors @ self.vectors.T
        found[track_ids[:, None] == self.track_ids[None, :]] = -np.inf
        return np.asarray(found, np.float32)


def sample_of(space: Space) -> Sample:
    """The same tracks for everybody who asks, as long as the catalog is much the same."""
    held = _samples(os.getpid())
    total = Embedding.objects.indexed(space).count()
    known = held.get(space.pk)
    if known and known.generation == space.generation and abs(known.total - total) <= _TOLERANCE * known.total:
        return known
    held[space.pk] = _draw(space, total)
    return held[space.pk]


@functools.cache
def _samples(_process_id: int) -> dict[int, Sample]:
    return {}


def _draw(space: Space, total: int) -> Sample:
    ids = list(Embedding.objects.indexed(space).order_by("pk").values_list("pk", flat=True))
    if len(ids) > SIZE:
        ids = np.sort(np.random.default_rng(0).choice(ids, SIZE, replace=False)).tolist()
    rows = Embedding.objects.filter(pk__in=ids).order_by("pk").values_list("track_id", "vector")
    track_ids, vectors = stack_vectors(rows, space.dimension)
    return Sample(space.generation, total, track_ids, vectors)
