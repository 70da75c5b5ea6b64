"""Taking a track away: into the trash, and from there for good: vector, then row and files and what only it referred
to. Each step can be repeated after a crash.
"""

import logging

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog import audio_files
from recommender.catalog.credits import drop_unused, mentions_of
from recommender.catalog.merged import forget_hidden_address
from recommender.catalog.models import Track, TrackQuerySet, TrashedTrack
from recommender.ingest.quota import hold_room
from recommender.similarity.sync import remove_vectors

logger = logging.getLogger(__name__)

BATCH = 256


def trash_track(track: Track, by: User | None) -> None:
    """Nobody sees the track from here on; until its time in the trash is over it can be restored as it was."""
    now = timezone.now()
    with transaction.atomic():
        if Track.objects.filter(pk=track.pk, is_deleting=False).update(is_deleting=True):
            TrashedTrack.objects.create(track=track, by=by, at=now, purge_at=now + settings.TRASH.kept_for)


def restore_track(track: Track) -> bool:
    """Whether it was in the trash. What is kept here again counts: callers hold room for it (`ingest.quota`)."""
    with transaction.atomic():
        was_there, _ = TrashedTrack.objects.filter(track=track, purge_at__gt=timezone.now()).delete()
        if was_there:
            Track.objects.filter(pk=track.pk).update(is_deleting=False)
    return bool(was_there)


def bring_back(track: Track, by: User) -> bool:
    """`restore_track`. Owners need room for it; an administrator who brings it back for them has thought of that.
    Raises UploadRefusedError.
    """
    if track.owner_id == by.pk:
        hold_room(by, track.audio_file.size_bytes)
    return restore_track(track)


def purge_track(track: Track) -> None:
    """There is no way back; vector, files and row go with the next round of `finish_removals`."""
    with transaction.atomic():
        TrashedTrack.objects.filter(track=track).delete()
        Track.objects.filter(pk=track.pk).update(is_deleting=True)


def tombstones() -> TrackQuerySet:
    """Tracks that nothing brings back any more."""
    kept = TrashedTrack.objects.filter(purge_at__gt=timezone.now())
    return Track.objects.filter(is_deleting=True).exclude(pk__in=kept.values("track"))


def finish_removals() -> int:
    """Remove vectors, files and rows of what is being deleted. Raises IndexUnavailableError."""
    gone = list(tombstones().select_related("audio_file")[:BATCH])
    if not gone:
        return 0
    remove_vectors([track.pk for track in gone])
    return sum(_finish(track) for track in gone)


def _finish(track: Track) -> bool:
    try:
        with transaction.atomic():
            mentions = mentions_of([track])
            forget_hidden_address(track)
            track.delete()
            drop_unused(mentions)
            if track.cover_id is not None:
                audio_files.drop_cover_if_unused(track.cover_id)
            audio_files.drop_if_unused(track.audio_file)
    except (OSError, OperationalError):
        # The others must not wait for this one; it is tried again with the next round.
        logger.exception("the file of track %s cannot be removed", track.title)
        return False
    return True
