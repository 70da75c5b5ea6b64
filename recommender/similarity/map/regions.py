"""Regions of the map: clusters of places, and what to call them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from math import cbrt, log
from typing import Any, Final

import numpy as np
from django.db.models import Count, QuerySet
from numpy.typing import NDArray

from recommender.catalog.models import MapPoint, Space, Track, Visibility
from recommender.similarity.map.layout import Places

Numbers = NDArray[np.int64]
# A byte holds the number of a region, and 0 means none.
MOST_REGIONS: Final = 255
_ROUNDS: Final = 100
_CHUNK: Final = 20_000
# A word says something of a region when a quarter of its tracks have it, and more of them than of the others.
_LEAST_SHARE: Final = 0.25
_LEAST_TRACKS: Final = 2
_MOST_WORDS: Final = 3
# Three of them and two separators fit into the column of names.
_LONGEST_WORD: Final = 32

Counts = Mapping[int, Mapping[str, int]]


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


def name_regions(space: Space, count: int) -> list[str]:
    """Names of the regions 1 to `count`, all different, from what is published: a name is read by everybody.

    The tags that the tracks of a region have more of than the others; else their genres; else the bare number.
    """
    published = Track.objects.recommendable().filter(visibility=Visibility.PUBLISHED)
    points = MapPoint.objects.filter(space=space, track__in=published)
    sizes = dict(_count_by_region(points))
    tags, genres = (_count_words(points, field) for field in ("track__tags__name", "track__genres__name"))
    names: list[str] = []
    for region in range(1, count + 1):
        words = _telling_words(region, tags, sizes) or _telling_words(region, genres, sizes)
        free = (name for name in _possible_names(region, words) if name not in names)
        names.append(next(free, f"Region {region}"))
    return names


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


def _count_by_region(points: QuerySet[MapPoint], *fields: str) -> Any:
    return points.values_list("region", *fields).annotate(total=Count("pk"))


def _count_words(points: QuerySet[MapPoint], field: str) -> Counts:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for region, word, total in _count_by_region(points.filter(**{f"{field}__isnull": False}), field):
        found[region][word] = total
    return found


def _telling_words(region: int, counts: Counts, sizes: Mapping[int, int]) -> list[str]:
    """Those that best tell the region from the rest, by the share that has them times its log-odds."""
    size, rest = sizes.get(region, 0), sum(sizes.values()) - sizes.get(region, 0)
    everywhere: Counter[str] = Counter()
    for of_region in counts.values():
        everywhere.update(of_region)
    ranked = []
    for word, inside in counts.get(region, {}).items():
        share, elsewhere = inside / size, (everywhere[word] - inside + 0.5) / (rest + 1)
        gain = share * log(share / elsewhere)
        if gain > 0 and share >= _LEAST_SHARE and inside >= min(_LEAST_TRACKS, size):
            ranked.append((-gain, word))
    return [word for _, word in sorted(ranked)[:_MOST_WORDS] if len(word) <= _LONGEST_WORD]


def _possible_names(region: int, words: list[str]) -> Iterator[str]:
    """Two words where there are, three where those are taken, and a number when nothing else is left."""
    for count in range(min(2, len(words)), len(words) + 1):
        if count:
            yield ", ".join(words[:count])
    yield f"{', '.join(words[:2])} {region}" if words else f"Region {region}"
