"""What was counted once is kept in the memory of this process until the catalog changes (`catalog.revision`).

It is found again by all who see the same, and by nobody else.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from django.db import DatabaseError, connection

from recommender.catalog.models import Track
from recommender.catalog.models.music import VISITOR, Viewer, sight_of
from recommender.catalog.revision import read_revision

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

# What takes so long to make may lag: for so many times as long it is not made anew, and later it is in the background,
# while others go on with what there is. What is older than the last is not given out.
_LONG_SECONDS: Final = 0.1
_TIMES_AS_LONG: Final = 10
_OLDEST_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Made(Generic[Value]):
    """`took` seconds of computing, and ready at `ready_at` on the clock of `time.monotonic`."""

    revision: str
    value: Value
    took: float
    ready_at: float

    @property
    def may_lag(self) -> bool:
        return self.took >= _LONG_SECONDS and self._age < _OLDEST_SECONDS

    @property
    def is_recent(self) -> bool:
        return self._age < _TIMES_AS_LONG * self.took

    @property
    def _age(self) -> float:
        return time.monotonic() - self.ready_at


class Kept(Generic[Value]):
    """The `most` values that were asked for last. Many threads read the same ones: nobody may change them.

    What `may_lag` is true for a moment longer where it took long to make: while music comes in, the catalog changes all
    the time, and a large one would be counted all the time.
    """

    def __init__(self, most: int, *, may_lag: bool = False) -> None:
        self._most, self._may_lag = most, may_lag
        self._values: OrderedDict[Hashable, _Made[Value]] = OrderedDict()
        self._in_making: set[Hashable] = set()
        self._touching, self._making = threading.Lock(), threading.Lock()

    def of(self, viewer: Viewer, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` makes, which depends on what `viewer` sees, on `key` and on nothing else."""
        # Before the making: what changes meanwhile makes another revision.
        revision = read_revision()
        if revision is None:
            return make()
        sight = _find_sight(viewer, revision)
        return self.at(revision, (sight, key), make, lambda now: self._may_lag and _find_sight(viewer, now) == sight)

    def at(
        self,
        revision: str,
        key: Hashable,
        make: Callable[[], Value],
        is_for_all: Callable[[str], bool] = lambda _now: False,
    ) -> Value:
        """`is_for_all` tells whether a value during whose making the catalog changed may be kept all the same."""
        found = self._find(revision, key)
        if found is None:
            # One at a time: threads that count side by side share one core, and most of them count the same.
            with self._making:
                found = self._find(revision, key) or self._make(revision, key, make, is_for_all)
        elif found.revision != revision and not found.is_recent and self._begin(key):
            again = partial(self._make_anew, revision, key, make, is_for_all)
            threading.Thread(target=again, daemon=True).start()
        return found.value

    def _find(self, revision: str, key: Hashable) -> _Made[Value] | None:
        with self._touching:
            found = self._values.get(key)
            if found is None or not (found.revision == revision or (self._may_lag and found.may_lag)):
                return None
            self._values.move_to_end(key)
            return found

    def _begin(self, key: Hashable) -> bool:
        """Whether nobody makes it already."""
        with self._touching:
            is_first = key not in self._in_making
            self._in_making.add(key)
            return is_first

    def _make_anew(
        self, revision: str, key: Hashable, make: Callable[[], Value], is_for_all: Callable[[str], bool]
    ) -> None:
        try:
            with self._making:
                self._make(revision, key, make, is_for_all)
        except DatabaseError:
            logger.exception("%s could not be made anew", key)
        finally:
            with self._touching:
                self._in_making.discard(key)
            connection.close()

    def _make(
        self, revision: str, key: Hashable, make: Callable[[], Value], is_for_all: Callable[[str], bool]
    ) -> _Made[Value]:
        began = time.thread_time()
        value = make()
        made = _Made(revision, value, time.thread_time() - began, time.monotonic())
        # After a change it may hold what only this viewer sees, and others may still be waiting who began before.
        now = read_revision()
        if now == revision or (now is not None and is_for_all(now)):
            self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: _Made[Value]) -> None:
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
