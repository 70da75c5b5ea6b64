"""The addresses of things with a number: how each kind looks is worked out once, since a list asks for hundreds."""

from functools import cache
from typing import Final

from django.urls import get_script_prefix, reverse

# In the place of numbers, where they are recognised again.
_MARKS: Final = (987_654_321, 987_654_322)


def address_of(name: str, *numbers: int) -> str:
    """What `reverse(name, args=numbers)` says, for one number or two."""
    beginning, *between = _parts(get_script_prefix(), name, len(numbers))
    return beginning + "".join(f"{number}{part}" for number, part in zip(numbers, between, strict=True))


@cache
def _parts(prefix: str, name: str, count: int) -> list[str]:
    """What stands before, between and after the numbers."""
    address = reverse(name, args=_MARKS[:count])
    for mark in _MARKS:
        address = address.replace(str(mark), "\0")
    return address.split("\0")
