"""One page of the library: what its address asks for, in words, links and tracks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.catalog.facets import Selection, select_tracks
from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.search import MOST_FOUND, find_tracks
from recommender.web.addresses import Address, read_address
from recommender.web.asked_numbers import parse_whole
from recommender.web.asked_tracks import read_text
from recommender.web.describe import is_description
from recommender.web.facet_panel import FacetView, Option, build_panel, read_chosen
from recommender.web.facet_words import FACETS
from recommender.web.paging import Cut, Order, cut_page, load_rows

PAGE_SIZE = 48
NEWEST, RELEVANCE = "newest", "relevance"
SORTS: dict[str, tuple[str, Order]] = {
    NEWEST: (gettext_noop("Newest"), Order(is_descending=True)),
    "title": (gettext_noop("Title"), Order(field="title_key", kind=str)),
    "artist": (gettext_noop("Artist"), Order(field="artist__name_key", kind=str, is_nullable=True)),
    "release": (gettext_noop("Release"), Order(field="release__title_key", kind=str, is_nullable=True)),
    "year": (gettext_noop("Year"), Order(field="year", is_descending=True, is_nullable=True)),
    "tempo": (gettext_noop("Tempo"), Order(field="tempo_bpm", kind=float, is_nullable=True)),
    "energy": (gettext_noop("Energy"), Order(field="energy", kind=float, is_descending=True, is_nullable=True)),
    "length": (gettext_noop("Length"), Order(field="duration_seconds", kind=float, is_nullable=True)),
}
# All that the address of a library page may say, in the order in which links say it.
KNOWN = ("q", *FACETS, "mine", "sort", "view", "after", "before")


@dataclass(frozen=True, kw_only=True)
class Choice:
    label: str
    link: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class LibraryPage:
    """`before` and `after` are the query strings of the pages beside this one; empty at the ends.

    `total` is the number of tracks; `has_more` when a search found more than it looks at. `is_untouched`: nothing was
    narrowed down, and there is nothing. `is_description`: the query may as well be meant as one.
    """

    tracks: list[Track]
    query: str
    total: int
    has_more: bool
    before: str
    after: str
    is_list: bool
    grid_link: str
    list_link: str
    sorts: list[Choice]
    mine: Choice | None
    facets: list[FacetView]
    chosen: list[Option]
    first: str
    everything: str
    is_untouched: bool
    has_unfinished: bool
    is_description: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An address read, with what it leads to."""

    address: Address
    query: str
    sort: str
    order: Order
    selection: Selection


def browse(viewer: Viewer, given: QueryDict) -> LibraryPage:
    asked = read_asked(viewer, given)
    selection, address = asked.selection, asked.address
    cut = _cut_ranked(asked) if asked.sort == RELEVANCE else _cut_sorted(asked)
    panel = build_panel(selection, address)
    is_untouched = not (selection.counts.total or asked.query or selection.chosen or selection.is_mine)
    return LibraryPage(
        tracks=cut.rows,
        query=asked.query,
        total=selection.counts.total,
        has_more=selection.counts.total == MOST_FOUND == len(selection.ids or ()),
        before=address.replaced("after" if asked.sort == RELEVANCE else "before", cut.before) if cut.before else "",
        after=address.replaced("after", cut.after) if cut.after else "",
        is_list=address.get("view") == "list",
        grid_link=address.replaced("view"),
        list_link=address.replaced("view", "list"),
        sorts=list(_offer_sorts(asked)),
        mine=_offer_mine(asked),
        facets=panel.facets,
        chosen=panel.chosen,
        first=address.cleared(),
        everything=address.cleared("q", "mine", "sort", *FACETS),
        is_untouched=is_untouched,
        is_description=bool(asked.query) and is_description(asked.query),
        has_unfinished=is_untouched and Track.objects.visible_to(viewer).exists(),
    )


def read_asked(viewer: Viewer, given: QueryDict) -> Asked:
    address = read_address(given, KNOWN)
    query = read_text(given.get("q", ""))
    is_mine = viewer.is_authenticated and address.get("mine") == "1"
    chosen = read_chosen(address, viewer, is_mine=is_mine)
    selection = Selection(viewer=viewer, chosen=chosen, is_mine=is_mine)
    if query:
        found = find_tracks(query, Track.objects.visible_to(viewer).filter(selection.scope))
        selection = replace(selection, ids=tuple(found))
    sort, order = _read_sort(address.get("sort"), RELEVANCE if query else NEWEST)
    return Asked(address=address, query=query, sort=sort, order=order, selection=selection)


def _read_sort(text: str, fallback: str) -> tuple[str, Order]:
    """`tempo`, or `-tempo` the other way round; what is unknown is the fallback."""
    name = text.removeprefix("-")
    if name not in SORTS:
        return fallback, SORTS[NEWEST][1]
    order = SORTS[name][1]
    return text, order.reversed() if text.startswith("-") else order


def _cut_sorted(asked: Asked) -> Cut[Track]:
    places = {name: asked.address.get(name) for name in ("after", "before")}
    listed = Track.objects.visible_to(asked.selection.viewer).for_listing()
    return cut_page(select_tracks(asked.selection), asked.order, places, size=PAGE_SIZE, listed=listed)


def _cut_ranked(asked: Asked) -> Cut[Track]:
    """Places among what a search found are plain numbers, of the first track of a page: no column has its order."""
    left = set(asked.selection.counts.ids.tolist())
    ranked = [pk for pk in asked.selection.ids or () if pk in left]
    first = parse_whole(asked.address.get("after")) or 0
    listed = Track.objects.visible_to(asked.selection.viewer).for_listing()
    return Cut(
        rows=load_rows(listed, ranked[first : first + PAGE_SIZE]),
        before=str(max(0, first - PAGE_SIZE)) if first else "",
        after=str(first + PAGE_SIZE) if first + PAGE_SIZE < len(ranked) else "",
    )


def _offer_sorts(asked: Asked) -> Iterator[Choice]:
    """The link of the sort in force turns it round."""
    if asked.query:
        yield Choice(label=_("Best match"), link=asked.address.replaced("sort"), is_chosen=asked.sort == RELEVANCE)
    for name, (label, _order) in SORTS.items():
        is_turned = asked.sort == name
        arrow = {name: " ↓", f"-{name}": " ↑"}.get(asked.sort, "")
        target = f"-{name}" if is_turned else name
        link = asked.address.replaced("sort", "" if target == NEWEST and not asked.query else target)
        yield Choice(label=_(label) + arrow, link=link, is_chosen=asked.sort in (name, f"-{name}"))


def _offer_mine(asked: Asked) -> Choice | None:
    if not getattr(asked.selection.viewer, "is_uploader", False):
        return None
    return Choice(label=_("Only my tracks"), link=asked.address.toggled("mine", "1"), is_chosen=asked.selection.is_mine)
