"""What the catalog is made of, counted for pictures: tempo, key, genres, and how it grew."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import CharField, Count, F
from django.db.models.functions import Cast, Round, Substr

from recommender.accounts.models import User
from recommender.catalog.kept import Kept
from recommender.catalog.models import Genre, Shelf, Track
from recommender.catalog.models.shelves import LEAST_CONFIDENCE

TEMPO_STEP: Final = 10
SLOWEST, FASTEST = 40, 220
MOST_GENRES: Final = 12
LEAST_MONTHS, MOST_MONTHS = 12, 60


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """`tempos`: by the beats a minute from which on, in steps of TEMPO_STEP, the outermost with what lies beyond.
    `keys`: 24 of them. `genres`: those most tracks have, by id, name and count. `growth`: by the
    first day of each month how many tracks there were at its end.
    """

    tempos: Sequence[tuple[int, int]]
    keys: Sequence[int]
    genres: Sequence[tuple[int, str, int]]
    growth: Sequence[tuple[dt.date, int]]


def count_pictures(viewer: User) -> Pictures:
    """Of what `viewer` may know; counted anew only after a change of the catalog."""
    return _PICTURES.of(viewer, "pictures", lambda: _count(viewer))


def _count(viewer: User) -> Pictures:
    return Pictures(
        tempos=_count_tempos(viewer),
        keys=_count_keys(viewer),
        genres=_count_genres(viewer),
        growth=_count_growth(viewer),
    )


def _count_tempos(viewer: User) -> list[tuple[int, int]]:
    known = Track.objects.visible_to(viewer).filter(tempo_confidence__gte=LEAST_CONFIDENCE, tempo_bpm__isnull=False)
    # What SQLite counts by itself: a function of ours would be called for each track.
    steps = known.order_by().values_list(Round(F("tempo_bpm") / TEMPO_STEP - 0.5)).annotate(count=Count("pk"))
    counted: Counter[int] = Counter()
    for step, count in steps:
        counted[min(max(int(step) * TEMPO_STEP, SLOWEST), FASTEST - TEMPO_STEP)] += count
    return [(start, counted[start]) for start in range(SLOWEST, FASTEST, TEMPO_STEP)]


def _count_keys(viewer: User) -> list[int]:
    shelves = Shelf.objects.visible_to(viewer).filter(key__isnull=False).order_by()
    counted = dict(shelves.values_list("key").annotate(count=Count("pk")))
    return [counted.get(key, 0) for key in range(24)]


def _count_genres(viewer: User) -> list[tuple[int, str, int]]:
    shelves = Shelf.objects.visible_to(viewer).exclude(genres="").order_by()
    counted: Counter[int] = Counter()
    for together, count in shelves.values_list("genres").annotate(count=Count("pk")):
        for genre in together.split("\n"):
            counted[int(genre)] += count
    pairs = counted.most_common(MOST_GENRES)
    names = dict(Genre.objects.filter(pk__in=[pk for pk, _count in pairs]).values_list("pk", "name"))
    return [(pk, names[pk], count) for pk, count in pairs if pk in names]


def _count_growth(viewer: User) -> list[tuple[dt.date, int]]:
    """Of the last months up to the one in which the newest track came: since the first, within those bounds."""
    # The year and the month, as both databases write a moment down.
    month = Substr(Cast("added_at", CharField()), 1, 7)
    months = Track.objects.visible_to(viewer).order_by().values_list(month).annotate(count=Count("pk"))
    counted = {_number_month(written): count for written, count in months}
    if not counted:
        return []
    last = max(counted)
    shown = range(max(last - MOST_MONTHS, min(min(counted), last - LEAST_MONTHS + 1) - 1) + 1, last + 1)
    totals = ((month, sum(count for other, count in counted.items() if other <= month)) for month in shown)
    return [(dt.date(month // 12, month % 12 + 1, 1), total) for month, total in totals]


def _number_month(written: str) -> int:
    """Months since the year 0, of "2026-11"."""
    year, month = written.split("-")
    return int(year) * 12 + int(month) - 1


_PICTURES: Final[Kept[Pictures]] = Kept(20)
