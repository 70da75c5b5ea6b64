"""The values of the facets in words: how an address names them, and how a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recommender.catalog.facets import STATES
from recommender.catalog.models.shelves import FASTEST, PACES
from recommender.web.asked_numbers import parse_whole
from recommender.web.sound_facts import name_key

_KEYS = {
    name_key(number).lower().replace("♯", "-sharp").replace("♭", "-flat").replace(" ", "-"): number
    for number in range(24)
}
_KEY_SLUGS = {number: slug for slug, number in _KEYS.items()}
TEMPO_LABELS = {"slow": "Under 90 BPM", "medium": "90 to 120", "fast": "120 to 150", FASTEST: "Over 150"}
_STATE_LABELS = {"ready": "Ready", "analysing": "Analysing", "failed": "Failed", "uncompared": "Not compared"}


@dataclass(frozen=True, kw_only=True)
class Facet:
    """How the values of a facet are read from an address (None: there is no such value), written and put in order."""

    title: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    label: Callable[[Any], str]
    rank: Callable[[Any, int], Any] = lambda _value, count: -count


def _read_decade(text: str) -> int | None:
    decade = parse_whole(text)
    return decade if decade is not None and decade < 10_000 else None


def _one_of(known: Mapping[str, Any]) -> Callable[[str], str | None]:
    return lambda text: text if text in known else None


FACETS: dict[str, Facet] = {
    "genre": Facet(title="Genre", read=parse_whole, label=str),
    "tag": Facet(title="Mood and sound", read=lambda text: text[:50], label=lambda tag: tag[:1].upper() + tag[1:]),
    "decade": Facet(
        title="Decade", read=_read_decade, label=lambda decade: f"{decade}s", rank=lambda decade, _count: -decade
    ),
    "tempo": Facet(
        title="Tempo",
        read=_one_of(TEMPO_LABELS),
        label=lambda pace: TEMPO_LABELS[pace],
        rank=lambda pace, _count: [*PACES, FASTEST].index(pace),
    ),
    "key": Facet(
        title="Key",
        read=_KEYS.get,
        write=lambda key: _KEY_SLUGS[key],
        label=name_key,
        rank=lambda key, _count: key % 12 * 2 + key // 12,
    ),
    "format": Facet(title="Format", read=lambda text: text.lower()[:10], label=lambda suffix: suffix.upper()),
    "state": Facet(
        title="State",
        read=_one_of(STATES),
        label=lambda state: _STATE_LABELS[state],
        rank=lambda state, _count: [*STATES].index(state),
    ),
}
