"""Pages cut at a place in an order: an address keeps showing the same rows while others arrive before it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet

from recommender.web.asked_numbers import parse_whole

Row = TypeVar("Row", bound=Model)
Asked = Mapping[str, str]
Value = int | float | str | None
_LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """By `field` and then by id. Rows without a value come last, upwards and downwards alike."""

    field: str = "pk"
    kind: type[int] | type[float] | type[str] = int
    is_descending: bool = False
    is_nullable: bool = False

    def reversed(self) -> Order:
        return replace(self, is_descending=not self.is_descending)


@dataclass(frozen=True)
class Place:
    """Where a row stands in an order. As text `<id>~<value>`, or `<id>` where there is no value."""

    pk: int
    value: Value = None

    def __str__(self) -> str:
        return str(self.pk) if self.value is None else f"{self.pk}~{self.value}"


@dataclass(frozen=True, kw_only=True)
class Cut(Generic[Row]):
    """`before` and `after` are the places from which the pages beside this one go on; empty at the ends."""

    rows: list[Row]
    before: str
    after: str


def cut_page(
    found: QuerySet[Row], order: Order, asked: Asked, *, size: int, listed: QuerySet[Row] | None = None
) -> Cut[Row]:
    """The page of `found` that `asked["after"]` or `asked["before"]` names, else the first, in at most 3 queries.

    Whoever came from another page may go back to it; that it is still there is not asked. `listed` is how the rows of
    the page are loaded, if not as `found`: what it joins is not joined for all the others.
    """
    after, before = (read_place(asked.get(name, ""), order) for name in ("after", "before"))
    is_backward = before is not None and after is None
    start = before if is_backward else after
    places = _follow(found, order, start, size + 1, is_backward=is_backward)
    has_more, places = len(places) > size, places[:size]
    has_behind = bool(start and places)
    if is_backward:
        places.reverse()
    has_before, has_after = (has_more, has_behind) if is_backward else (has_behind, has_more)
    return Cut(
        rows=load_rows(found if listed is None else listed, [place.pk for place in places]),
        before=str(places[0]) if has_before else "",
        after=str(places[-1]) if has_after else "",
    )


def load_rows(listed: QuerySet[Row], ids: list[int]) -> list[Row]:
    """Those of these rows that are in `listed`, in the order of `ids`."""
    by_id = listed.in_bulk(ids) if ids else {}
    return [by_id[pk] for pk in ids if pk in by_id]


def link_to(asked: Asked, **changed: str) -> str:
    """The query string of the page that is `asked` with some of it changed; what becomes empty is left out."""
    return "?" + urlencode({name: value for name, value in {**asked, **changed}.items() if value})


def read_place(text: str, order: Order) -> Place | None:
    """A mistyped place is none: the page starts at the beginning rather than with an error."""
    number, has_value, value = text.partition("~")
    pk = parse_whole(number)
    if pk is None:
        return None
    if not has_value:
        return Place(pk) if order.field == "pk" or order.is_nullable else None
    if order.field == "pk":
        return None
    try:
        read = order.kind(value)
    except ValueError:
        return None
    is_sound = "\0" not in read if isinstance(read, str) else math.isfinite(read) and abs(read) <= _LARGEST
    return Place(pk, read) if is_sound else None


def _follow(found: QuerySet[Row], order: Order, start: Place | None, count: int, *, is_backward: bool) -> list[Place]:
    """The next places from `start`. Rows with a value and rows without are two runs: each can follow an index."""
    runs = [True, False] if order.is_nullable else [order.field != "pk"]
    if is_backward:
        order, runs = order.reversed(), runs[::-1]
    if start is not None:
        runs = runs[runs.index(start.value is not None) :]
    places: list[Place] = []
    for has_value in runs:
        if len(places) < count:
            places += _run(found, order, start, count - len(places), has_value=has_value)
            start = None
    return places


def _run(found: QuerySet[Row], order: Order, start: Place | None, count: int, *, has_value: bool) -> list[Place]:
    fields = [order.field, "pk"] if has_value else ["pk"]
    sign = "-" if order.is_descending else ""
    if order.is_nullable:
        found = found.filter(**{f"{order.field}__isnull": not has_value})
    if start is not None:
        found = found.filter(_beyond(order, start))
    rows: Any = found.order_by(*(sign + field for field in fields)).values_list(*fields)[:count]
    return [Place(row[-1], row[0] if has_value else None) for row in rows]


def _beyond(order: Order, start: Place) -> Q:
    step = "lt" if order.is_descending else "gt"
    further = Q(**{f"pk__{step}": start.pk})
    if start.value is None:
        return further
    # The first condition is the one by which an index on the field is entered.
    return Q(**{f"{order.field}__{step}e": start.value}) & (Q(**{f"{order.field}__{step}": start.value}) | further)
