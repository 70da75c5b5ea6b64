"""Tracks and what they are counted by, in columns: whatever is chosen among a hundred thousand is counted in a few
milliseconds, since none of them is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]
Marks = NDArray[np.bool_]
# The values that are in a cell as the database has it: one, several or none.
Reading = Callable[[Any], Collection[Any]]
_AT_ONCE: Final = 10_000


@dataclass(frozen=True, eq=False)
class Column:
    """`codes` (n,) say which of the different cells each track has. `cells` and `members` (m,) are pairs: in that cell
    there is that one of `values`.
    """

    codes: Codes
    cells: Codes
    members: Codes
    values: Sequence[Any]

    def having(self, wanted: Collection[Any]) -> Marks:
        """Which tracks have one of these values."""
        is_wanted = np.array([value in wanted for value in self.values], bool)
        has = np.zeros(int(self.codes.max(initial=-1)) + 1, bool)
        has[self.cells[is_wanted[self.members]]] = True
        marks: Marks = has[self.codes]
        return marks

    def count(self, chosen: Marks) -> dict[Any, int]:
        """How many of the tracks `chosen` have each value, as far as there are any."""
        sizes = np.bincount(self.codes[chosen], minlength=int(self.codes.max(initial=-1)) + 1)
        counts = np.bincount(self.members, weights=sizes[self.cells], minlength=len(self.values))
        return {self.values[place]: int(counts[place]) for place in np.flatnonzero(counts).tolist()}


@dataclass(frozen=True, eq=False)
class Tally:
    """`ids` (n,) of tracks, and what they are counted by."""

    ids: Ids
    columns: Mapping[str, Column]

    def select(self, chosen: Mapping[str, Collection[Any]]) -> Ids:
        """The ids of those that have one of the chosen values of every column."""
        selected: Ids = self.ids[self._count_missed(chosen) == 0]
        return selected

    def count(self, chosen: Mapping[str, Collection[Any]]) -> dict[str, dict[Any, int]]:
        """By column how many have each value, of those that all other columns let through."""
        missed = self._count_missed(chosen)
        counted = {}
        for name, column in self.columns.items():
            others = missed - ~column.having(chosen[name]) if chosen.get(name) else missed
            counted[name] = column.count(others == 0)
        return counted

    def _count_missed(self, chosen: Mapping[str, Collection[Any]]) -> NDArray[np.int8]:
        """How many of the chosen columns each track does not fit."""
        missed = np.zeros(len(self.ids), np.int8)
        for name, wanted in chosen.items():
            if wanted and name in self.columns:
                missed += ~self.columns[name].having(wanted)
        return missed


def make_tally(rows: Iterable[Sequence[Any]], readings: Mapping[str, Reading]) -> Tally:
    """From rows of an id and a cell for each of `readings`, in their order. They are looked at a part at a time: a
    million of them together would take half a gigabyte.
    """
    left, ids = iter(rows), [np.zeros(0, np.int64)]
    codes: list[list[Codes]] = [[np.zeros(0, np.int32)] for _ in readings]
    different: list[dict[Any, int]] = [{} for _ in readings]
    while part := list(islice(left, _AT_ONCE)):
        of_part, *columns = zip(*part, strict=True)
        ids.append(np.array(of_part, np.int64))
        for place, cells in enumerate(columns):
            codes[place].append(_encode(cells, different[place]))
    made = {
        name: _make_column(np.concatenate(codes[place]), different[place], read)
        for place, (name, read) in enumerate(readings.items())
    }
    return Tally(np.concatenate(ids), made)


def _encode(cells: Sequence[Any], different: dict[Any, int]) -> Codes:
    return np.array([different.setdefault(cell, len(different)) for cell in cells], np.int32)


def _make_column(codes: Codes, different: Mapping[Any, int], read: Reading) -> Column:
    places: dict[Any, int] = {}
    pairs = [(code, places.setdefault(value, len(places))) for cell, code in different.items() for value in read(cell)]
    of_pairs = np.array(pairs, np.int32).reshape(-1, 2)
    return Column(codes, of_pairs[:, 0], of_pairs[:, 1], list(places))
