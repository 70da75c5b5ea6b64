"""How many tracks there are of every genre, decade, tempo ..., among those that a viewer has narrowed the library to.

The counts of a facet leave its own filter out, so that they say what choosing one value more would bring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from recommender.catalog.kept import Kept
from recommender.catalog.models import Analysis, AnalysisState, Shelf, Track, TrackQuerySet, TrackTag
from recommender.catalog.models.music import Viewer
from recommender.catalog.models.shelves import ShelfQuerySet
from recommender.catalog.tally import Ids, Reading, Tally, make_tally

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
    def tally(self) -> Tally:
        """Without the facets, all but the state: that has no column where it would have to be looked up for all."""
        if self.ids is not None:
            return _tally_found(self, self.ids)
        return _TALLIES.of(self.viewer, self._key, lambda: _tally(self))

    @cached_property
    def counts(self) -> Counts:
        by_facet = self.tally.count(self.chosen)
        return Counts(ids=self.tally.select(self.chosen), by_facet=by_facet)

    @property
    def _key(self) -> Hashable:
        """What the tally depends on, besides the catalog and what the viewer sees of it."""
        return self.chosen.get("state"), self.viewer.pk if self.is_mine else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """`ids` are those of the selection; `by_facet` has the tracks of each value, in no order."""

    ids: Ids
    by_facet: Mapping[str, Mapping[Any, int]]

    @property
    def total(self) -> int:
        return len(self.ids)


def select_tracks(selection: Selection) -> TrackQuerySet:
    """The tracks of a selection, ready to be sorted and cut."""
    visible, counts = Track.objects.visible_to(selection.viewer), selection.counts
    if selection.ids is not None or counts.total <= _FEW:
        return visible.filter(pk__in=counts.ids.tolist()) if counts.total else visible.none()
    if not selection.chosen:
        return visible.filter(selection.scope)
    return visible.filter(Exists(_shelves(selection).filter(track=OuterRef("pk"))))


def count_states(selection: Selection) -> Mapping[str, int]:
    """How many tracks of the selection are in each state; its own filter is left out."""
    if selection.ids is not None:
        return selection.counts.by_facet["state"]
    key = frozenset(selection.chosen.items()), selection.viewer.pk if selection.is_mine else None
    return _STATES.of(selection.viewer, key, lambda: _count_states(selection))


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


def _tally(selection: Selection) -> Tally:
    shelves = _shelves(selection, without=_READINGS).order_by()
    rows = shelves.values_list("pk", *FACTS.values(), *SETS.values())
    # So many rows take half as long as they are.
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        return make_tally(cursor, _READINGS)


def _tally_found(selection: Selection, ids: tuple[int, ...]) -> Tally:
    """What a search found is so little that the state of each can be looked up."""
    found = Shelf.objects.visible_to(selection.viewer).filter(selection.scope, pk__in=ids)
    rows = _with_state(found).values_list("pk", *FACTS.values(), *SETS.values(), "state")
    return make_tally(rows, {**_READINGS, "state": lambda state: [_NAMES_OF_STATES[state]]})


def _read_fact(cell: Any) -> list[Any]:
    return [] if cell is None else [cell]


def _read_genres(cell: str) -> list[int]:
    return [int(genre) for genre in cell.split("\n")] if cell else []


def _read_tags(cell: str) -> list[str]:
    return cell.split("\n") if cell else []


_READINGS: Final[Mapping[str, Reading]] = {**dict.fromkeys(FACTS, _read_fact), "genre": _read_genres, "tag": _read_tags}
# One of a hundred thousand tracks takes 3 MB.
_TALLIES: Final[Kept[Tally]] = Kept(10, may_lag=True)
_STATES: Final[Kept[Mapping[str, int]]] = Kept(500, may_lag=True)
