"""Uploads that arrive piece by piece. How much has arrived is the size of the part file; SQL does not repeat it.

The process may die between any two steps. The part file goes last, so that the next request does what was not done.
"""

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommender.accounts.models import User
from recommender.catalog.models import Upload, UploadState
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.formats import HEAD_BYTES, AudioFormat, sniff
from recommender.ingest.intake import receive_file, record_acceptance, record_refusal
from recommender.ingest.part_files import LOCK_WAIT_SECONDS, PartFile, hold_part, size_of_part
from recommender.ingest.quota import check_number, hold_room
from recommender.ingest.validate import (
    OUT_OF_SPACE,
    StagedFile,
    check_room_on_disk,
    disk_full,
    empty_file,
    not_audio,
    too_large,
)

CHECKSUMS = ("sha1", "sha256", "md5")

wrong_offset = partial(
    UploadRefusedError, "wrong_offset", gettext_noop("This upload goes on at another place. Ask where."), 409
)
too_much = partial(UploadRefusedError, "too_large", gettext_noop("This is more than was announced."), 413)
broken_off = partial(
    UploadRefusedError, "broken_off", gettext_noop("The connection broke off. Go on where it ended."), 503
)
damaged = partial(UploadRefusedError, "checksum", gettext_noop("This piece arrived damaged. Send it again."), 460)
hash_mismatch = partial(
    UploadRefusedError, "hash_mismatch", gettext_noop("What arrived is not the file that was announced."), 422
)
expired = partial(
    UploadRefusedError, "expired", gettext_noop("This upload was left alone for too long. Begin it again."), 410
)


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What a sender says of a file before sending it. `sha256` is lower-case hex or empty."""

    file_name: str
    size_bytes: int
    sha256: str = ""
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a file. `blocks` end early when the connection does; `checksum` is (one of CHECKSUMS, Base64)."""

    offset: int
    size_bytes: int
    blocks: Iterable[bytes]
    checksum: tuple[str, str] | None = None


def open_upload(owner: User, announced: Announcement) -> Upload:
    """A new upload with room held for it. Raises UploadRefusedError, of which a row remains but for one too many."""
    check_number(owner)
    upload = Upload(
        owner=owner,
        file_name=announced.file_name,
        size_bytes=announced.size_bytes,
        sha256=announced.sha256,
        metadata=announced.metadata,
    )
    try:
        check_size(announced.size_bytes)
        with transaction.atomic():
            hold_room(owner, announced.size_bytes)
            upload.save()
    except UploadRefusedError as refusal:
        record_refusal(upload, refusal)
        raise
    return upload


def check_size(size_bytes: int) -> None:
    """Raises UploadRefusedError when no file of that size can be taken."""
    if size_bytes == 0:
        raise empty_file()
    if size_bytes > settings.UPLOADS.max_bytes:
        raise too_large()
    check_room_on_disk(size_bytes)


def offset_of(upload: Upload) -> int:
    """How many bytes have arrived."""
    return upload.size_bytes if upload.state == UploadState.ACCEPTED else size_of_part(upload.pk)


def expires_at(upload: Upload) -> dt.datetime:
    return upload.updated_at + dt.timedelta(seconds=settings.UPLOADS.staging_lifetime_seconds)


def require_alive(upload: Upload) -> None:
    """Raises UploadRefusedError for an upload that was refused or waited too long, with the reason."""
    if upload.state == UploadState.REFUSED:
        raise UploadRefusedError(upload.code, upload.sentence, 410)
    if upload.state == UploadState.RECEIVING and expires_at(upload) < timezone.now():
        raise expired()


def receive_piece(upload: Upload, piece: Piece) -> Upload:
    """Append, and take the file in when it is whole; the upload as it stands then. Raises UploadRefusedError.

    What arrives of a piece that breaks off is kept, unless its checksum can no longer be verified.
    """
    with _hold(upload) as (current, part):
        _check_place(current, piece)
        if current.state == UploadState.RECEIVING:
            try:
                _append(current, part, piece)
            finally:
                _touch(current)
        return _finish_if_whole(current, part)


def finish_if_whole(upload: Upload) -> Upload:
    """For an upload whose last bytes arrived just before the server died. Raises UploadRefusedError."""
    if upload.state != UploadState.RECEIVING or offset_of(upload) < upload.size_bytes:
        return upload
    with _hold(upload) as (current, part):
        return _finish_if_whole(current, part)


def discard_upload(upload: Upload) -> None:
    """Forget it, with what had arrived. A track it became stays. Raises UploadRefusedError."""
    with hold_part(upload.pk) as part:
        Upload.objects.filter(pk=upload.pk).delete()
        part.remove()


def discard_abandoned(before: dt.datetime) -> None:
    """Forget uploads of which nothing has arrived since. One that somebody is just sending is left alone."""
    for upload in Upload.objects.receiving().filter(updated_at__lt=before):
        with contextlib.suppress(UploadRefusedError), hold_part(upload.pk, wait_seconds=0) as part:
            if Upload.objects.receiving().filter(pk=upload.pk, updated_at__lt=before).delete()[0]:
                part.remove()


@contextlib.contextmanager
def _hold(upload: Upload) -> Iterator[tuple[Upload, PartFile]]:
    """The upload as it stands and its part file, both nobody else's meanwhile. Raises UploadRefusedError."""
    with hold_part(upload.pk, LOCK_WAIT_SECONDS) as part:
        current = Upload.objects.select_related("owner", "track").filter(pk=upload.pk).first()
        if current is None or current.state != UploadState.RECEIVING:
            part.remove()
        if current is None:
            raise expired()
        require_alive(current)
        yield current, part


def _check_place(upload: Upload, piece: Piece) -> None:
    offset = offset_of(upload)
    if piece.offset != offset:
        raise wrong_offset()
    if offset + piece.size_bytes > upload.size_bytes:
        raise too_much()


def _touch(upload: Upload) -> None:
    upload.updated_at = timezone.now()
    Upload.objects.receiving().filter(pk=upload.pk).update(updated_at=upload.updated_at)


def _append(upload: Upload, part: PartFile, piece: Piece) -> None:
    try:
        if piece.checksum is None:
            _append_as_it_comes(upload, part, piece)
        else:
            _append_verified(part, piece, *piece.checksum)
    except OSError as error:
        if error.errno not in OUT_OF_SPACE:
            raise
        raise disk_full() from error
    _look_at_head(upload, part)


def _append_as_it_comes(upload: Upload, part: PartFile, piece: Piece) -> None:
    end, is_known = part.size + piece.size_bytes, part.size >= HEAD_BYTES
    for block in piece.blocks:
        part.append(block)
        if not is_known and part.size >= HEAD_BYTES:
            is_known = _look_at_head(upload, part)
    if part.size < end:
        raise broken_off()


def _append_verified(part: PartFile, piece: Piece, algorithm: str, checksum: str) -> None:
    digest, end = hashlib.new(algorithm, usedforsecurity=False), part.size + piece.size_bytes
    with part.whole_or_nothing():
        for block in piece.blocks:
            part.append(block)
            digest.update(block)
        if part.size < end:
            raise broken_off()
        if not hmac.compare_digest(base64.b64encode(digest.digest()), checksum.encode()):
            raise damaged()


def _look_at_head(upload: Upload, part: PartFile) -> bool:
    """Whether enough has arrived to tell what it is. Raises UploadRefusedError when it is no audio."""
    if part.size < min(HEAD_BYTES, upload.size_bytes):
        return False
    if sniff(part.read_head(HEAD_BYTES)) is None:
        raise _refuse(upload, part, not_audio())
    return True


def _refuse(upload: Upload, part: PartFile, refusal: UploadRefusedError) -> UploadRefusedError:
    record_refusal(upload, refusal)
    part.remove()
    return refusal


def _finish_if_whole(upload: Upload, part: PartFile) -> Upload:
    if upload.state != UploadState.RECEIVING or part.size < upload.size_bytes:
        return upload
    audio_format = sniff(part.read_head(HEAD_BYTES))
    if audio_format is None:
        raise _refuse(upload, part, not_audio())
    sha256 = _hash(part)
    if upload.sha256 not in ("", sha256):
        raise _refuse(upload, part, hash_mismatch())
    _take_in(upload, part, sha256, audio_format)
    part.remove()
    return upload


def _hash(part: PartFile) -> str:
    digest = hashlib.sha256()
    for block in part.read_blocks():
        digest.update(block)
    return digest.hexdigest()


def _take_in(upload: Upload, part: PartFile, sha256: str, audio_format: AudioFormat) -> None:
    """Into the store goes a second name of the part file, so that the first one is there until the commit."""
    os.fsync(part.fileno())
    name = part.path.with_suffix(".whole")
    name.unlink(missing_ok=True)
    name.hardlink_to(part.path)
    try:
        with transaction.atomic():
            staged = StagedFile(name, sha256, upload.size_bytes, audio_format, upload.file_name)
            record_acceptance(upload, receive_file(upload.owner, staged, is_room_held=True))
    finally:
        name.unlink(missing_ok=True)
