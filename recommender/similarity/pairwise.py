"""Similarities between many tracks at once: what `similarity.nearness` says of a few pairs, read off curves.

Each track has one curve, of its similarity by cosine, counted in a part of the sample. A curve costs as much as a few
pairs do, so that some hundred tracks are compared with each other while a page is awaited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.catalog.models import Space
from recommender.similarity.index import Neighbour
from recommender.similarity.nearness import rank_shares, similarity_of
from recommender.similarity.sample import Sample, sample_of
from recommender.similarity.vectors import TrackIds, Vector

Similarities = NDArray[np.float64]

# Between knots, and in the part of the sample, nineteen similarities in twenty are within .01 of those that
# `compare_pairs` counts (1,850 excerpts of real music).
_KNOTS: Final = np.concatenate([[-1, -0.3, 0], np.linspace(0.15, 1, 21)]).astype(np.float32)
_COUNTED: Final = 512
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
    """The similarity 0-1 of every track of `first` with every one of `second`: (n, m).

    Ranks are counted as if the tracks `aside` were not in the catalog.
    """
    sample = _thin_out(sample_of(space), aside)
    cosines = np.clip(first.vectors @ second.vectors.T, -1, 1)
    by_first = _follow(_curves(sample, first), cosines)
    curves = _curves(sample, second) if second is not first else None
    by_second = _follow(curves, cosines.T).T if curves is not None else by_first.T
    return np.minimum(by_first, by_second)


def compare_pairs(space: Space, first: Tracks, second: Tracks) -> Similarities:
    """The similarity 0-1 of each track of `first` with the one in the same place of `second`, counted: (n,)."""
    sample = sample_of(space)
    cosines = np.einsum("nd,nd->n", first.vectors, second.vectors)
    shares = [rank_shares(cosines, sample.cosines(tracks.vectors, tracks.ids)) for tracks in (first, second)]
    return np.asarray(similarity_of(np.maximum(*shares)), np.float64)


def _thin_out(sample: Sample, aside: TrackIds) -> Sample:
    rows = np.flatnonzero(~np.isin(sample.track_ids, aside))
    rows = rows[:: max(1, len(rows) // _COUNTED)]
    return Sample(sample.track_ids[rows], sample.vectors[rows])


def _curves(sample: Sample, tracks: Tracks) -> Similarities:
    """The similarity at each knot, by the ranks of each track: (n, knots)."""
    to_sample = sample.cosines(tracks.vectors, tracks.ids)
    curves = [rank_shares(_KNOTS, np.broadcast_to(row, (len(_KNOTS), len(row)))) for row in to_sample]
    return similarity_of(np.array(curves).reshape(len(tracks), len(_KNOTS)))


def _follow(curves: Similarities, cosines: Vector) -> Similarities:
    rows = [np.interp(row, _KNOTS, curve) for row, curve in zip(cosines, curves, strict=True)]
    return np.array(rows, np.float64).reshape(cosines.shape)
