"""A sample of the catalog's vectors in the memory of this process: what ranks are counted in."""

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.catalog.models import Embedding, Space
from recommender.similarity.nearness.held import HeldBySpace
from recommender.similarity.nearness.ranks import (
    LIST,
    Shares,
    join_shares,
    let_outsiders_in,
    rank_shares,
    rank_shares_in,
    weigh_views,
)
from recommender.similarity.nearness.whitening import find_whitening, whiten
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

SIZE: Final = 2_048


@dataclass(frozen=True, eq=False)
class Sample:
    """`vectors` float32 (m, dimension) of the tracks `track_ids` (m,)."""

    track_ids: TrackIds
    vectors: Vector

    @functools.cached_property
    def _whitening(self) -> Vector:
        return find_whitening(self.vectors)

    @functools.cached_property
    def _whitened(self) -> Vector:
        return self.whiten(self.vectors)

    @functools.cached_property
    def _list_ends(self) -> Vector:
        """(m,): the cosine of each with its tenth nearest in the sample; infinite where there are not so many."""
        if len(self.vectors) <= LIST:
            return np.full(len(self.vectors), np.inf, np.float32)
        return np.asarray(np.partition(self.see(self._whitened, self.track_ids), -LIST, axis=1)[:, -LIST])

    def whiten(self, vectors: Vector) -> Vector:
        """(n, dimension)."""
        return whiten(vectors, self._whitening)

    def see(self, whitened: Vector, track_ids: TrackIds) -> Vector:
        """The cosines of n whitened tracks with the sample, (n, m); -inf of a track with itself."""
        found = whitened @ self._whitened.T
        found[track_ids[:, None] == self.track_ids[None, :]] = -np.inf
        return np.asarray(found, np.float32)

    def weigh(self, to_sample: Vector) -> Shares:
        """How much counts what each of n tracks sees: (n,)."""
        return weigh_views(to_sample, self._list_ends)

    def rank_from(self, seed: Vector, seed_id: int, vectors: Vector, track_ids: TrackIds) -> Shares:
        """What is nearer to a seed (dimension,) than each of n tracks, seen from both: (n,), 0-1."""
        whitened, own = self.whiten(vectors), self.whiten(seed[None, :])
        cosines, to_sample = whitened @ own[0], self.see(whitened, track_ids)
        by_seed = rank_shares_in(cosines, self.see(own, np.array([seed_id]))[0])
        joined = join_shares(by_seed, rank_shares(cosines, to_sample), self.weigh(to_sample))
        return let_outsiders_in(joined, vectors @ seed, len(self.track_ids))

    def rank_by_cosine(self, seed: Vector, seed_id: int, vectors: Vector) -> Shares:
        """What is nearer to a seed than each of n tracks, seen from the seed, by the vectors as they are: (n,), 0-1."""
        to_sample = np.where(self.track_ids == seed_id, -np.inf, self.vectors @ seed).astype(np.float32)
        cosines = vectors @ seed
        return let_outsiders_in(rank_shares_in(cosines, to_sample), cosines, len(self.track_ids))


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
