"""The query string of a library page: what in it is known, once each and in one order, and the links that change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

_LONGEST_VALUE = 300
_MOST_VALUES = 20
PLACES = ("after", "before")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Address:
    """`known` are the names that links may carry, in their order: one choice has one address, however it was made."""

    pairs: Pairs
    known: tuple[str, ...]

    def get(self, name: str) -> str:
        return next((value for key, value in self.pairs if key == name), "")

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def toggled(self, name: str, value: str) -> str:
        """The link to the first page with this value added, or taken away where it is."""
        pair = (name, value)
        kept = [other for other in self._without(*PLACES) if other != pair]
        return self._write(kept if pair in self.pairs else [*kept, pair])

    def replaced(self, name: str, value: str = "") -> str:
        """The link with this value in place of all others of its name; without any when it is empty."""
        kept = self._without(name, *PLACES)
        return self._write([*kept, (name, value)] if value else kept)

    def cleared(self, *names: str) -> str:
        return self._write(self._without(*names, *PLACES))

    def _write(self, pairs: Iterable[tuple[str, str]]) -> str:
        return "?" + urlencode(sorted(pairs, key=lambda pair: (self.known.index(pair[0]), pair[1])))

    def _without(self, *names: str) -> list[tuple[str, str]]:
        return [pair for pair in self.pairs if pair[0] not in names]


def read_address(given: QueryDict, known: tuple[str, ...]) -> Address:
    pairs: list[tuple[str, str]] = []
    for name in known:
        sound = (value for value in given.getlist(name)[:_MOST_VALUES] if value and len(value) <= _LONGEST_VALUE)
        pairs += ((name, value) for value in dict.fromkeys(sound) if "\0" not in value)
    return Address(tuple(pairs), known)
