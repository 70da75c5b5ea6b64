"""What regions of the map are called: at the drawing by what is published, and to readers by what still is.

A drawing may be weeks old. So a name is shown only with those of its words that a track says which everybody may know
of now: what was withdrawn, hidden or described anew takes its word along.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import log
from typing import Any, Final

import numpy as np
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from recommender.catalog.models import MapPoint, MapRegion, Space, Track, TrackTag, Visibility
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.map.data import MapPoints

# A word says something of a region when a quarter of its tracks have it, and more of them than of the others.
_LEAST_SHARE: Final = 0.25
_LEAST_TRACKS: Final = 2
_MOST_WORDS: Final = 3
# Three of them and two separators fit into the column of names.
_LONGEST_WORD: Final = 32
_SEPARATOR: Final = ", "
# So many tracks of a region are asked first whether one of them still says its words: hardly ever more are needed.
_ASKED: Final = 40

Counts = Mapping[int, Mapping[str, int]]
Said = set[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class NamedRegion:
    """`name` is English, for processes keep it: `name_in_words` says it to people. `x` and `y` 0-65535: its middle."""

    number: int
    name: str
    x: int
    y: int


def name_regions(space: Space, count: int) -> list[str]:
    """Names of the regions 1 to `count`, all different, from what is published: a name is read by everybody.

    The tags that the tracks of a region have more of than the others; else their genres; else the bare number.
    """
    points = MapPoint.objects.filter(space=space, track__in=_published())
    sizes = dict(_count_by_region(points))
    tags, genres = (_count_words(points, field) for field in ("track__tags__name", "track__genres__name"))
    names: list[str] = []
    for region in range(1, count + 1):
        words = _telling_words(region, tags, sizes) or _telling_words(region, genres, sizes)
        names.append(_name_apart(region, words, names))
    return names


def find_regions(space: Space, public: MapPoints) -> list[NamedRegion]:
    """By number, all called differently. `public` are the points that everybody may see."""
    regions = list(MapRegion.objects.filter(space=space).order_by("number"))
    wanted = {(region.number, word) for region in regions for word in _words_of(region)}
    said = _find_said(public, wanted)
    names: list[str] = []
    for region in regions:
        words = [word for word in _words_of(region) if (region.number, word) in said]
        names.append(_name_apart(region.number, words, names))
    return [
        NamedRegion(number=region.number, name=name, x=region.x, y=region.y)
        for region, name in zip(regions, names, strict=True)
    ]


def name_in_words(region: NamedRegion) -> str:
    """What it is called in the language of whoever reads it now."""
    if region.name == f"Region {region.number}":
        return _("Region %(number)d") % {"number": region.number}
    words = region.name.removesuffix(f" {region.number}")
    named = _SEPARATOR.join(name_word(word) for word in words.split(_SEPARATOR))
    return f"{named} {region.number}" if words != region.name else named


def _published() -> QuerySet[Track]:
    return Track.objects.recommendable().filter(visibility=Visibility.PUBLISHED)


def _words_of(region: MapRegion) -> list[str]:
    """Those that its name was made of; a number that told it from another one is none."""
    words = region.name.removesuffix(f" {region.number}").split(_SEPARATOR)
    return [word for word in words if word]


def _find_said(public: MapPoints, wanted: Said) -> Said:
    """Those of the (number, word) `wanted` that a public track says: a few are asked first, all where those do not."""
    few = dict(_choose_few(public))
    tags = TrackTag.objects.filter(track__in=list(few)).values_list("track", "name")
    said = {(few[track], word) for track, word in tags}
    if wanted - said:
        genres = Track.genres.through.objects.filter(track__in=list(few)).values_list("track", "genre__name")
        said |= {(few[track], word) for track, word in genres}
    return (said & wanted) | _find_rare(public, wanted - said)


def _choose_few(public: MapPoints) -> Iterator[tuple[int, int]]:
    """Track and region of the first tracks of every region."""
    for number in np.unique(public.regions).tolist():
        for row in np.flatnonzero(public.regions == number)[:_ASKED].tolist():
            yield int(public.track_ids[row]), number


def _find_rare(public: MapPoints, wanted: Said) -> Said:
    words = {word for _, word in wanted}
    if not words:
        return set()
    tags = TrackTag.objects.filter(name__in=words).order_by().values_list("track", "name")
    genres = Track.genres.through.objects.filter(genre__name__in=words).values_list("track", "genre__name")
    region_of = dict(zip(public.track_ids.tolist(), public.regions.tolist(), strict=True))
    said = {(region_of.get(track, 0), word) for track, word in chain(tags.iterator(), genres.iterator())}
    return said & wanted


def _name_apart(region: int, words: list[str], taken: Collection[str]) -> str:
    free = (name for name in _possible_names(region, words) if name not in taken)
    return next(free, f"Region {region}")


def _is_fit(word: str) -> bool:
    return len(word) <= _LONGEST_WORD and _SEPARATOR not in word


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
    return [word for _, word in sorted(ranked)[:_MOST_WORDS] if _is_fit(word)]


def _possible_names(region: int, words: list[str]) -> Iterator[str]:
    """Two words where there are, three where those are taken, and a number when nothing else is left."""
    for count in range(min(2, len(words)), len(words) + 1):
        if count:
            yield _SEPARATOR.join(words[:count])
    yield f"{_SEPARATOR.join(words[:2])} {region}" if words else f"Region {region}"
