"""Files of this machine on their way into the store: looked at, then copied or linked into staging, and hashed."""

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.folder_walk import FoundFile
from recommender.ingest.formats import HEAD_BYTES, AudioFormat, sniff
from recommender.ingest.validate import (
    OUT_OF_SPACE,
    check_room_on_disk,
    disk_full,
    empty_file,
    not_audio,
    too_large,
)

BLOCK_BYTES: Final = 1 << 20

unreadable = partial(UploadRefusedError, "unreadable", status=400)
changed = partial(UploadRefusedError, "changed", "It changed while it was read. Try again when it is complete.", 409)
OTHER_FILE_SYSTEM = "It is on another file system than the store, where it cannot be linked to. Use --copy."
NOT_LINKABLE = "The system does not allow a link to it, as for files of other users. Use --copy."


@contextlib.contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    try:
        # What was a file a moment ago must not turn out to be a pipe that nobody writes to.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(f"It cannot be read: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        yield file


def look_at(file: BinaryIO, found: FoundFile) -> AudioFormat:
    """Raises UploadRefusedError."""
    if not found.size_bytes:
        raise empty_file()
    audio_format = sniff(_read(file, HEAD_BYTES))
    if audio_format is None:
        raise not_audio()
    if found.size_bytes > settings.UPLOADS.max_bytes:
        raise too_large()
    return audio_format


def _read(file: BinaryIO, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise unreadable(f"It cannot be read: {error.strerror}.") from error


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := _read(file, BLOCK_BYTES):
        yield block


def hash_file(file: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    for block in _blocks(file):
        sha256.update(block)
    return sha256.hexdigest()


@contextlib.contextmanager
def stage_copy(file: BinaryIO, found: FoundFile) -> Iterator[tuple[Path, str]]:
    """A synced copy in staging, which does not stay there, and its hash. Raises UploadRefusedError."""
    check_room_on_disk(found.size_bytes)
    descriptor, name = tempfile.mkstemp(dir=settings.STORAGE.staging, prefix="import-")
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as copy:
            sha256 = _write(_blocks(file), copy)
        _check_unchanged(file, found)
        yield Path(name), sha256
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def stage_link(file: BinaryIO, found: FoundFile) -> Iterator[tuple[Path, str]]:
    """As `stage_copy`, a hard link."""
    staged = Path(settings.STORAGE.staging) / f"import-{secrets.token_hex(8)}"
    try:
        staged.hardlink_to(found.path.resolve())
    except OSError as error:
        raise _explain_link(error) from error
    try:
        sha256 = hash_file(file)
        _check_unchanged(file, found)
        if not os.path.samestat(staged.stat(), os.fstat(file.fileno())):
            raise changed()
        yield staged, sha256
    finally:
        # What is in the store already is not moved there: then the link is still here.
        staged.unlink(missing_ok=True)


def _check_unchanged(file: BinaryIO, found: FoundFile) -> None:
    info = os.fstat(file.fileno())
    if (info.st_size, info.st_mtime_ns) != (found.size_bytes, found.modified_ns):
        raise changed()


def _write(blocks: Iterator[bytes], copy: BinaryIO) -> str:
    sha256 = hashlib.sha256()
    try:
        for block in blocks:
            sha256.update(block)
            rest = memoryview(block)
            while rest:
                rest = rest[copy.write(rest) :]
        os.fsync(copy.fileno())
    except OSError as error:
        if error.errno not in OUT_OF_SPACE:
            raise
        raise disk_full() from error
    return sha256.hexdigest()


def _explain_link(error: OSError) -> UploadRefusedError:
    if error.errno == errno.EXDEV:
        return UploadRefusedError("other_file_system", OTHER_FILE_SYSTEM, 409)
    if error.errno in OUT_OF_SPACE:
        return disk_full()
    if error.errno in (errno.EPERM, errno.EMLINK, errno.ENOTSUP):
        return UploadRefusedError("not_linkable", NOT_LINKABLE, 409)
    return unreadable(f"It cannot be linked to: {error.strerror}.")
