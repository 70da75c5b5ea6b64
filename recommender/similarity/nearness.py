"""How near two tracks are in their catalog: by rank, seen from both.

In a space of many dimensions some tracks ("hubs") are among the nearest of very many others without resembling them,
while others are never found. So a neighbour counts only as far as it holds the seed to be near as well: the share of
the catalog that is nearer to the one than the other is, whichever of the two sees more of it. That is mutual proximity
(Schnitzer, Flexer, Schedl and Widmer 2012) with ranks in place of a fitted distribution and the larger share in place
of the product. What it does to hubness, reach and precision is in docs/quality.md.

Ranks are counted in a sample of the catalog. Between two tracks of the sample they are interpolated, and beyond the
nearest one they fall off exponentially, on the scale of its ten nearest: so copies of a recording are nearer than first
neighbours are, and small catalogs do not run out of ranks. To every sample come some tracks of the world outside, so
that of three unlike tracks none counts as near.
"""

from math import erfc, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.similarity.vectors import Vector

# Of the similarities to the sample, the one that gives the scale beyond the first.
_TAIL_RANK: Final = 11
_DECAY: Final = 3.0
_LEAST_SCALE: Final = 1e-3
# The world outside: so many tracks, with the cosines that tracks of different collections have in the shipped encoder.
_OUTSIDERS: Final = 30
_OUTSIDE_MEAN, _OUTSIDE_DEVIATION = 0.44, 0.14

Shares = NDArray[np.float64]


def rank_shares(cosines: Vector, to_sample: Vector) -> Shares:
    """The share of the sample that is nearer than ``cosines`` (n,), for each row of ``to_sample`` (n, m): (n,), 0-1.

    A track that is itself in the sample has -inf there.
    """
    ranks = _ranks(cosines, to_sample) if to_sample.shape[1] else np.zeros(len(cosines))
    total = np.isfinite(to_sample).sum(axis=1) + _OUTSIDERS
    return np.asarray(np.minimum(1.0, (ranks + _OUTSIDERS * _share_outside(cosines)) / total), np.float64)


def similarity_of(shares: Shares) -> NDArray[np.float64]:
    """Shares as the similarity that people read, 0-1: a tenth of the catalog nearer gives .54, a thousandth .9."""
    return np.asarray(1.0 - np.cbrt(shares), np.float64)


def _ranks(cosines: Vector, to_sample: Vector) -> Shares:
    level = cosines[:, None]
    is_nearer = to_sample > level
    counts = np.count_nonzero(is_nearer, axis=1)
    above = np.where(is_nearer, to_sample, np.inf).min(axis=1)
    below = np.where(is_nearer, -np.inf, to_sample).max(axis=1)
    ranks: Shares = np.maximum(counts - 0.5 + _fraction(cosines, below, above), 0.5)
    is_first = counts == 0
    ranks[is_first] = _beyond(cosines[is_first], to_sample[is_first])
    return ranks


def _share_outside(cosines: Vector) -> Shares:
    scaled = (cosines.astype(np.float64) - _OUTSIDE_MEAN) / (_OUTSIDE_DEVIATION * sqrt(2))
    return np.array([erfc(value) / 2 for value in scaled.tolist()], np.float64)


def _fraction(cosines: Vector, below: Vector, above: Vector) -> Shares:
    """1 at the value below, 0 at the one above; in the middle where one of them is missing."""
    width = above - below
    known = np.isfinite(width) & (width > 0)
    return np.where(known, (above - cosines) / np.where(known, width, 1.0), 0.5)


def _beyond(cosines: Vector, to_sample: Vector) -> Shares:
    if not len(cosines):
        return np.zeros(0)
    tail = min(_TAIL_RANK, to_sample.shape[1])
    nearest = -np.partition(-to_sample, tail - 1, axis=1)[:, :tail]
    first = nearest.max(axis=1)
    last = np.where(np.isfinite(nearest), nearest, np.inf).min(axis=1)
    scale = np.maximum(_LEAST_SCALE, first - np.where(np.isfinite(last), last, first))
    return np.asarray(0.5 * np.exp(-_DECAY * np.maximum(0.0, cosines - first) / scale), np.float64)
