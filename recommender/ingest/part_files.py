"""The part files of uploads: bytes in the order they came, written by one at a time.

The lock is that of the system on the open file, so that it ends with the process that held it, however that ends.
"""

import contextlib
import fcntl
import io
import os
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_noop

from recommender.ingest.errors import UploadRefusedError

BLOCK_BYTES = 256 * 1024
# Longer than a connection may be silent (web.tus): a sender whose line died waits for its own former request to end.
LOCK_WAIT_SECONDS = 6.0

busy = partial(
    UploadRefusedError, "locked", gettext_noop("This file is just being received on another connection."), 423
)


class PartFile(io.FileIO):
    """An open part file whose lock is held. Unbuffered: what was written is there for everybody."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "r+", opener=_open_or_create)
        self.path = path

    @property
    def size(self) -> int:
        return os.fstat(self.fileno()).st_size

    def append(self, block: bytes) -> None:
        """Raises OSError when the disk is full; what fitted stays."""
        self.seek(0, os.SEEK_END)
        rest = memoryview(block)
        while rest:
            rest = rest[self.write(rest) or 0 :]

    def read_blocks(self) -> Iterator[bytes]:
        self.seek(0)
        while block := self.read(BLOCK_BYTES):
            yield block

    def read_head(self, size_bytes: int) -> bytes:
        return os.pread(self.fileno(), size_bytes, 0)

    @contextlib.contextmanager
    def whole_or_nothing(self) -> Iterator[None]:
        """What is appended in here goes again when an exception ends it, or the process: then it does not count from
        the start, and goes with the next lock.
        """
        mark = _mark_of(self.path)
        mark.write_text(str(self.size))
        try:
            yield
        except BaseException:
            self.forget_unverified()
            raise
        mark.unlink()

    def forget_unverified(self) -> None:
        if _mark_of(self.path).exists():
            self.truncate(_counted(self.path))
            _mark_of(self.path).unlink()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        _mark_of(self.path).unlink(missing_ok=True)


def part_of(upload_id: uuid.UUID) -> Path:
    return Path(settings.STORAGE.staging) / f"upload-{upload_id}.part"


def size_of_part(upload_id: uuid.UUID) -> int:
    """How many bytes count as arrived."""
    return _counted(part_of(upload_id))


@contextlib.contextmanager
def hold_part(upload_id: uuid.UUID, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[PartFile]:
    """The part file, made where there is none. Raises UploadRefusedError while somebody else has it."""
    path, deadline = part_of(upload_id), time.monotonic() + wait_seconds
    while (part := _try_to_hold(path)) is None:
        if time.monotonic() >= deadline:
            raise busy()
        time.sleep(0.05)
    with part:
        part.forget_unverified()
        yield part


def is_held(path: Path) -> bool:
    with path.open("rb") as staged:
        return not _lock(staged.fileno())


def _try_to_hold(path: Path) -> PartFile | None:
    part = PartFile(path)
    # Whoever had it may have removed it between our opening and our locking.
    with contextlib.suppress(FileNotFoundError):
        if _lock(part.fileno()) and path.stat().st_ino == os.fstat(part.fileno()).st_ino:
            return part
    part.close()
    return None


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_or_create(path: str, _flags: int) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _mark_of(path: Path) -> Path:
    """Where it is written down from which byte on nothing was verified yet."""
    return path.with_suffix(".unverified")


def _counted(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        with contextlib.suppress(FileNotFoundError):
            return min(size, int(_mark_of(path).read_text() or size))
        return size
    return 0
