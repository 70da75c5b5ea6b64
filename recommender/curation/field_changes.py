"""What can be done with a field of many tracks, whatever each of them says in it."""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recommender.catalog.editing import Value
from recommender.catalog.spelling import key_of, list_names

LISTS: Final = frozenset({"artists", "genres", "moods"})
NUMBERS: Final = frozenset({"year", "track_number", "disc_number"})


class How(StrEnum):
    """NUMBER counts on from the value in the order of the list."""

    LEAVE = "leave"
    SET = "set"
    CLEAR = "clear"
    ADD = "add"
    REMOVE = "remove"
    NUMBER = "number"
    CAPITALISE = "capitalise"
    REPLACE = "replace"


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """`value` is what is set, added or removed; `find` and `put` are plain text."""

    how: How
    value: Value = None
    find: str = ""
    put: str = ""
    is_case_sensitive: bool = True


def change_field(name: str, change: FieldChange, said: Value, place: int) -> Value:
    """What the field says then. `place` is that of the track in its list, from 0."""
    given = list_names(change.value)
    match change.how:
        case How.SET:
            return change.value
        case How.CLEAR:
            return [] if name in LISTS else None if name in NUMBERS else ""
        case How.NUMBER:
            return int(str(change.value)) + place
        case How.ADD:
            return _add(list_names(said), given)
        case How.REMOVE:
            gone = {key_of(each) for each in given}
            return [each for each in list_names(said) if key_of(each) not in gone]
        case How.CAPITALISE:
            return _rewrite(said, string.capwords)
        case How.REPLACE:
            return _rewrite(said, lambda text: _replace(text, change))
    return said


def _add(said: list[str], given: list[str]) -> list[str]:
    """What is there already is spelt as it is given now."""
    spelt = {key_of(each): each for each in given}
    return list({key_of(each): spelt.get(key_of(each), each) for each in (*said, *given)}.values())


def _replace(text: str, change: FieldChange) -> str:
    flags = re.NOFLAG if change.is_case_sensitive else re.IGNORECASE
    return re.sub(re.escape(change.find), lambda _found: change.put, text, flags=flags)


def _rewrite(said: Value, rewrite: Callable[[str], str]) -> Value:
    return [rewrite(each) for each in said] if isinstance(said, list) else rewrite(str(said or ""))
