"""How many tracks there are of every genre, decade, tempo ..., among those that a viewer has narrowed the library to.

The counts of a facet leave its own filter out, so that they say what choosing one value more would bring. Decade,
tempo, key and format are counted together, from one scan of an index; genres and tags by the sets that tracks have in
common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from recommender.catalog.kept import Kept
from recommender.catalog.models import Analysis, AnalysisState, Shelf, Track, TrackQuerySet, TrackTag
from recommender.catalog.models.music import Viewer
from recommender.catalog.models.shelves import ShelfQuerySet

Values = frozenset[Any]

# The facets of which a track has one value, and the columns of the shelf that hold it.
FACTS = {"decade": "decade", "tempo": "pace", "key": "key", "format": "file_format"}
# The facets of which it has several.
SETS = {"genre": "genres", "tag": "tags"}
# What people call the states of an analysis. A track without one waits for its first.
STATES = {
    "ready": (AnalysisState.READY,),
    "analysing": (AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING),
    "failed": (AnalysisState.FAILED,),
    "uncompared": (AnalysisState.UNINDEXED,),
}
_NAMES_OF_STATES = {state: name for name, states in STATES.items() for state in states}
# So many tracks are sorted faster than they are picked out of an index that has all in the right order.
_FEW = 2_000


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What `viewer` has narrowed the library to. Values of one facet are alternatives; facets narrow each other.

    `ids` are the tracks a search found, None without one. A selection of the viewer's own tracks, or by state, has
    those too that cannot be played.
    """

    viewer: Viewer
    chosen: Mapping[str, Values] = field(default_factory=dict)
    is_mine: bool = False
    ids: tuple[int, ...] | None = None

    @property
    def has_unplayable(self) -> bool:
        return self.is_mine or bool(self.chosen.get("state"))

    @property
    def scope(self) -> Q:
        """Where a search looks: without the facets."""
        if self.is_mine:
            return Q(owner=self.viewer)
        return Q() if self.has_unplayable else Q(is_playable=True)

    @cached_property
    def counts(self) -> Counts:
        if self.ids is not None:
            return _count_found(self, self.ids)
        return _COUNTS.of(self.viewer, self.key, lambda: _count(self))

    @property
    def key(self) -> Hashable:
        """What the counts depend on, besides the catalog and what the viewer sees of it."""
        return frozenset(self.chosen.items()), self.viewer.pk if self.is_mine else None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`total` is that of the selection; `by_facet` has the tracks of each value, in no order.

    `ids` are those left of what a search found, None without one; only then the states are counted along.
    """

    total: int
    by_facet: Mapping[str, Mapping[Any, int]]
    ids: frozenset[int] | None = None


# Addresses name any number of selections: so many are kept.
_COUNTS: Final[Kept[Counts]] = Kept(500)
_STATES: Final[Kept[Mapping[str, int]]] = Kept(500)


def select_tracks(selection: Selection) -> TrackQuerySet:
    """The tracks of a selection, ready to be sorted and cut."""
    visible = Track.objects.visible_to(selection.viewer)
    if selection.counts.ids is not None:
        return visible.filter(pk__in=selection.counts.ids)
    if not selection.counts.total:
        return visible.none()
    if selection.counts.total <= _FEW:
        return visible.filter(pk__in=list(_shelves(selection).values_list("pk", flat=True)))
    if not selection.chosen:
        return visible.filter(selection.scope)
    return visible.filter(Exists(_shelves(selection).filter(track=OuterRef("pk"))))


def count_states(selection: Selection) -> Mapping[str, int]:
    """How many tracks of the selection are in each state; its own filter is left out."""
    if selection.ids is not None:
        return selection.counts.by_facet["state"]
    return _STATES.of(selection.viewer, selection.key, lambda: _count_states(selection))


def _count_states(selection: Selection) -> Counter[str]:
    found = _with_state(_shelves(selection, without=("state",)))
    counted: Counter[str] = Counter()
    for state, count in found.order_by().values_list("state").annotate(count=Count("*")):
        counted[_NAMES_OF_STATES[state]] += count
    return counted


def _with_state(shelves: ShelfQuerySet) -> QuerySet[Any]:
    """Adds `state`, of the active space."""
    active = Analysis.objects.filter(track=OuterRef("pk"), space__is_active=True)
    return shelves.annotate(state=Coalesce(Subquery(active.values("state")[:1]), Value(AnalysisState.QUEUED.value)))


def _shelves(selection: Selection, *, without: Collection[str] = ()) -> ShelfQuerySet:
    chosen = {name: values for name, values in selection.chosen.items() if values and name not in without}
    found = Shelf.objects.visible_to(selection.viewer).filter(selection.scope)
    for name, values in chosen.items():
        found = found.filter(_condition(name, values))
    return found


def _condition(name: str, values: Values) -> Q:
    if name in FACTS:
        return Q(**{f"{FACTS[name]}__in": values})
    if name == "genre":
        return Q(pk__in=Track.genres.through.objects.filter(genre_id__in=values).values("track_id"))
    if name == "tag":
        return Q(pk__in=TrackTag.objects.filter(name__in=values).values("track_id"))
    return _in_states(values)


def _in_states(names: Values) -> Q:
    active = Analysis.objects.filter(space__is_active=True)
    wanted = [state for name in names for state in STATES[name]]
    found = Q(pk__in=active.filter(state__in=wanted).values("track_id"))
    return found | ~Q(pk__in=active.values("track_id")) if "analysing" in names else found


def _count(selection: Selection) -> Counts:
    total, by_facet = _count_facts(selection)
    counted: Any = None
    for name, column in SETS.items():
        by_facet[name] = Counter()
        rows = _shelves(selection, without=(name,)).exclude(**{column: ""}).order_by()
        named: Any = rows.annotate(facet=Value(name)).values_list("facet", column).annotate(count=Count("*"))
        counted = named if counted is None else counted.union(named, all=True)
    for name, joined, count in counted or ():
        for value in _split(name, joined):
            by_facet[name][value] += count
    return Counts(total=total, by_facet=by_facet)


def _split(name: str, joined: str) -> list[Any]:
    values = joined.split("\n") if joined else []
    return [int(value) for value in values] if name == "genre" else values


def _count_found(selection: Selection, ids: tuple[int, ...]) -> Counts:
    """The same for what a search found: so few that one query and a look at each of them do it."""
    counted: dict[str, Counter[Any]] = {name: Counter() for name in (*FACTS, *SETS, "state")}
    left: list[int] = []
    found = Shelf.objects.visible_to(selection.viewer).filter(selection.scope, pk__in=ids)
    rows = _with_state(found).values_list("pk", *FACTS.values(), *SETS.values(), "state")
    for pk, *facts, genres, tags, state in rows:
        values = {name: {fact} - {None} for name, fact in zip(FACTS, facts, strict=True)}
        values |= {
            "genre": {*_split("genre", genres)},
            "tag": {*_split("tag", tags)},
            "state": {_NAMES_OF_STATES[state]},
        }
        missed = [name for name, wanted in selection.chosen.items() if wanted and not wanted & values[name]]
        left += [pk] if not missed else []
        for name in values if not missed else missed[:1] if len(missed) == 1 else ():
            counted[name].update(values[name])
    return Counts(total=len(left), by_facet=counted, ids=frozenset(left))


def _count_facts(selection: Selection) -> tuple[int, dict[str, Counter[Any]]]:
    """The total, and the counts of those facets of which a track has one value: each pair of values is read once."""
    wanted = [selection.chosen.get(name, frozenset()) for name in FACTS]
    counters: list[Counter[Any]] = [Counter() for _ in FACTS]
    total = 0
    rows = _shelves(selection, without=FACTS).order_by().values_list(*FACTS.values()).annotate(count=Count("*"))
    for *values, count in rows:
        missed = [i for i, value in enumerate(values) if wanted[i] and value not in wanted[i]]
        if not missed:
            total += count
        for i, value in enumerate(values):
            if value is not None and missed in ([], [i]):
                counters[i][value] += count
    return total, dict(zip(FACTS, counters, strict=True))
