"""The measures of ``embeddings.retrieval`` for music too much for a matrix of all pairs: block by block.

With 100,000 tracks all pairs would take 40 GB; a block takes 64 MB, whatever the number of tracks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.retrieval import RetrievalScores, bootstrap, score_ranks

BLOCK_VALUES: Final = 1 << 24
UNKNOWN: Final = -1
# Looked up for each track, so that ten are left when copies of its own recording are passed over.
SPARE: Final = 22

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Neighbours:
    """The nearest other tracks of each: ``rows`` (n, k) and ``similarities`` (n, k), nearest first."""

    rows: Rows
    similarities: Matrix

    def without_copies(self, recordings: Rows, count: int) -> Rows:
        """The first ``count`` of another recording, (n, count); ``UNKNOWN`` where there are fewer.

        ``recordings`` (n,) gives copies of one recording the same number.
        """
        is_copy = recordings[self.rows] == recordings[:, None]
        order = np.argsort(is_copy, axis=1, kind="stable")[:, :count]
        found = np.where(np.take_along_axis(is_copy, order, 1), UNKNOWN, np.take_along_axis(self.rows, order, 1))
        padding = np.full((len(found), count - found.shape[1]), UNKNOWN)
        return np.concatenate([found, padding], axis=1).astype(np.int64)


def find_neighbours(vectors: Matrix, count: int, on_progress: OnProgress | None = None) -> Neighbours:
    """The ``count`` tracks nearest to each of ``vectors`` (n, d), n >= 2, exactly; n - 1 where there are fewer.

    ``on_progress`` is called with the number of tracks done and n.
    """
    total = len(vectors)
    count = min(count, total - 1)
    rows = np.empty((total, count), np.int64)
    similarities = np.empty((total, count), np.float32)
    for block in _blocks(np.arange(total), total):
        found = vectors[block] @ vectors.T
        found[np.arange(len(block)), block] = -np.inf
        nearest = np.argpartition(found, total - count, axis=1)[:, total - count :]
        values = np.take_along_axis(found, nearest, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        rows[block] = np.take_along_axis(nearest, order, axis=1)
        similarities[block] = np.take_along_axis(values, order, axis=1)
        if on_progress is not None:
            on_progress(int(block[-1]) + 1, total)
    return Neighbours(rows, similarities)


def count_occurrences(nearest: Rows, total: int) -> Rows:
    """In how many of the lists ``nearest`` (n, k) each of ``total`` tracks stands; ``UNKNOWN`` counts for nobody."""
    return np.bincount(nearest[nearest != UNKNOWN], minlength=total).astype(np.int64)


@dataclass(frozen=True)
class LabelKind:
    """What makes a find right: the same of ``labels`` (n,). Candidates that share the query's ``left_out`` (n,) are
    passed over. ``UNKNOWN`` is no label and shares nothing."""

    labels: Rows
    left_out: Rows


@dataclass(frozen=True)
class QueryScores:
    """``queries`` (m,): those with at least one right answer. ``scores`` (m, 5): P@1, P@5, P@10, average precision and
    R-precision of each."""

    queries: Rows
    scores: NDArray[np.float64]

    def summarise(self) -> RetrievalScores | None:
        """Means with bootstrap intervals, None without queries."""
        if not len(self.queries):
            return None
        return RetrievalScores(len(self.queries), *[bootstrap(column) for column in self.scores.T])


def score_queries(
    vectors: Matrix,
    kinds: Mapping[str, LabelKind],
    recordings: Rows,
    queries: Rows,
    on_progress: OnProgress | None = None,
) -> dict[str, QueryScores]:
    """Rank all ``vectors`` (n, d) for each of ``queries`` and score each kind of label as ``score_retrieval`` does."""
    found: dict[str, list[tuple[int, list[float]]]] = {name: [] for name in kinds}
    done = 0
    for block in _blocks(queries, len(vectors)):
        for query, similarities in zip(block, vectors[block] @ vectors.T, strict=True):
            ordered = np.sort(similarities)
            for name, kind in kinds.items():
                if scores := _score_query(int(query), similarities, ordered, kind, recordings):
                    found[name].append((int(query), scores))
        done += len(block)
        if on_progress is not None:
            on_progress(done, len(queries))
    return {name: _to_scores(rows) for name, rows in found.items()}


def _to_scores(rows: list[tuple[int, list[float]]]) -> QueryScores:
    scores = np.array([scores for _, scores in rows], np.float64).reshape(len(rows), 5)
    return QueryScores(np.array([query for query, _ in rows], np.int64), scores)


def _score_query(
    query: int, similarities: Matrix, ordered: Matrix, kind: LabelKind, recordings: Rows
) -> list[float] | None:
    label, left_out = kind.labels[query], kind.left_out[query]
    if label == UNKNOWN:
        return None
    is_passed_over = recordings == recordings[query]
    if left_out != UNKNOWN:
        is_passed_over |= kind.left_out == left_out
    right = np.sort(similarities[(kind.labels == label) & ~is_passed_over])[::-1]
    if not right.size:
        return None
    # wrong candidates at or above each right one: all, less those passed over, less the right ones
    wrong = _count_from(ordered, right) - _count_from(np.sort(similarities[is_passed_over]), right)
    wrong -= _count_from(right[::-1], right)
    return score_ranks(wrong + np.arange(1, right.size + 1))


def _count_from(ascending: Matrix, values: Matrix) -> Rows:
    """How many of ``ascending`` are at least each of ``values``."""
    return np.asarray(ascending.size - np.searchsorted(ascending, values, side="left"), np.int64)


def _blocks(rows: Rows, total: int) -> Iterator[Rows]:
    size = max(1, BLOCK_VALUES // max(total, 1))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
