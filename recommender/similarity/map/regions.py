"""Regions of the map: clusters of places."""

from math import cbrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.similarity.map.layout import Places

Numbers = NDArray[np.int64]
# A byte holds the number of a region, and 0 means none.
MOST_REGIONS: Final = 255
_ROUNDS: Final = 100
_CHUNK: Final = 20_000


def regions_for(tracks: int) -> int:
    """How many regions befit a map of so many tracks: 5 for 40, 15 for 1,000, 70 for 100,000."""
    return min(tracks, MOST_REGIONS, max(1, round(1.5 * cbrt(tracks))))


def find_middles(places: Places, count: int, old: Places) -> Places:
    """k-means (Lloyd): the middles (count, 2) of clusters of `places` (n, 2), n >= 1.

    The first are those that grew from the middles of before, `old` (k, 2), so that a region keeps its number; the
    others start where the map is furthest from any.
    """
    middles = _begin(places, count, old)
    for _ in range(_ROUNDS):
        nearest = find_nearest(places, middles)
        sizes = np.bincount(nearest, minlength=count)
        sums = np.stack([np.bincount(nearest, places[:, axis], count) for axis in (0, 1)], axis=1)
        moved = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middles)
        if np.array_equal(moved, middles):
            break
        middles = _fill_empty(moved, sizes, places, nearest)
    return middles


def find_nearest(places: Places, middles: Places) -> Numbers:
    """For each of `places` (n, 2) the row of its nearest middle: (n,)."""
    found = [
        ((places[first : first + _CHUNK, None] - middles[None]) ** 2).sum(axis=2).argmin(axis=1)
        for first in range(0, len(places), _CHUNK)
    ]
    return np.concatenate(found).astype(np.int64) if found else np.zeros(0, np.int64)


def _fill_empty(middles: Places, sizes: Numbers, places: Places, nearest: Numbers) -> Places:
    """A region that lost all its places begins anew where the map is furthest from the middle of its region."""
    gaps = ((places - middles[nearest]) ** 2).sum(axis=1)
    for empty in np.flatnonzero(sizes == 0):
        if gaps.max() > 0:
            middles[empty] = places[gaps.argmax()]
            gaps[gaps.argmax()] = 0
    return middles


def _begin(places: Places, count: int, old: Places) -> Places:
    middles = [*old[:count]] or [places.mean(axis=0)]
    gaps = np.min([((places - middle) ** 2).sum(axis=1) for middle in middles], axis=0)
    while len(middles) < count:
        middles.append(places[gaps.argmax()])
        gaps = np.minimum(gaps, ((places - middles[-1]) ** 2).sum(axis=1))
    return np.array(middles, np.float64)
