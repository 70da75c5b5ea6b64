"""Tracks that are what a description in words says: from the words found in them, what was measured, and metadata.

A track fits as well as its terms do on the mean (`describing.fits`), and has none of those that are unwanted. Those
that fit come as the listener's taste orders them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Final

import numpy as np
from django.db.models import F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from recommender.catalog.browsing import visible_genres
from recommender.catalog.models import Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.describing.fits import HOLDS, add_fits, require_any
from recommender.similarity.describing.words import Term, list_phrases, read_description
from recommender.similarity.errors import check_count
from recommender.similarity.explain import Reason, explain_taste
from recommender.similarity.spaces import active_space
from recommender.similarity.taste import Taste, find_vectors, read_taste

LARGEST_LIMIT: Final = 100
# So many that fit best are looked at as the listener's taste sees them; more where it leaves too few.
_TASTED: Final = (300, 3_000)
# Sums of fractions may be short of it by rounding.
_LEAST: Final = HOLDS - 1e-9


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """`fit` 0-1; `has` and `lacks` are the wanted terms. `reasons`: what the listener's taste had to say."""

    track: Track
    fit: float
    has: list[Term]
    lacks: list[Term]
    reasons: list[Reason]


@dataclass(frozen=True, kw_only=True)
class Described:
    """`terms` were understood, `strange` words were not. `is_floor_reached`: there are tracks that fit less.
    `passed_over`: how many that fit are left out for what the listener said before.
    """

    found: list[Fitting] = field(default_factory=list)
    terms: Sequence[Term] = ()
    strange: Sequence[str] = ()
    is_floor_reached: bool = False
    passed_over: int = 0

    @property
    def has_wanted(self) -> bool:
        return any(not term.is_unwanted for term in self.terms)


@dataclass(frozen=True, kw_only=True)
class _Rated:
    """A track, how well it fits, what each wanted term gives it, and what the taste adds."""

    track_id: int
    fit: float
    fits: Sequence[float]
    moved: float = 0.0

    @property
    def worth(self) -> float:
        return self.fit + self.moved


def find_described(text: str, viewer: Viewer, limit: int = 30) -> Described:
    """The tracks that fit `text` best, among those `viewer` may see. Raises BadWishError."""
    check_count(limit, LARGEST_LIMIT)
    phrases = list_phrases(text)
    known = dict(visible_genres(viewer).filter(name_key__in=phrases).values_list("name_key", "pk")) if phrases else {}
    description = read_description(text, known)
    terms = sorted(description.terms, key=lambda term: term.is_unwanted)
    wanted = [term for term in terms if not term.is_unwanted]
    if not wanted:
        return Described(terms=description.terms, strange=description.strange)
    allowed = Track.objects.visible_to(viewer).recommendable()
    fitting, names = _rate(allowed, terms, len(wanted), known)
    rated, passed_over = _choose(_narrow(fitting, wanted, names, known), names, limit, viewer)
    return Described(
        found=_load(rated, wanted),
        terms=description.terms,
        strange=description.strange,
        is_floor_reached=len(rated) < limit and fitting.filter(Q(fit__gt=0, fit__lt=_LEAST)).exists(),
        passed_over=passed_over,
    )


def _rate(
    allowed: TrackQuerySet, terms: Sequence[Term], wanted: int, genres: Mapping[str, int]
) -> tuple[TrackQuerySet, list[str]]:
    """`allowed` with their `fit`, without those that have what is unwanted, and the wanted columns.

    Of `terms` the first so many are wanted.
    """
    fitting, names = add_fits(allowed, terms, genres)
    total: Combinable = reduce(add, [F(name) for name in names[:wanted]])
    fitting = fitting.annotate(fit=Cast(total, FloatField()) / Value(float(wanted))).order_by()
    return fitting.filter(**{f"{name}__lt": HOLDS for name in names[wanted:]}), names[:wanted]


def _narrow(
    fitting: TrackQuerySet, wanted: Sequence[Term], names: Sequence[str], genres: Mapping[str, int]
) -> TrackQuerySet:
    """Without those that cannot fit, where an index knows them: of one term or two each has to give something."""
    if (len(wanted) - 1) / len(wanted) < HOLDS:
        for term, name in zip(wanted, names, strict=True):
            fitting = fitting.filter(require_any(term, name, genres))
    return fitting.filter(Q(fit__gte=_LEAST))


def _choose(fitting: TrackQuerySet, names: Sequence[str], limit: int, viewer: Viewer) -> tuple[list[_Rated], int]:
    """What is shown, the best first, and how many the listener's taste left out."""
    space = active_space()
    taste = read_taste(viewer, space, []) if space else None
    if space is None or taste is None:
        return _read_best(fitting, names, limit), 0
    for most in _TASTED:
        best = _read_best(fitting, names, most)
        left = [each for each in _move(best, taste, space) if each.worth >= _LEAST]
        if len(left) >= limit or len(best) < most:
            break
    return sorted(left, key=lambda each: (-each.worth, -each.fit, -each.track_id))[:limit], len(best) - len(left)


def _read_best(fitting: TrackQuerySet, names: Sequence[str], most: int) -> list[_Rated]:
    best = fitting.order_by(F("fit").desc(), "-pk")[:most]
    return [_Rated(track_id=pk, fit=fit, fits=fits) for pk, fit, *fits in best.values_list("pk", F("fit"), *names)]


def _move(rated: Sequence[_Rated], taste: Taste, space: Space) -> list[_Rated]:
    """What has no vector stays where it is."""
    vectors = find_vectors(space, [each.track_id for each in rated])
    if not vectors:
        return list(rated)
    ids = np.array(list(vectors), np.int64)
    moved = dict(zip(ids.tolist(), taste.move(ids, np.stack(list(vectors.values()))).tolist(), strict=True))
    return [replace(each, moved=moved.get(each.track_id, 0.0)) for each in rated]


def _load(chosen: Sequence[_Rated], wanted: Sequence[Term]) -> list[Fitting]:
    listed = Track.objects.for_listing().in_bulk([each.track_id for each in chosen])
    return [
        Fitting(
            track=listed[each.track_id],
            fit=min(1.0, each.fit),
            has=[term for term, fit in zip(wanted, each.fits, strict=True) if fit >= _LEAST],
            lacks=[term for term, fit in zip(wanted, each.fits, strict=True) if fit < _LEAST],
            reasons=explain_taste(each.moved),
        )
        for each in chosen
        if each.track_id in listed
    ]
