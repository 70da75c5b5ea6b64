"""Measures of a similarity space: who is found near whom, and whether that is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
# Drawn at once for the bootstrap: 32 MB of row numbers and as much of values.
DRAWN_VALUES: Final = 1 << 22
NEIGHBOURS: Final = 10
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RetrievalScores:
    """Means over the queries that have at least one right answer, with bootstrap intervals; ``queries`` counts them."""

    queries: int
    precision_at_1: Estimate
    precision_at_5: Estimate
    precision_at_10: Estimate
    mean_average_precision: Estimate
    r_precision: Estimate


def score_retrieval(
    similarities: Matrix, labels: Sequence[str], left_out: Sequence[str], recordings: Sequence[int]
) -> RetrievalScores | None:
    """Rank all tracks for each labelled one and score those with the same label as right.

    ``similarities`` (n, n), larger is nearer. From the candidates of a query are taken: itself, other copies of its
    recording, and tracks that share its ``left_out`` value (unless that is empty). Fewer than k candidates count as
    misses in precision at k. A wrong candidate that ties with a right one stands before it, or a space that puts
    everything in one place would be right. None when no query has a right answer.
    """
    rows = []
    names, outs, groups = np.asarray(labels), np.asarray(left_out), np.asarray(recordings)
    for query in np.flatnonzero(names != ""):
        is_candidate = (groups != groups[query]) & ((outs != outs[query]) | (outs[query] == ""))
        is_right = is_candidate & (names == names[query])
        if is_right.any():
            hits = is_right[is_candidate]
            ranked = hits[np.lexsort((hits, -similarities[query, is_candidate]))]
            rows.append(score_ranks(np.flatnonzero(ranked) + 1))
    if not rows:
        return None
    estimates = [bootstrap(column) for column in np.array(rows).T]
    return RetrievalScores(len(rows), *estimates)


def score_ranks(ranks: NDArray[np.int64]) -> list[float]:
    """P@1, P@5, P@10, average precision and R-precision (Manning et al., "Information Retrieval", ch. 8) from the ranks
    (right answers,) of all right ones, ascending from 1."""
    total = len(ranks)
    average_precision = float(np.mean(np.arange(1, total + 1) / ranks))
    return [*(float((ranks <= k).sum() / k) for k in (1, 5, 10)), average_precision, float(np.mean(ranks <= total))]


def bootstrap(values: NDArray[np.float64], seed: int = 0) -> Estimate:
    """Mean of ``values`` (n,) with its 95 % interval: percentiles of 1,000 resamples (Efron, 1979)."""
    rng, total = np.random.default_rng(seed), len(values)
    at_once = max(1, DRAWN_VALUES // total)
    sizes = [min(at_once, RESAMPLES - start) for start in range(0, RESAMPLES, at_once)]
    means = np.concatenate([values[rng.integers(total, size=(size, total))].mean(axis=1) for size in sizes])
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high))


@dataclass(frozen=True)
class SpaceShape:
    """``hubness``: skew of how often tracks occur in the top 10 of others (0 is even). ``reach``: share of tracks that
    occur in some top 10. ``mean_similarity`` of different tracks."""

    hubness: float
    reach: float
    mean_similarity: float


def measure_shape(similarities: Matrix, recordings: Sequence[int]) -> SpaceShape:
    """``similarities`` (n, n), n >= 2; other copies of a track's recording, (n,), stand in no top 10 of it."""
    others = similarities.astype(np.float64)
    count = len(others)
    mean = (others.sum() - np.trace(others)) / (count * (count - 1))
    occurrences = count_occurrences(similarities, recordings)
    return SpaceShape(skewness(occurrences), float(np.mean(occurrences > 0)), float(mean))


def skewness(values: NDArray[np.int64]) -> float:
    """The third standardised moment, 0 where all are equal: hubness when these are occurrences (Radovanovic et al.,
    JMLR 2010)."""
    deviations = values - values.mean()
    spread = float(values.std())
    return float(np.mean(deviations**3) / spread**3) if spread > 0 else 0.0


def count_occurrences(similarities: Matrix, recordings: Sequence[int]) -> NDArray[np.int64]:
    """In how many lists of the ten nearest of another recording each track stands: (n,)."""
    return np.asarray(_are_near(similarities, recordings).sum(axis=0), np.int64)


@dataclass(frozen=True)
class Agreement:
    """How well altered or other parts of tracks find their own among all originals: mean similarity to it, how often it
    ranks first and among the first three, and its mean reciprocal rank."""

    cosine: float
    recall_at_1: Estimate
    recall_at_3: Estimate
    mean_reciprocal_rank: float


def rank_originals(similarities: Matrix, recordings: Sequence[int], rows: Sequence[int] | None = None) -> Agreement:
    """``similarities`` (m, n) of parts to originals, whose recordings are numbered by ``recordings`` (n,).

    Part i belongs to original ``rows[i]`` (by default i); other copies of that recording are passed over. A tie counts
    as lost, or a space that puts everything in one place would find all its own.
    """
    belongs_to = np.arange(len(similarities)) if rows is None else np.asarray(rows)
    groups = np.asarray(recordings)
    own = similarities[np.arange(len(similarities)), belongs_to]
    is_rival = groups[belongs_to][:, None] != groups[None, :]
    ranks = 1 + ((similarities >= own[:, None]) & is_rival).sum(axis=1)
    first, first_three = (bootstrap((ranks <= limit).astype(float)) for limit in (1, 3))
    return Agreement(float(own.mean()), first, first_three, float(np.mean(1 / ranks)))


@dataclass(frozen=True)
class NeighbourAgreement:
    """How alike two spaces are: the mean share of the ten nearest of another recording that they have in common, and
    the correlation (Pearson's, and Spearman's of the ranks) of their similarities over all pairs of different tracks.
    """

    overlap_at_10: Estimate
    pearson: float
    spearman: float


def compare_spaces(similarities: Matrix, reference: Matrix, recordings: Sequence[int]) -> NeighbourAgreement:
    """Both (n, n) for the same n tracks in one order, which are three ``recordings`` (n,) or more.

    Where a track has fewer than ten others, those count.
    """
    near, near_there = (_are_near(space, recordings) for space in (similarities, reference))
    shared = (near & near_there).sum(axis=1) / near.sum(axis=1)
    pairs = np.triu_indices(len(similarities), 1)
    ours, theirs = (np.asarray(space[pairs], np.float64) for space in (similarities, reference))
    ranks = [_ranks(values) for values in (ours, theirs)]
    return NeighbourAgreement(bootstrap(shared), _correlate(ours, theirs), _correlate(*ranks))


def _are_near(similarities: Matrix, recordings: Sequence[int]) -> NDArray[np.bool_]:
    """Which tracks, by column, are among the ten nearest of another recording to the track of each row: (n, n)."""
    groups = np.asarray(recordings)
    is_other = groups[:, None] != groups[None, :]
    others = np.where(is_other, np.asarray(similarities, np.float64), -np.inf)
    nearest = np.argsort(-others, axis=1, kind="stable")[:, :NEIGHBOURS]
    are_near = np.zeros(is_other.shape, bool)
    np.put_along_axis(are_near, nearest, values=True, axis=1)
    return np.asarray(are_near & is_other, np.bool_)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 1 upwards; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse], np.float64)


def _correlate(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Pearson's correlation; 0 where one of them is constant."""
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / scale if scale > 0 else 0.0


def area_under_curve(scores: NDArray[np.floating], is_right: NDArray[np.bool_]) -> float:
    """How often a right one of ``scores`` (n,) lies above a wrong one, a tie counting half (Hanley and McNeil, 1982).

    Raises ValueError unless there are both.
    """
    right = int(is_right.sum())
    wrong = len(is_right) - right
    if not right or not wrong:
        raise ValueError("right and wrong ones are needed")
    above = _ranks(np.asarray(scores, np.float64))[is_right].sum() - right * (right + 1) / 2
    return float(above / (right * wrong))
