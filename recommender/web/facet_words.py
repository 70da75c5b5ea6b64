"""The values of the facets in words: how an address names them, and how a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.catalog.facets import STATES
from recommender.catalog.models.shelves import FASTEST, PACES
from recommender.similarity.describing.vocabulary import name_word
from recommender.web.asked_numbers import parse_whole
from recommender.web.sound_facts import name_decade, name_key, slug_key

_KEYS = {slug_key(number): number for number in range(24)}
_KEY_SLUGS = {number: slug for slug, number in _KEYS.items()}
TEMPO_LABELS = {
    "slow": gettext_noop("Under 90 BPM"),
    "medium": gettext_noop("90 to 120"),
    "fast": gettext_noop("120 to 150"),
    FASTEST: gettext_noop("Over 150"),
}
_STATE_LABELS = {
    "ready": gettext_noop("Ready"),
    "analysing": gettext_noop("Analysing"),
    "failed": gettext_noop("Failed"),
    "uncompared": gettext_noop("Not compared"),
}


@dataclass(frozen=True, kw_only=True)
class Facet:
    """How the values of a facet are read from an address (None: there is no such value), written and put in order.

    `title` is English; `label` says a value in the language of the page.
    """

    title: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    label: Callable[[Any], str]
    rank: Callable[[Any, int], Any] = lambda _value, count: -count


def _read_decade(text: str) -> int | None:
    decade = parse_whole(text)
    return decade if decade is not None and decade < 10_000 else None


def _name_tag(tag: str) -> str:
    word = name_word(tag)
    return word[:1].upper() + word[1:]


def _one_of(known: Mapping[str, Any]) -> Callable[[str], str | None]:
    return lambda text: text if text in known else None


FACETS: dict[str, Facet] = {
    "genre": Facet(title=gettext_noop("Genre"), read=parse_whole, label=str),
    "tag": Facet(title=gettext_noop("Mood and sound"), read=lambda text: text[:50], label=_name_tag),
    "decade": Facet(
        title=gettext_noop("Decade"), read=_read_decade, label=name_decade, rank=lambda decade, _count: -decade
    ),
    "tempo": Facet(
        title=gettext_noop("Tempo"),
        read=_one_of(TEMPO_LABELS),
        label=lambda pace: _(TEMPO_LABELS[pace]),
        rank=lambda pace, _count: [*PACES, FASTEST].index(pace),
    ),
    "key": Facet(
        title=gettext_noop("Key"),
        read=_KEYS.get,
        write=lambda key: _KEY_SLUGS[key],
        label=name_key,
        rank=lambda key, _count: key % 12 * 2 + key // 12,
    ),
    "format": Facet(
        title=gettext_noop("Format"), read=lambda text: text.lower()[:10], label=lambda suffix: suffix.upper()
    ),
    "state": Facet(
        title=gettext_noop("State"),
        read=_one_of(STATES),
        label=lambda state: _(_STATE_LABELS[state]),
        rank=lambda state, _count: [*STATES].index(state),
    ),
}
