"""What a listener wants recommendations narrowed to. SQL answers, so that an edit of a track counts at once."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import isfinite
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.catalog.models import Credit, Track, TrackTag
from recommender.catalog.models.shelves import LEAST_CONFIDENCE
from recommender.similarity.errors import BadWishError
from recommender.similarity.explain import KEYS, compatible_keys

Range = tuple[float | None, float | None]

_SPOKEN: Final = {
    "year": gettext_noop("year"),
    "tempo_bpm": gettext_noop("tempo"),
    "duration_seconds": gettext_noop("duration"),
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """All that is given must hold. Ranges include both ends, None being open; a track of unknown value is outside.

    `key` 0-23 (C to B major, then minor) finds that key only, or with `is_harmonic` those that mix with it. Of `tags`
    and `genres` a track must have one each; of `tempo_bpm` its half or double does not count.
    """

    genres: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    artist: int | None = None
    release: int | None = None
    year: Range = (None, None)
    tempo_bpm: Range = (None, None)
    duration_seconds: Range = (None, None)
    key: int | None = None
    is_harmonic: bool = False
    added_since: dt.datetime | None = None

    def __post_init__(self) -> None:
        for name in _SPOKEN:
            _check_range(name, getattr(self, name))
        if any("\0" in tag for tag in self.tags):
            raise BadWishError(_("A tag is written in letters."))
        if self.key is not None and self.key not in range(2 * KEYS):
            raise BadWishError(_("A key is a number from 0 to 23."))

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, each.name) == each.default for each in fields(self))

    def condition(self) -> Q:
        """For tracks."""
        found = Q()
        for part in self._parts():
            found &= part
        return found

    def _parts(self) -> Iterator[Q]:
        if self.genres:
            yield Q(Exists(Track.genres.through.objects.filter(track=OuterRef("pk"), genre__in=self.genres)))
        if self.tags:
            yield Q(Exists(TrackTag.objects.filter(track=OuterRef("pk"), name__in=self.tags)))
        if self.artist is not None:
            yield Q(Exists(Credit.objects.filter(track=OuterRef("pk"), artist=self.artist)))
        if self.release is not None:
            yield Q(release=self.release)
        if self.added_since is not None:
            yield Q(added_at__gte=self.added_since)
        yield from _within("year", self.year)
        yield from _within("duration_seconds", self.duration_seconds)
        if self.tempo_bpm != (None, None):
            yield Q(tempo_confidence__gte=LEAST_CONFIDENCE)
            yield from _within("tempo_bpm", self.tempo_bpm)
        if self.key is not None:
            keys = compatible_keys(self.key) if self.is_harmonic else {self.key}
            yield Q(key__in=keys, key_confidence__gte=LEAST_CONFIDENCE)


def _within(name: str, ends: Range) -> Iterator[Q]:
    lowest, highest = ends
    if lowest is not None:
        yield Q(**{f"{name}__gte": lowest})
    if highest is not None:
        yield Q(**{f"{name}__lte": highest})


def _check_range(name: str, ends: Range) -> None:
    """Raises BadWishError."""
    given = [end for end in ends if end is not None]
    spoken = {"name": _(_SPOKEN[name])}
    if not all(isfinite(end) and 0 <= end < 1e9 for end in given):
        raise BadWishError(_("A %(name)s is a number from 0 up.") % spoken)
    if len(given) == 2 and given[0] > given[1]:
        raise BadWishError(_("The lowest %(name)s is higher than the highest: nothing can be found.") % spoken)
