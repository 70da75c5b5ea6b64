"""One `up` at a time on one home."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from recommender.operations.errors import AlreadyRunningError

# What a supervisord whose `up` was killed may need to end its programs, and a little more.
PATIENCE_SECONDS = 15.0


@contextlib.contextmanager
def hold_run_lock(folder: Path, say: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock and yield its descriptor; it stays locked for as long as any process has it open.

    Raises:
        AlreadyRunningError: another `up` holds it.
    """
    path = folder / "up.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, path, say)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text()
            if _is_alive(holder) or time.monotonic() > deadline:
                raise AlreadyRunningError(
                    f"Soundalike already runs on {path.parent.parent} (process {holder or 'unknown'}). End that one "
                    "first, or set SOUNDALIKE_HOME to another folder."
                ) from None
        else:
            return
        if not said:
            say("The last run was killed and its programs are still ending: waiting for them")
            said = True
        time.sleep(0.2)


def _is_alive(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
