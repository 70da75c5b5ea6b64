"""What the catalog is made of, counted for pictures: tempo, key, genres, and how it grew."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count
from django.db.models.functions import Floor, TruncMonth

from recommender.accounts.models import User
from recommender.catalog.facets import Selection
from recommender.catalog.kept import Kept
from recommender.catalog.models import Genre, Shelf, Track
from recommender.catalog.models.shelves import LEAST_CONFIDENCE

TEMPO_STEP: Final = 10
SLOWEST, FASTEST = 40, 220
MOST_GENRES: Final = 12
MOST_MONTHS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """`tempos`: by the beats a minute from which on, in steps of TEMPO_STEP, the outermost with what lies beyond.
    `keys`: 24 of them. `genres`: those most tracks have, by id, name and count, of `playable` tracks. `growth`: by the
    first day of each month how many tracks there were at its end.
    """

    tempos: Sequence[tuple[int, int]]
    keys: Sequence[int]
    genres: Sequence[tuple[int, str, int]]
    playable: int
    growth: Sequence[tuple[dt.date, int]]


def count_pictures(viewer: User) -> Pictures:
    """Of what `viewer` may know; counted anew only after a change of the catalog."""
    return _PICTURES.of(viewer, "pictures", lambda: _count(viewer))


def _count(viewer: User) -> Pictures:
    counts = Selection(viewer=viewer).counts
    return Pictures(
        tempos=_count_tempos(viewer),
        keys=_count_keys(viewer),
        genres=_name_genres(Counter(counts.by_facet["genre"]).most_common(MOST_GENRES)),
        playable=counts.total,
        growth=_count_growth(viewer),
    )


def _count_tempos(viewer: User) -> list[tuple[int, int]]:
    known = Track.objects.visible_to(viewer).filter(tempo_confidence__gte=LEAST_CONFIDENCE, tempo_bpm__isnull=False)
    steps = known.order_by().values_list(Floor("tempo_bpm") / TEMPO_STEP).annotate(count=Count("pk"))
    counted: Counter[int] = Counter()
    for step, count in steps:
        counted[min(max(int(step) * TEMPO_STEP, SLOWEST), FASTEST - TEMPO_STEP)] += count
    return [(start, counted[start]) for start in range(SLOWEST, FASTEST, TEMPO_STEP)]


def _count_keys(viewer: User) -> list[int]:
    shelves = Shelf.objects.visible_to(viewer).filter(key__isnull=False).order_by()
    counted = dict(shelves.values_list("key").annotate(count=Count("pk")))
    return [counted.get(key, 0) for key in range(24)]


def _name_genres(counted: Iterable[tuple[int, int]]) -> list[tuple[int, str, int]]:
    pairs = list(counted)
    names = dict(Genre.objects.filter(pk__in=[pk for pk, _count in pairs]).values_list("pk", "name"))
    return [(pk, names[pk], count) for pk, count in pairs if pk in names]


def _count_growth(viewer: User) -> list[tuple[dt.date, int]]:
    """Of the last MOST_MONTHS months in which tracks came."""
    months = Track.objects.visible_to(viewer).order_by().values_list(TruncMonth("added_at")).annotate(count=Count("pk"))
    total, growth = 0, []
    for month, count in sorted(months):
        total += count
        growth.append((month.date(), total))
    return growth[-MOST_MONTHS:]


_PICTURES: Final[Kept[Pictures]] = Kept(20)
