"""What was counted once is kept in the memory of this process until the catalog changes (`catalog.revision`).

It is found again by all who see the same, and by nobody else.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from recommender.catalog.models import Track
from recommender.catalog.models.music import VISITOR, Viewer, sight_of
from recommender.catalog.revision import read_revision

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The `most` values that were asked for last. Many threads read the same ones: nobody may change them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[str, Value]] = OrderedDict()
        self._touching, self._making = threading.Lock(), threading.Lock()

    def of(self, viewer: Viewer, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` makes, which depends on what `viewer` sees, on `key` and on nothing else."""
        # Before the making: what changes meanwhile makes another revision.
        revision = read_revision()
        return make() if revision is None else self.at(revision, (_find_sight(viewer, revision), key), make)

    def at(self, revision: str, key: Hashable, make: Callable[[], Value]) -> Value:
        found = self._find(revision, key)
        if found is None:
            # One at a time: threads that count side by side share one core, and most of them count the same.
            with self._making:
                found = self._find(revision, key) or self._make(revision, key, make)
        return found[1]

    def _find(self, revision: str, key: Hashable) -> tuple[str, Value] | None:
        with self._touching:
            found = self._values.get(key)
            if found is None or found[0] != revision:
                return None
            self._values.move_to_end(key)
            return found

    def _make(self, revision: str, key: Hashable, make: Callable[[], Value]) -> tuple[str, Value]:
        made = revision, make()
        # After a change it may hold what only this viewer sees, and others may still be waiting who began before.
        if read_revision() == revision:
            self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: tuple[str, Value]) -> None:
        with self._touching:
            self._values[key] = made
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


def _find_sight(viewer: Viewer, revision: str) -> tuple[str, int]:
    """Who has no tracks sees what visitors see: nearly all listeners share what is kept."""
    sight = sight_of(viewer)
    if sight[0] != "own" or _OWNERS.at(revision, viewer.pk, lambda: Track.objects.filter(owner=viewer.pk).exists()):
        return sight
    return VISITOR


_OWNERS: Final[Kept[bool]] = Kept(10_000)
