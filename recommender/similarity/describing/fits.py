"""What a term of a description gives a track, from 0 to 1, as SQL: so that the best are found without reading the rest.

A word of the encoder gives .6 where it was found at all and up to 1 where it stands out most in this catalog, a genre
of the file and a mood that people gave 1, a pace or a level by how far the measured value lies inside its range, a key
or a decade 1.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Case, Exists, F, FilteredRelation, FloatField, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable

from recommender.catalog.models import Track, TrackQuerySet, TrackTag
from recommender.catalog.models.shelves import LEAST_CONFIDENCE, PACES
from recommender.catalog.moods import MOODS
from recommender.catalog.names import fold
from recommender.similarity.describing.words import Term, TermKind
from recommender.similarity.explain import HIGH, LOW

# What a term gives that just holds; of several, all have to hold, or most of them well.
HOLDS: Final = 0.6

# Values, ascending, and what they give, with straight lines between.
Curve = tuple[Sequence[float], Sequence[float]]
_SLOW, _FAST = PACES["slow"], PACES["medium"]
_PACE_CURVES: Final[dict[str, Curve]] = {
    "slow": ((_SLOW - 30, _SLOW, _SLOW + 15), (1, HOLDS, 0)),
    "medium": ((_SLOW - 10, _SLOW, (_SLOW + _FAST) / 2, _FAST, _FAST + 10), (0, HOLDS, 1, HOLDS, 0)),
    "fast": ((_FAST - 15, _FAST, _FAST + 30), (0, HOLDS, 1)),
}
_LOW_CURVE: Final[Curve] = ((LOW - 0.2, LOW, LOW + 0.15), (1, HOLDS, 0))
_HIGH_CURVE: Final[Curve] = ((HIGH - 0.15, HIGH, HIGH + 0.2), (0, HOLDS, 1))
_LEVEL_CURVES: Final[dict[str, tuple[str, Curve]]] = {
    "calm": ("energy", _LOW_CURVE),
    "powerful": ("energy", _HIGH_CURVE),
    "dark": ("brightness", _LOW_CURVE),
    "bright": ("brightness", _HIGH_CURVE),
}
# So many tracks that have a word tell how it is spread in the catalog, and so many of them are the knots of its curve.
_MOST_TELLING: Final = 500
_KNOTS: Final = 9


def add_fits(
    allowed: TrackQuerySet, terms: Sequence[Term], genres: Mapping[str, int]
) -> tuple[TrackQuerySet, list[str]]:
    """`allowed` with what each term gives, and the names of these columns. In one query where there are words.

    `genres`: the ids of those that are known, by their keys.
    """
    curves = _find_word_curves(allowed, [str(term.value) for term in terms if term.kind == TermKind.WORD])
    names = [f"fit_{number}" for number in range(len(terms))]
    words, fits = {}, {}
    for name, term in zip(names, terms, strict=True):
        if term.kind == TermKind.WORD:
            words[f"{name}_word"] = FilteredRelation("tags", condition=Q(tags__name=term.value))
        said = _is_of_genre(term, genres) | _is_given(term)
        whens = [*([When(said, then=1.0)] if said else []), *_whens_of(term, name, curves)]
        fits[name] = Case(*whens, default=0.0, output_field=FloatField())
    return allowed.annotate(**words).annotate(**fits), names


def require_any(term: Term, name: str, genres: Mapping[str, int]) -> Q:
    """That `term`, whose column has this name, gives a track anything at all: an index may know which tracks."""
    asked = Q()
    if term.kind == TermKind.WORD:
        asked = Q(**{f"{name}_word__probability__isnull": False})
    elif term.kind == TermKind.PACE:
        asked = Q(tempo_confidence__gte=LEAST_CONFIDENCE) & _inside("tempo_bpm", _PACE_CURVES[str(term.value)])
    elif term.kind == TermKind.LEVEL:
        asked = _inside(*_LEVEL_CURVES[str(term.value)]) | _is_given(term)
    elif term.kind in (TermKind.KEY, TermKind.DECADE):
        asked = _is_as_said(term)
    named = _is_of_genre(term, genres)
    return named | asked if named and asked else named or asked


def _inside(column: str, curve: Curve) -> Q:
    values, levels = curve
    above = Q() if levels[0] else Q(**{f"{column}__gt": values[0]})
    return above if levels[-1] else above & Q(**{f"{column}__lt": values[-1]})


def _is_as_said(term: Term) -> Q:
    if term.kind == TermKind.KEY:
        return Q(key=term.value, key_confidence__gte=LEAST_CONFIDENCE)
    return Q(year__gte=term.value, year__lt=int(term.value) + 10)


def _is_of_genre(term: Term, genres: Mapping[str, int]) -> Q:
    """A genre that the files name counts in full, also where it is a word of the encoder as well."""
    if term.kind not in (TermKind.WORD, TermKind.GENRE):
        return Q()
    ids = {genres[name] for name in (fold(str(term.value)), term.said) if name in genres}
    of_track = Track.genres.through.objects.filter(track=OuterRef("pk"), genre__in=ids)
    return Q(Exists(of_track)) if ids else Q()


def _is_given(term: Term) -> Q:
    """What people said counts in full, whatever was measured."""
    if term.kind not in (TermKind.WORD, TermKind.LEVEL) or term.value not in MOODS:
        return Q()
    return Q(pk__in=TrackTag.objects.filter(name=term.value, is_given=True).values("track"))


def _whens_of(term: Term, name: str, curves: Mapping[str, Curve]) -> list[When]:
    if term.kind == TermKind.WORD:
        return _follow(f"{name}_word__probability", curves[str(term.value)]) if str(term.value) in curves else []
    if term.kind == TermKind.PACE:
        guessed = Q(tempo_confidence__isnull=True) | Q(tempo_confidence__lt=LEAST_CONFIDENCE)
        return [When(guessed, then=0.0), *_follow("tempo_bpm", _PACE_CURVES[str(term.value)])]
    if term.kind == TermKind.LEVEL:
        return _follow(*_LEVEL_CURVES[str(term.value)])
    return [When(_is_as_said(term), then=1.0)] if term.kind in (TermKind.KEY, TermKind.DECADE) else []


def _follow(column: str, curve: Curve) -> list[When]:
    """The branches of a CASE that read `curve` at `column`; what is not known gives nothing."""
    values, levels = curve
    whens = [When(**{f"{column}__isnull": True}, then=0.0), When(**{f"{column}__lte": values[0]}, then=levels[0])]
    for place in range(1, len(values)):
        width = values[place] - values[place - 1]
        slope = (levels[place] - levels[place - 1]) / width if width else 0.0
        line: Combinable = Value(levels[place - 1]) + (F(column) - values[place - 1]) * slope
        whens.append(When(**{f"{column}__lte": values[place]}, then=line))
    return [*whens, When(**{f"{column}__gt": values[-1]}, then=levels[-1])]


def _find_word_curves(allowed: TrackQuerySet, words: Collection[str]) -> Mapping[str, Curve]:
    """From HOLDS to 1 by place: probabilities of different words are not of one scale."""
    if not words:
        return {}
    tags = TrackTag.objects.filter(track__in=allowed, is_given=False).order_by()
    some = reduce(or_, (Q(pk__in=tags.filter(name=word).values("pk")[:_MOST_TELLING]) for word in words))
    found: dict[str, list[float]] = defaultdict(list)
    for name, probability in TrackTag.objects.filter(some).order_by().values_list("name", "probability"):
        found[name].append(probability)
    return {name: _spread_out(sorted(probabilities)) for name, probabilities in found.items()}


def _spread_out(ascending: Sequence[float]) -> Curve:
    """As many knots as there are places, up to a bound; the last one is always among them."""
    places = sorted({round((number + 1) * len(ascending) / _KNOTS) - 1 for number in range(_KNOTS)} - {-1})
    levels = [HOLDS + (1 - HOLDS) * (place + 1) / len(ascending) for place in places]
    return [ascending[place] for place in places], levels
