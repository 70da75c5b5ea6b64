"""The facets beside the library: what can be chosen, how often there is of it, and the links that do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from recommender.catalog.facets import Selection, Values, count_states
from recommender.catalog.models import Genre, Track
from recommender.catalog.models.music import Viewer
from recommender.web.addresses import Address
from recommender.web.facet_words import FACETS

# How many values of a facet are in sight, and how many there are with those that unfold beneath them.
_IN_SIGHT = 8
_MOST = 60


@dataclass(frozen=True, kw_only=True)
class Option:
    label: str
    count: int
    link: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class FacetView:
    title: str
    options: list[Option]
    more: list[Option]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`chosen` is what the library is narrowed to: their links take it away."""

    facets: list[FacetView]
    chosen: list[Option]


def read_chosen(address: Address, viewer: Viewer, *, is_mine: bool) -> dict[str, Values]:
    """What the address narrows the library to. Only curators see the states of what is not their own."""
    chosen = {}
    for name, facet in FACETS.items():
        values = frozenset(value for text in address.values(name) if (value := facet.read(text)) is not None)
        if values and (name != "state" or _may_see_states(viewer, is_mine=is_mine)):
            chosen[name] = values
    return chosen


def build_panel(selection: Selection, address: Address) -> Panel:
    counted = dict(selection.counts.by_facet)
    if _may_see_states(selection.viewer, is_mine=selection.is_mine):
        counted["state"] = count_states(selection)
    offered = {name: _offer(name, counted[name], selection, address) for name in FACETS if name in counted}
    return Panel(
        facets=[_arrange(_(FACETS[name].title), options) for name, options in offered.items() if options],
        chosen=[option for options in offered.values() for option in options if option.is_chosen],
    )


def _may_see_states(viewer: Viewer, *, is_mine: bool) -> bool:
    return is_mine or bool(getattr(viewer, "is_curator", False))


def _offer(name: str, counts: Mapping[Any, int], selection: Selection, address: Address) -> list[Option]:
    """The most frequent values, and what is chosen even if nothing has it."""
    facet, chosen = FACETS[name], selection.chosen.get(name, frozenset())
    present = [value for value, count in counts.items() if count]
    most = sorted(present, key=lambda value: (-counts[value], str(value)))[:_MOST]
    values = sorted({*most, *chosen}, key=lambda value: (facet.rank(value, counts.get(value, 0)), str(value)))
    labels = label_values(name, values, selection.viewer)
    return [
        Option(
            label=labels[value],
            count=counts.get(value, 0),
            link=address.toggled(name, facet.write(value)),
            is_chosen=value in chosen,
        )
        for value in values
        if value in labels
    ]


def label_values(name: str, values: list[Any], viewer: Viewer) -> dict[Any, str]:
    """Anybody may write any number of a genre into an address: without a name it is not offered."""
    if name == "genre":
        known = Track.objects.visible_to(viewer).filter(genres=OuterRef("pk"))
        return dict(Genre.objects.filter(Exists(known), pk__in=values).values_list("pk", "name"))
    return {value: FACETS[name].label(value) for value in values}


def _arrange(title: str, options: list[Option]) -> FacetView:
    """What is chosen stays in sight."""
    in_sight = [*options[:_IN_SIGHT], *(option for option in options[_IN_SIGHT:] if option.is_chosen)]
    more = [option for option in options[_IN_SIGHT:] if not option.is_chosen]
    return FacetView(title=title, options=in_sight, more=more)
