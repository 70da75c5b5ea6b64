"""From a checked upload to a track that is waiting for a worker."""

import datetime as dt
import math
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop, ngettext

from recommender.accounts.models import User
from recommender.catalog import audio_files
from recommender.catalog.models import (
    MEDIA_LOST,
    Analysis,
    AnalysisState,
    AudioFile,
    Track,
    Upload,
    UploadState,
    Visibility,
)
from recommender.catalog.models.uploads import UploadQuerySet
from recommender.ingest.errors import TooOftenError, UploadRefusedError
from recommender.ingest.file_names import guess_tags
from recommender.ingest.quota import hold_room
from recommender.ingest.removal import restore_track
from recommender.ingest.tags import apply_tags
from recommender.ingest.text import make_readable
from recommender.ingest.validate import OUT_OF_SPACE, CheckedUpload, StagedFile, disk_full
from recommender.ingest.wake import wake_analysis
from recommender.similarity.spaces import filling_spaces

# How many refusals are kept for one owner.
MOST_REFUSALS = 500
# How often an uploader may have one track tried again.
MOST_RETRIES = 3
RETRY_WINDOW = dt.timedelta(hours=1)

being_deleted = partial(
    UploadRefusedError,
    "being_deleted",
    gettext_noop("This track is just being deleted. Try again in a minute."),
    409,
)


@dataclass(frozen=True)
class Receipt:
    """`is_new` is false when the owner already had a track of the same bytes; `track` is that one then."""

    track: Track
    is_new: bool


def receive_upload(owner: User, upload: CheckedUpload) -> Receipt:
    """As `receive_file`, for a file that came in a form. How it ended is kept either way."""
    row = Upload(owner=owner, file_name=display_name(upload.name or ""), size_bytes=upload.size or 0)
    try:
        with transaction.atomic():
            receipt = receive_file(owner, upload.check())
            record_acceptance(row, receipt)
    except UploadRefusedError as refusal:
        record_refusal(row, refusal)
        raise
    return receipt


def receive_file(owner: User, staged: StagedFile, *, is_room_held: bool = False) -> Receipt:
    """Move the file into the store, make its track and wake a worker. Raises UploadRefusedError; nothing stays then.

    `is_room_held`: the owner's quota was looked at when the upload began.
    """
    try:
        with transaction.atomic():
            return _take_in(owner, staged, is_room_held=is_room_held)
    except OSError as error:
        if error.errno not in OUT_OF_SPACE:
            raise
        raise disk_full() from error


def record_acceptance(row: Upload, receipt: Receipt) -> None:
    row.state, row.track, row.is_duplicate = UploadState.ACCEPTED, receipt.track, not receipt.is_new
    row.updated_at = timezone.now()
    row.save()
    _earlier_refusals(row).delete()


def record_refusal(row: Upload, refusal: UploadRefusedError) -> None:
    """Keep why a file was refused, until it is sent again or its owner has seen enough of it."""
    row.state, row.code, row.sentence = UploadState.REFUSED, refusal.code, refusal.kept[:300]
    row.updated_at = timezone.now()
    row.save()
    _earlier_refusals(row).delete()
    refused = Upload.objects.filter(owner=row.owner, state=UploadState.REFUSED).order_by("-updated_at")
    Upload.objects.filter(pk__in=list(refused.values_list("pk", flat=True)[MOST_REFUSALS:])).delete()


def retry_at_request(track: Track, asked_by: User) -> None:
    """As `retry_analysis`, for whoever asks on a page. Raises TooOftenError for one who has done so too often."""
    with transaction.atomic():
        held = Track.objects.select_for_update().get(pk=track.pk)
        if not held.analyses.filter(state__in=[AnalysisState.FAILED, AnalysisState.UNINDEXED]).exists():
            return
        if not asked_by.is_curator:
            _count_retry(held)
        retry_analysis(held)


def retry_analysis(track: Track) -> None:
    """Have a failed or unindexed track tried again, with its earlier failures forgotten."""
    retry_analyses([track])


@transaction.atomic
def retry_analyses(tracks: list[Track], **only: object) -> None:
    """As `retry_analysis`; `only` narrows which analyses are meant."""
    ended = Analysis.objects.filter(track__in=tracks, **only)
    meant = list(ended)
    Analysis.objects.filter(pk__in=[analysis.pk for analysis in meant]).restart()
    transaction.on_commit(lambda: wake_analysis(meant))


def display_path(file_name: str, longest: int = 255) -> str:
    """`file_name` with the two folders around it, which may tell artist and release; fewer where that is too long."""
    parts = [make_readable(part, longest) for part in PurePosixPath(file_name.replace("\\", "/")).parts]
    kept = [part for part in parts if part.strip("./ ")][-3:]
    while len(kept) > 1 and len("/".join(kept)) > longest:
        kept.pop(0)
    return "/".join(kept) or display_name(file_name, longest)


def display_name(file_name: str, longest: int = 255) -> str:
    """`file_name` without folders, fit to be shown."""
    return make_readable(PurePosixPath(file_name.replace("\\", "/")).name, longest)


def _take_in(owner: User, staged: StagedFile, *, is_room_held: bool) -> Receipt:
    audio_format = staged.audio_format
    described = {"media_type": audio_format.media_type, "suffix": audio_format.suffix, "size_bytes": staged.size_bytes}
    audio_file = audio_files.lock_or_create(staged.sha256, **described)
    known = Track.objects.filter(owner=owner, audio_file=audio_file).first()
    is_trashed = known is not None and known.is_deleting
    if (known is None or is_trashed) and not is_room_held:
        hold_room(owner, staged.size_bytes)
    if known is not None and is_trashed and not restore_track(known):
        raise being_deleted()
    # Also for a known track: should its file have been lost, this puts it back.
    audio_files.store(staged.path, staged.sha256)
    if known is not None:
        retry_analyses([known], reason=MEDIA_LOST)
        return Receipt(known, is_new=False)
    return Receipt(_create_track(owner, audio_file, staged.file_name), is_new=True)


def _create_track(owner: User, audio_file: AudioFile, file_name: str) -> Track:
    """A track that says of itself what the name of its file tells, until its tags are read."""
    needs_review = settings.UPLOADS.needs_review and not owner.is_curator
    guess = guess_tags(file_name)
    track = Track.objects.create(
        owner=owner,
        audio_file=audio_file,
        file_name=display_name(file_name),
        title=guess.title,
        visibility=Visibility.SUBMITTED if needs_review else Visibility.PUBLISHED,
    )
    apply_tags(track, guess)
    analyses = [Analysis.objects.create(track=track, space=space) for space in filling_spaces()]
    transaction.on_commit(lambda: wake_analysis(analyses))
    return track


def _earlier_refusals(row: Upload) -> UploadQuerySet:
    same = Upload.objects.filter(owner=row.owner, file_name=row.file_name, size_bytes=row.size_bytes)
    return same.filter(state=UploadState.REFUSED).exclude(pk=row.pk)


def _count_retry(track: Track) -> None:
    now = timezone.now()
    track.retries.filter(asked_at__lte=now - RETRY_WINDOW).delete()
    asked = list(track.retries.order_by("asked_at").values_list("asked_at", flat=True))
    if len(asked) >= MOST_RETRIES:
        wait = math.ceil((asked[0] + RETRY_WINDOW - now).total_seconds())
        raise TooOftenError(_explain_wait(math.ceil(wait / 60)), wait)
    track.retries.create(asked_at=now)


def _explain_wait(minutes: int) -> str:
    sentence = ngettext(
        "It was tried %(tries)d times within an hour. Try again in %(minutes)d minute.",
        "It was tried %(tries)d times within an hour. Try again in %(minutes)d minutes.",
        minutes,
    )
    return sentence % {"tries": MOST_RETRIES, "minutes": minutes}
