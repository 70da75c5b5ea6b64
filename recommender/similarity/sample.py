"""A sample of the catalog's vectors in the memory of this process: what ranks are counted in."""

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.catalog.models import Embedding, Space
from recommender.similarity.held import HeldBySpace
from recommender.similarity.nearness import LIST, Shares, rank_shares, weigh_hubs
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

SIZE: Final = 2_048


@dataclass(frozen=True)
class Sample:
    """`vectors` float32 (m, dimension) of the tracks `track_ids` (m,)."""

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
    return _samples.of(space)


def _count(space: Space) -> int:
    # Without the tracks: asking which of them are being deleted took ten times as long as the rest of a page's queries.
    return Embedding.objects.filter(space=space).count()


def _draw(space: Space) -> Sample:
    stored = Embedding.objects.filter(space=space, track__is_deleting=False)
    ids = list(stored.order_by("pk").values_list("pk", flat=True))
    drawn = [ids[row] for row in draw_rows(len(ids))]
    rows = Embedding.objects.filter(pk__in=drawn).order_by("pk").values_list("track_id", "vector")
    return Sample(*stack_vectors(rows, space.dimension))


_samples = HeldBySpace(_count, _draw)
