"""Cheap checks while an upload streams to disk: size, first bytes, hash. Nothing is held in memory, nothing is decoded.

A refusal is remembered on the upload and raised by `CheckedUpload.check`, so that the page can say which file it was.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.formats import HEAD_BYTES, AudioFormat, sniff

# What an upload leaves free on the disk: database and index have to go on.
ROOM_TO_SPARE_BYTES = 64 * 1024 * 1024
OUT_OF_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Made anew each time: an exception that is raised twice keeps the frames of both.
empty_file = partial(UploadRefusedError, "empty_file", gettext_noop("This file is empty."), 400)
not_audio = partial(
    UploadRefusedError, "not_audio", gettext_noop("This is not an audio file we know, whatever its name says."), 415
)
disk_full = partial(UploadRefusedError, "disk_full", gettext_noop("The server has no room left. Try again later."), 507)


def too_large(max_bytes: int | None = None) -> UploadRefusedError:
    megabytes = (max_bytes or settings.UPLOADS.max_bytes) // (1024 * 1024)
    sentence = _("This file is larger than the %(limit)d MB allowed here.") % {"limit": megabytes}
    return UploadRefusedError("too_large", sentence, 413)


def check_room_on_disk(size_bytes: int) -> None:
    """Raises UploadRefusedError."""
    if shutil.disk_usage(settings.STORAGE.staging).free < size_bytes + ROOM_TO_SPARE_BYTES:
        raise disk_full()


@dataclass(frozen=True)
class StagedFile:
    """A whole file on the file system of the store, fsynced, looked at and hashed. Taking it in moves it away."""

    path: Path
    sha256: str
    size_bytes: int
    audio_format: AudioFormat
    file_name: str


class CheckedUpload(UploadedFile):
    """A file in staging whose bytes were counted, hashed and looked at. Closing it removes it unless it was stored."""

    sha256: str
    audio_format: AudioFormat | None
    refusal: UploadRefusedError | None

    @property
    def staged_path(self) -> Path:
        return Path(str(getattr(self.file, "name", "")))

    def check(self) -> StagedFile:
        """What can be taken in. Raises UploadRefusedError when it was refused."""
        if self.refusal or self.audio_format is None:
            raise self.refusal or not_audio()
        return StagedFile(self.staged_path, self.sha256, self.size or 0, self.audio_format, self.name or "")

    def close(self) -> None:
        # Once stored, the file has been renamed away.
        with contextlib.suppress(FileNotFoundError):
            super().close()


class RefusingUploadHandler(FileUploadHandler):
    """Takes no files: every other form would let anybody fill the disk before it knows who is asking."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:
        return None


class CheckingUploadHandler(FileUploadHandler):
    """Streams each file of a form into staging and checks it on the way; a refused file takes no more room on disk."""

    chunk_size = HEAD_BYTES

    def __init__(self, request: HttpRequest, max_bytes: int | None = None) -> None:
        super().__init__(request)
        self._max_bytes = max_bytes or settings.UPLOADS.max_bytes

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._staged = tempfile.NamedTemporaryFile(dir=settings.STORAGE.staging, prefix="upload-")  # noqa: SIM115
        self._hash = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._refusal: UploadRefusedError | None = None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._refusal:
            return
        self._size += len(raw_data)
        if len(self._head) < HEAD_BYTES:
            self._head += raw_data[: HEAD_BYTES - len(self._head)]
            if len(self._head) == HEAD_BYTES and sniff(self._head) is None:
                self._refuse(not_audio())
        if self._size > self._max_bytes:
            self._refuse(too_large(self._max_bytes))
        self._hash.update(raw_data)
        self._write(raw_data)

    def file_complete(self, file_size: int) -> CheckedUpload:
        if not self._size:
            self._refuse(empty_file())
        audio_format = None if self._refusal else sniff(self._head)
        if not self._refusal and audio_format is None:
            self._refuse(not_audio())
        self._synchronise()
        upload = CheckedUpload(self._staged, self.file_name, self.content_type, self._size)
        upload.sha256 = self._hash.hexdigest()
        upload.audio_format = audio_format
        upload.refusal = self._refusal
        return upload

    def upload_interrupted(self) -> None:
        if hasattr(self, "_staged"):
            self._staged.close()

    def _write(self, raw_data: bytes) -> None:
        if self._refusal:
            return
        try:
            self._staged.write(raw_data)
        except OSError as error:
            self._refuse_for(error)

    def _synchronise(self) -> None:
        if self._refusal:
            return
        try:
            self._staged.flush()
            os.fsync(self._staged.fileno())
        except OSError as error:
            self._refuse_for(error)

    def _refuse_for(self, error: OSError) -> None:
        if error.errno not in OUT_OF_SPACE:
            raise error
        self._refuse(disk_full())

    def _refuse(self, refusal: UploadRefusedError) -> None:
        self._refusal = refusal
        # What was buffered may itself not fit on the disk; the bytes are worthless now.
        with contextlib.suppress(OSError):
            self._staged.truncate(0)
