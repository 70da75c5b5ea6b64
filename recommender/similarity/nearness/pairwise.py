"""Similarities between many tracks at once: each with each, or pair by pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.catalog.models import Space
from recommender.similarity.index import Neighbour
from recommender.similarity.nearness.ranks import (
    Shares,
    join_shares,
    let_outsiders_in,
    rank_shares,
    rank_shares_in,
    similarity_of,
)
from recommender.similarity.nearness.sample import Sample, sample_of
from recommender.similarity.vectors import TrackIds, Vector

Similarities = NDArray[np.float64]

NOBODY: Final[TrackIds] = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Tracks:
    """Track ids (n,) and their vectors, float32 (n, dimension)."""

    ids: TrackIds
    vectors: Vector

    def __len__(self) -> int:
        return len(self.ids)


def merge_answers(answers: Sequence[Sequence[Neighbour]]) -> list[int]:
    """Track ids of several answers of the index, those with the best place in any of them first."""
    places: dict[int, int] = {}
    for answer in answers:
        for place, neighbour in enumerate(answer):
            places[neighbour.track_id] = min(place, places.get(neighbour.track_id, place))
    return sorted(places, key=lambda track_id: (places[track_id], track_id))


def compare_all(space: Space, first: Tracks, second: Tracks, *, aside: TrackIds = NOBODY) -> Similarities:
    """The similarity 0-1 of every track of `second` to every one of `first`, seen from there: (n, m).

    Ranks are counted as if the tracks `aside` were not in the catalog.
    """
    return compare_in(sample_of(space), first, second, aside=aside)


def compare_in(sample: Sample, first: Tracks, second: Tracks, *, aside: TrackIds = NOBODY) -> Similarities:
    """`compare_all`, where the sample is at hand."""
    sides = [first] if second is first else [first, second]
    whitened = [sample.whiten(tracks.vectors) for tracks in sides]
    cosines = whitened[0] @ whitened[-1].T
    seen = [sample.see(vectors, tracks.ids) for vectors, tracks in zip(whitened, sides, strict=True)]
    weights = sample.weigh(seen[-1])
    is_aside = np.isin(sample.track_ids, aside)
    for to_sample in seen:
        to_sample[:, is_aside] = -np.inf
    by_first = _rank_rows(cosines, seen[0])
    by_second = by_first if second is first else _rank_rows(cosines.T, seen[-1])
    joined = join_shares(by_first, by_second.T, weights[None, :])
    counted = len(sample.track_ids) - int(np.count_nonzero(is_aside))
    return similarity_of(let_outsiders_in(joined, first.vectors @ second.vectors.T, counted))


def compare_pairs(space: Space, first: Tracks, second: Tracks) -> Similarities:
    """As `compare_all`, of each track of `second` to the one in the same place of `first`: (n,)."""
    sample = sample_of(space)
    whitened = [sample.whiten(tracks.vectors) for tracks in (first, second)]
    cosines = np.einsum("nd,nd->n", *whitened)
    seen = [sample.see(vectors, tracks.ids) for vectors, tracks in zip(whitened, (first, second), strict=True)]
    by_first, by_second = (rank_shares(cosines, to_sample) for to_sample in seen)
    joined = join_shares(by_first, by_second, sample.weigh(seen[1]))
    plain = np.einsum("nd,nd->n", first.vectors, second.vectors)
    return similarity_of(let_outsiders_in(joined, plain, len(sample.track_ids)))


def _rank_rows(cosines: Vector, to_sample: Vector) -> Shares:
    """What each of n tracks, which sees the sample at its row of `to_sample`, sees nearer than m others: (n, m)."""
    rows = [rank_shares_in(*row) for row in zip(cosines, to_sample, strict=True)]
    return np.array(rows, np.float64).reshape(cosines.shape)
