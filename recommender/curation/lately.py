"""What takes a while to find out, and need not be known to the second: found out once for all who ask within a time."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lately(Generic[Value]):
    """What `find` found, at most so many `seconds` ago. Meanwhile those who ask wait for one of them."""

    def __init__(self, seconds: float, find: Callable[[], Value]) -> None:
        self._seconds, self._find = seconds, find
        self._found: tuple[float, Value] | None = None
        self._finding = threading.Lock()

    def read(self) -> Value:
        with self._finding:
            if self._found is None or time.monotonic() - self._found[0] > self._seconds:
                found = self._find()
                self._found = time.monotonic(), found
            return self._found[1]

    def forget(self) -> None:
        self._found = None
