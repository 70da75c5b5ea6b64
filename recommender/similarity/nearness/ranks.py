"""How near two tracks are in their catalog: by rank, seen from both.

In a space of many dimensions some tracks ("hubs") are among the nearest of very many others without resembling them,
while others are never found. So a neighbour counts only as far as it holds the seed to be near as well: by the share of
the catalog that is nearer to the seed than the neighbour is, or by that which is nearer to the neighbour than the seed
is, where it is much more. That is mutual proximity (Schnitzer, Flexer, Schedl and Widmer 2012) with ranks in place of a
fitted distribution and the larger share in place of the product. How much it has to be more depends on how often the
sample has the neighbour among its ten nearest: what stands in many lists already must hold the seed to be nearer. What
all this does to hubness, reach and precision is in docs/quality.md.

Ranks are counted in a sample of the catalog, by the cosines that `nearness.whitening` makes of it. Between two tracks
of the sample they are interpolated, and beyond the nearest one they fall off exponentially, on the scale of its ten
nearest: so what is not in the sample does not run out of ranks, and copies of a recording are nearer than first
neighbours are. Of two tracks of the sample the nearest is first, however near it is. To a small sample come some tracks
of the world outside, so that of three unlike tracks none counts as near; the larger the sample, the fewer of them,
since it speaks for itself.
"""

from math import erfc, exp, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.similarity.vectors import Vector

# Of the similarities to the sample, the one that gives the scale beyond the first.
_TAIL_RANK: Final = 11
_DECAY: Final = 3.0
_LEAST_SCALE: Final = 1e-3
# The world outside: so many tracks, with the cosines that tracks of different collections have in the shipped encoder.
# To a sample of as many tracks comes a third of them, to a large one next to none: there they would outweigh the first
# ranks, and hubs would be back.
_OUTSIDERS: Final = 200
_OUTSIDE_MEAN, _OUTSIDE_DEVIATION = 0.44, 0.14
_DEVIATIONS: Final = np.linspace(-12, 12, 2401)
_ABOVE: Final = np.array([erfc(deviation / sqrt(2)) / 2 for deviation in _DEVIATIONS.tolist()])
# How often a track stands in lists of so many counts in a sample of at least so many: in a smaller one it is chance.
LIST: Final = 10
_LEAST_SAMPLE: Final = 50
# What a neighbour in as many lists as usual sees counts for so much of what the seed sees, and that of others by this
# power of their share. At more, tracks of the same artist give way; at less, hubs and orphans are back.
_SEEN_BACK: Final = 0.6
_WEIGHT: Final = 0.25

Shares = NDArray[np.float64]


def rank_shares(cosines: Vector, to_sample: Vector) -> Shares:
    """The share of the sample that is nearer than ``cosines`` (n,), for each row of ``to_sample`` (n, m): (n,), 0-1.

    A track that is itself in the sample has -inf there.
    """
    if not to_sample.shape[1]:
        return np.zeros(len(cosines))
    counts = np.count_nonzero(to_sample > cosines[:, None], axis=1)
    ranks: Shares = np.maximum(counts - 0.5 + _fraction(cosines, *_around(cosines, to_sample)), 0.5)
    is_first = counts == 0
    ranks[is_first] = _beyond(cosines[is_first], to_sample[is_first])
    return np.asarray(ranks / np.maximum(1, np.isfinite(to_sample).sum(axis=1)), np.float64)


def rank_shares_in(cosines: Vector, to_sample: Vector) -> Shares:
    """`rank_shares` of one track, which sees the sample at ``to_sample`` (m,), for many ``cosines`` (n,): (n,)."""
    ascending = np.sort(to_sample[np.isfinite(to_sample)])
    total = len(ascending)
    if not total:
        return np.zeros(len(cosines))
    place = np.searchsorted(ascending, cosines, side="right")
    above = np.where(place < total, ascending[np.minimum(place, total - 1)], np.inf)
    below = np.where(place > 0, ascending[np.maximum(place - 1, 0)], -np.inf)
    ranks: Shares = np.maximum(total - place - 0.5 + _fraction(cosines, below, above), 0.5)
    is_first = place == total
    ranks[is_first] = _fall_off(cosines[is_first], ascending[-1], ascending[-min(_TAIL_RANK, total)])
    return np.asarray(ranks / total, np.float64)


def weigh_views(to_sample: Vector, list_ends: Vector) -> Shares:
    """How much counts what each of n tracks sees, which are at ``to_sample`` (n, m): (n,).

    ``list_ends`` (m,) is the cosine of each track of the sample with its tenth nearest in it.
    """
    if len(list_ends) < _LEAST_SAMPLE:
        return np.full(len(to_sample), _SEEN_BACK)
    lists = np.count_nonzero(to_sample >= list_ends, axis=1)
    usual = (lists + LIST / 2) / (LIST + LIST / 2)
    return np.asarray(_SEEN_BACK * usual**_WEIGHT, np.float64)


def join_shares(by_seed: Shares, by_others: Shares, weights: Shares | float = 1.0) -> Shares:
    """What is nearer to a seed than a neighbour, by what both see and how much the neighbour's view counts, 0-1."""
    return np.asarray(np.clip(weights * by_others, by_seed, 1.0), np.float64)


def count_outsiders(sample: int) -> float:
    """How many tracks of the world outside stand beside a sample of so many."""
    return _OUTSIDERS * exp(-sample / _OUTSIDERS)


def let_outsiders_in(shares: Shares, plain: Vector, sample: int) -> Shares:
    """``shares`` of a sample of so many, with the tracks of the world outside: the same shape, 0-1.

    ``plain`` are the cosines of the vectors as the encoder gave them: of whitened ones outside nothing is known.
    """
    outsiders = count_outsiders(sample)
    deviations = (plain.astype(np.float64) - _OUTSIDE_MEAN) / _OUTSIDE_DEVIATION
    nearer = sample * shares + outsiders * np.interp(deviations, _DEVIATIONS, _ABOVE)
    return np.asarray(nearer / (sample + outsiders), np.float64)


def similarity_of(shares: Shares) -> NDArray[np.float64]:
    """Shares as the similarity that people read, 0-1: a tenth of the catalog nearer gives .54, a thousandth .9."""
    return np.asarray(1.0 - np.cbrt(shares), np.float64)


def _around(cosines: Vector, to_sample: Vector) -> tuple[Vector, Vector]:
    """The nearest of the sample below and above each; infinite where there is none."""
    is_nearer = to_sample > cosines[:, None]
    return np.where(is_nearer, -np.inf, to_sample).max(axis=1), np.where(is_nearer, to_sample, np.inf).min(axis=1)


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
    # Of a sample that holds nothing but the track itself there is no first.
    first = np.where(np.isfinite(first), first, cosines)
    last = np.where(np.isfinite(nearest), nearest, np.inf).min(axis=1)
    return _fall_off(cosines, first, np.where(np.isfinite(last), last, first))


def _fall_off(cosines: Vector, first: Vector, last: Vector) -> Shares:
    """Ranks beyond the nearest, on the scale of those from there to the eleventh."""
    scale = np.maximum(_LEAST_SCALE, first - last)
    return np.asarray(0.5 * np.exp(-_DECAY * np.maximum(0.0, cosines - first) / scale), np.float64)
