"""Who stands in whose lists: hubs, orphans and reach, by cosine alone and as tracks are recommended.

Block by block, so that 100,000 tracks take memory for their candidates and not for all pairs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.similarity.nearness.ranks import Shares, join_shares, let_outsiders_in, rank_shares_in, similarity_of
from recommender.similarity.nearness.sample import Sample
from recommender.similarity.vectors import TrackIds, Vector

# Of so many nearest by cosine the ten of a list are taken; recommendations look at twice as many and more.
CANDIDATES: Final = 100
PLACES: Final = 10
_BLOCK_VALUES: Final = 1 << 22

Rows = NDArray[np.int64]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Lists:
    """For each of n tracks its k candidates, best first: ``rows`` (n, k), ``cosines`` and ``similarities`` (n, k)."""

    rows: Rows
    cosines: Vector
    similarities: Vector


@dataclass(frozen=True)
class Spread:
    """``occurrences`` (n,): in how many lists of ten each track stands. ``hubness`` is their skew, ``reach`` the share
    of tracks that stand in one at least."""

    occurrences: Rows
    hubness: float
    reach: float


def find_nearest(vectors: Vector, count: int) -> tuple[Rows, Vector]:
    """The ``count`` others nearest to each of ``vectors`` (n, d), n >= 2, exactly: rows and cosines, nearest first.

    As ``embeddings.blockwise.find_neighbours``, which pages may not load.
    """
    total = len(vectors)
    count = min(count, total - 1)
    rows, cosines = np.empty((total, count), np.int64), np.empty((total, count), np.float32)
    for block in _blocks(total, total):
        found = vectors[block] @ vectors.T
        found[np.arange(len(block)), block] = -np.inf
        nearest = np.argpartition(found, total - count, axis=1)[:, total - count :]
        values = np.take_along_axis(found, nearest, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        rows[block] = np.take_along_axis(nearest, order, axis=1)
        cosines[block] = np.take_along_axis(values, order, axis=1)
    return rows, cosines


def order_as_served(
    vectors: Vector,
    track_ids: TrackIds,
    nearest: tuple[Rows, Vector],
    sample: Sample,
    on_progress: OnProgress | None = None,
) -> Lists:
    """Candidates, as ``find_nearest`` gives them, in the order in which tracks are recommended.

    ``vectors`` (n, d) of the tracks ``track_ids`` (n,).
    """
    rows, cosines = nearest
    shares = _rank_candidates(vectors, track_ids, nearest, sample, on_progress)
    order = np.lexsort((-cosines, shares), axis=1)
    in_order = (np.take_along_axis(values, order, axis=1) for values in (rows, cosines, shares))
    ordered_rows, ordered_cosines, ordered_shares = in_order
    similarities = similarity_of(np.asarray(ordered_shares, np.float64)).astype(np.float32)
    return Lists(np.asarray(ordered_rows, np.int64), np.asarray(ordered_cosines, np.float32), similarities)


def measure_spread(lists: Rows, total: int) -> Spread:
    """Of the first ten of ``lists`` (n, k) among ``total`` tracks; negative rows are nobody.

    Hubness is the third standardised moment (Radovanovic et al., JMLR 2010), 0 where all stand in as many lists.
    """
    first = lists[:, :PLACES]
    occurrences = np.bincount(first[first >= 0], minlength=total).astype(np.int64)
    deviations, width = occurrences - occurrences.mean(), float(occurrences.std())
    hubness = float(np.mean(deviations**3) / width**3) if width else 0.0
    return Spread(occurrences, hubness, float(np.mean(occurrences > 0)))


def _rank_candidates(
    vectors: Vector,
    track_ids: TrackIds,
    nearest: tuple[Rows, Vector],
    sample: Sample,
    on_progress: OnProgress | None,
) -> Shares:
    """What is nearer to each track than each of its candidates, seen from both: (n, k)."""
    rows, plain = nearest
    whitened = sample.whiten(vectors)
    cosines = np.stack([whitened[found] @ own for found, own in zip(rows, whitened, strict=True)])
    total, count = rows.shape
    seen_by_others = np.empty(rows.size)
    shares = np.empty(rows.shape)
    weights = np.empty(total)
    # Pairs by their candidate, so that what one track sees of the sample is sorted once.
    by_candidate = np.argsort(rows, axis=None, kind="stable")
    ends = np.searchsorted(rows.ravel()[by_candidate], np.arange(total + 1))
    for block in _blocks(total, len(sample.track_ids)):
        to_sample = sample.see(whitened[block], track_ids[block])
        weights[block] = sample.weigh(to_sample)
        for row, seen in zip(block.tolist(), to_sample, strict=True):
            pairs = by_candidate[ends[row] : ends[row + 1]]
            found = rank_shares_in(np.concatenate([cosines[row], cosines.ravel()[pairs]]), seen)
            shares[row], seen_by_others[pairs] = found[:count], found[count:]
        if on_progress is not None:
            on_progress(int(block[-1]) + 1, total)
    joined = join_shares(shares, seen_by_others.reshape(rows.shape), weights[rows])
    return let_outsiders_in(joined, plain, len(sample.track_ids))


def _blocks(total: int, width: int) -> Iterator[Rows]:
    size = max(1, _BLOCK_VALUES // max(width, 1))
    for start in range(0, total, size):
        yield np.arange(start, min(start + size, total))
