"""From a checked upload to a track that is waiting for a worker."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction

from recommender.accounts.models import User
from recommender.catalog import audio_files
from recommender.catalog.models import MEDIA_LOST, Analysis, AudioFile, Track, Visibility
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.formats import AudioFormat
from recommender.ingest.text import make_readable
from recommender.ingest.validate import DISK_FULL, OUT_OF_SPACE, CheckedUpload
from recommender.ingest.wake import wake_analysis
from recommender.similarity.spaces import filling_spaces


@dataclass(frozen=True)
class Receipt:
    """`is_new` is false when the owner already had a track of the same bytes; `track` is that one then."""

    track: Track
    is_new: bool


def receive_upload(owner: User, upload: CheckedUpload) -> Receipt:
    """Store the file, make its track and wake a worker. Raises UploadRefusedError; nothing stays behind then."""
    audio_format = upload.check()
    try:
        with transaction.atomic():
            return _take_in(owner, upload, audio_format)
    except OSError as error:
        if error.errno not in OUT_OF_SPACE:
            raise
        raise DISK_FULL from error


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


def display_name(file_name: str, longest: int = 255) -> str:
    """`file_name` without folders, fit to be shown."""
    return make_readable(PurePosixPath(file_name.replace("\\", "/")).name, longest)


def title_of(file_name: str) -> str:
    """What to call a track until its tags are read."""
    return " ".join(PurePosixPath(file_name).stem.replace("_", " ").split()) or "Untitled"


def _take_in(owner: User, upload: CheckedUpload, audio_format: AudioFormat) -> Receipt:
    described = {"media_type": audio_format.media_type, "suffix": audio_format.suffix, "size_bytes": upload.size}
    audio_file = audio_files.lock_or_create(upload.sha256, **described)
    known = Track.objects.filter(owner=owner, audio_file=audio_file).first()
    if known is not None and known.is_deleting:
        raise UploadRefusedError("being_deleted", "This track is just being deleted. Try again in a minute.", 409)
    # Also for a known track: should its file have been lost, this puts it back.
    audio_files.store(upload.staged_path, upload.sha256)
    if known is not None:
        retry_analyses([known], reason=MEDIA_LOST)
        return Receipt(known, is_new=False)
    return Receipt(_create_track(owner, audio_file, display_name(upload.name or "")), is_new=True)


def _create_track(owner: User, audio_file: AudioFile, file_name: str) -> Track:
    needs_review = settings.UPLOADS.needs_review and not owner.is_curator
    track = Track.objects.create(
        owner=owner,
        audio_file=audio_file,
        file_name=file_name,
        title=title_of(file_name),
        visibility=Visibility.SUBMITTED if needs_review else Visibility.PUBLISHED,
    )
    analyses = [Analysis.objects.create(track=track, space=space) for space in filling_spaces()]
    transaction.on_commit(lambda: wake_analysis(analyses))
    return track
