"""Tracks that are what a description in words says: from the words found in them, what was measured, and metadata.

Each term gives a track from 0 to 1: a word of the encoder .6 where it was found at all and up to 1 where it stands out
most in this catalog, a genre of the file 1, a pace or a level by how far the measured value lies inside its range. A
track fits as well as its terms do on the mean, and has none of those that are unwanted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from recommender.catalog.browsing import visible_genres
from recommender.catalog.models import Track, TrackQuerySet, TrackTag
from recommender.catalog.models.music import Viewer
from recommender.catalog.models.shelves import LEAST_CONFIDENCE, PACES
from recommender.catalog.names import fold
from recommender.similarity.errors import check_count
from recommender.similarity.explain import HIGH, LOW
from recommender.similarity.words import Term, TermKind, list_phrases, read_description

LARGEST_LIMIT: Final = 100
# What a term gives that just holds; of several, all have to hold, or most of them well.
HOLDS: Final = 0.6

# A value and what it gives, with straight lines between.
_Curve = tuple[Sequence[float], Sequence[float]]
_SLOW, _FAST = PACES["slow"], PACES["medium"]
_PACE_CURVES: Final[dict[str, _Curve]] = {
    "slow": ((_SLOW - 30, _SLOW, _SLOW + 15), (1, HOLDS, 0)),
    "medium": ((_SLOW - 10, _SLOW, (_SLOW + _FAST) / 2, _FAST, _FAST + 10), (0, HOLDS, 1, HOLDS, 0)),
    "fast": ((_FAST - 15, _FAST, _FAST + 30), (0, HOLDS, 1)),
}
_LOW_CURVE: Final[_Curve] = ((LOW - 0.2, LOW, LOW + 0.15), (1, HOLDS, 0))
_HIGH_CURVE: Final[_Curve] = ((HIGH - 0.15, HIGH, HIGH + 0.2), (0, HOLDS, 1))
_LEVEL_CURVES: Final[dict[str, tuple[str, _Curve]]] = {
    "calm": ("energy", _LOW_CURVE),
    "powerful": ("energy", _HIGH_CURVE),
    "dark": ("brightness", _LOW_CURVE),
    "bright": ("brightness", _HIGH_CURVE),
}

Fits = Mapping[int, float]


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """`fit` 0-1; `has` and `lacks` are the wanted terms."""

    track: Track
    fit: float
    has: list[Term]
    lacks: list[Term]


@dataclass(frozen=True, kw_only=True)
class Described:
    """`terms` were understood, `strange` words were not. `is_floor_reached`: there are tracks that fit less."""

    found: list[Fitting] = field(default_factory=list)
    terms: Sequence[Term] = ()
    strange: Sequence[str] = ()
    is_floor_reached: bool = False

    @property
    def has_wanted(self) -> bool:
        return any(not term.is_unwanted for term in self.terms)


def find_described(text: str, viewer: Viewer, limit: int = 30) -> Described:
    """The tracks that fit `text` best, among those `viewer` may see. Raises BadWishError."""
    check_count(limit, LARGEST_LIMIT)
    phrases = list_phrases(text)
    known = dict(visible_genres(viewer).filter(name_key__in=phrases).values_list("name_key", "pk")) if phrases else {}
    description = read_description(text, known)
    wanted = [term for term in description.terms if not term.is_unwanted]
    if not wanted:
        return Described(terms=description.terms, strange=description.strange)
    allowed = Track.objects.visible_to(viewer).recommendable()
    fits = _find_fits(description.terms, allowed, known)
    ranked = _rank(fits, wanted, [term for term in description.terms if term.is_unwanted])
    chosen = [(track_id, fit) for track_id, fit in ranked[:limit] if fit >= HOLDS]
    return Described(
        found=_load(chosen, wanted, fits),
        terms=description.terms,
        strange=description.strange,
        is_floor_reached=len(chosen) < min(limit, len(ranked)),
    )


def _rank(fits: Mapping[Term, Fits], wanted: Sequence[Term], unwanted: Sequence[Term]) -> list[tuple[int, float]]:
    sums: dict[int, float] = defaultdict(float)
    for term in wanted:
        for track_id, fit in fits[term].items():
            sums[track_id] += fit
    spoilt = {track_id for term in unwanted for track_id, fit in fits[term].items() if fit >= HOLDS}
    means = [(track_id, total / len(wanted)) for track_id, total in sums.items() if track_id not in spoilt]
    return sorted(means, key=lambda pair: (-pair[1], -pair[0]))


def _find_fits(terms: Sequence[Term], allowed: TrackQuerySet, genres: Mapping[str, int]) -> dict[Term, Fits]:
    """What each term gives to which tracks; those it gives nothing are left out. At most one query for a column."""
    fits = _fit_words(terms, allowed) | _fit_curves(terms, allowed) | _fit_values(terms, allowed)
    return fits | _fit_genres(fits, terms, allowed, genres)


def _fit_words(terms: Sequence[Term], allowed: TrackQuerySet) -> dict[Term, Fits]:
    of_words = {str(term.value): term for term in terms if term.kind == TermKind.WORD}
    if not of_words:
        return {}
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in of_words}
    tags = TrackTag.objects.filter(name__in=of_words, track__in=allowed).order_by()
    for name, probability, track_id in tags.values_list("name", "probability", "track_id"):
        found[name].append((probability, track_id))
    return {of_words[name]: _spread_out(sorted(pairs)) for name, pairs in found.items()}


def _spread_out(ascending: Sequence[tuple[float, int]]) -> Fits:
    """From HOLDS to 1 by place: probabilities of different words are not of one scale."""
    step = (1 - HOLDS) / max(1, len(ascending))
    return {track_id: HOLDS + step * (place + 1) for place, (_, track_id) in enumerate(ascending)}


def _fit_curves(terms: Sequence[Term], allowed: TrackQuerySet) -> dict[Term, Fits]:
    curves = {term: curve for term in terms if (curve := _curve_of(term)) is not None}
    fits: dict[Term, Fits] = {}
    for column in {column for column, _ in curves.values()}:
        values = _measured(allowed, column)
        ids, known = np.array([pk for pk, _ in values], np.int64), np.array([value for _, value in values], float)
        for term, (own, (knots, levels)) in curves.items():
            if own == column:
                given = np.interp(known, knots, levels)
                fits[term] = dict(zip(ids[given > 0].tolist(), given[given > 0].tolist(), strict=True))
    return fits


def _curve_of(term: Term) -> tuple[str, _Curve] | None:
    if term.kind == TermKind.PACE:
        return "tempo_bpm", _PACE_CURVES[str(term.value)]
    return _LEVEL_CURVES[str(term.value)] if term.kind == TermKind.LEVEL else None


def _measured(allowed: TrackQuerySet, column: str) -> list[tuple[int, float]]:
    known = allowed.filter(**{f"{column}__isnull": False})
    if column == "tempo_bpm":
        known = known.filter(tempo_confidence__gte=LEAST_CONFIDENCE)
    return list(known.order_by().values_list("pk", column))


def _fit_values(terms: Sequence[Term], allowed: TrackQuerySet) -> dict[Term, Fits]:
    """A key or a decade is as it is said, or it is not."""
    keys = {int(term.value): term for term in terms if term.kind == TermKind.KEY}
    decades = {int(term.value): term for term in terms if term.kind == TermKind.DECADE}
    fits: dict[Term, dict[int, float]] = {term: {} for term in (*keys.values(), *decades.values())}
    if keys:
        sure = allowed.filter(key__in=keys, key_confidence__gte=LEAST_CONFIDENCE).order_by()
        for track_id, key in sure.values_list("pk", "key"):
            fits[keys[key or 0]][track_id] = 1.0
    if decades:
        dated = allowed.filter(year__in=[year + more for year in decades for more in range(10)]).order_by()
        for track_id, year in dated.values_list("pk", "year"):
            fits[decades[(year or 0) // 10 * 10]][track_id] = 1.0
    return dict(fits)


def _fit_genres(
    fits: Mapping[Term, Fits], terms: Sequence[Term], allowed: TrackQuerySet, genres: Mapping[str, int]
) -> dict[Term, Fits]:
    """A genre that the files name counts in full, also where it is a word of the encoder as well."""
    told = {
        term: {genres[name] for name in (fold(str(term.value)), term.said) if name in genres}
        for term in terms
        if term.kind in (TermKind.WORD, TermKind.GENRE)
    }
    wanted = {genre_id for ids in told.values() for genre_id in ids}
    members: dict[int, list[int]] = defaultdict(list)
    if wanted:
        through = Track.genres.through.objects.filter(genre__in=wanted, track__in=allowed)
        for genre_id, track_id in through.values_list("genre_id", "track_id"):
            members[genre_id].append(track_id)
    return {
        term: {**fits.get(term, {}), **{track_id: 1.0 for genre_id in ids for track_id in members[genre_id]}}
        for term, ids in told.items()
    }


def _load(chosen: Sequence[tuple[int, float]], wanted: Sequence[Term], fits: Mapping[Term, Fits]) -> list[Fitting]:
    listed = Track.objects.for_listing().in_bulk([track_id for track_id, _ in chosen])
    return [
        Fitting(
            track=listed[track_id],
            fit=fit,
            has=[term for term in wanted if fits[term].get(track_id, 0) >= HOLDS],
            lacks=[term for term in wanted if fits[term].get(track_id, 0) < HOLDS],
        )
        for track_id, fit in chosen
        if track_id in listed
    ]
