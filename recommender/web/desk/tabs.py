"""Where the desk leads. A tab is shown as soon as its address is in `urls`."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, kw_only=True)
class Tab:
    """`mark`: its `aria-current`, empty where the viewer is not."""

    label: Promise
    link: str
    mark: str


# The name of each page, its label, and the beginning of the names of pages that belong to it.
TABS: Final[tuple[tuple[str, Promise, str | tuple[str, ...]], ...]] = (
    ("desk", pgettext_lazy("of the curators", "Desk"), ""),
    ("desk_review", pgettext_lazy("desk", "Review"), "desk_review"),
    ("desk_duplicates", pgettext_lazy("desk", "Duplicates"), "desk_duplicate"),
    ("desk_artists", pgettext_lazy("desk", "Artists"), "desk_artist"),
    ("desk_reports", pgettext_lazy("desk", "Reports"), "desk_report"),
    ("desk_quality", pgettext_lazy("desk", "Catalog"), ("desk_quality", "desk_table", "desk_edit")),
    ("desk_health", pgettext_lazy("desk", "Health"), "desk_health"),
    ("desk_rules", pgettext_lazy("desk", "Rules"), "desk_rule"),
    ("desk_acts", pgettext_lazy("desk", "Done"), "desk_act"),
)


def find_tabs(request: HttpRequest) -> list[Tab]:
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    found = ((label, _find(name), _mark(name, around, here)) for name, label, around in TABS)
    return [Tab(label=label, link=link, mark=mark) for label, link, mark in found if link]


def _find(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _mark(name: str, around: str | tuple[str, ...], here: str) -> str:
    if here == name:
        return "page"
    return "true" if around and here.startswith(around) else ""
