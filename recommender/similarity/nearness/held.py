"""What a process keeps in memory of the catalog of a space, and when it looks again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from recommender.catalog.models import Space

# Until the catalog has grown or shrunk by so much, what is held stands for it.
TOLERANCE: Final = 0.05
CHECKED_EVERY_SECONDS: Final = 2.0
# A catalog of more takes longer to grow by so much, and counting it takes longer too.
CHECKED_FOR: Final = 1_000

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class _Entry(Generic[Kept]):
    kept: Kept
    total: int
    checked_at: float


class HeldBySpace(Generic[Kept]):
    """`draw` makes it, `count` says how much there is to make it from. The index has no part in it: while that is made
    anew, what is held stays.
    """

    def __init__(self, count: Callable[[Space], int], draw: Callable[[Space], Kept]) -> None:
        self._count = count
        self._draw = draw
        self._held: dict[tuple[object, ...], _Entry[Kept]] = {}

    def of(self, space: Space) -> Kept:
        """The same for everybody who asks, as long as the catalog is much the same."""
        key = (space.pk, space.signature, space.created_at)
        held = self._held.get(key)
        if held and time.monotonic() - held.checked_at < CHECKED_EVERY_SECONDS * max(1.0, held.total / CHECKED_FOR):
            return held.kept
        total = self._count(space)
        is_much_the_same = held is not None and abs(held.total - total) <= TOLERANCE * held.total
        kept = held.kept if held and is_much_the_same else self._draw(space)
        self._held[key] = _Entry(kept, held.total if held and is_much_the_same else total, time.monotonic())
        return kept
