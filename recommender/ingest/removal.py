"""Taking a track away: hide it, then vector, then row and files and what only it referred to. Each step can be repeated
after a crash.
"""

import logging

from django.db import OperationalError, transaction

from recommender.catalog import audio_files
from recommender.catalog.credits import drop_unused, mentions_of
from recommender.catalog.models import Track
from recommender.ingest.wake import wake_index
from recommender.similarity.sync import remove_vectors

logger = logging.getLogger(__name__)

BATCH = 256


def remove_track(track: Track) -> None:
    """Nobody sees the track from here on; the rest follows as soon as the vector index can be reached."""
    with transaction.atomic():
        Track.objects.filter(pk=track.pk).update(is_deleting=True)
        transaction.on_commit(wake_index)


def finish_removals() -> int:
    """Remove vectors, files and rows of what is being deleted. Raises IndexUnavailableError."""
    tombstones = list(Track.objects.filter(is_deleting=True).select_related("audio_file")[:BATCH])
    if not tombstones:
        return 0
    remove_vectors([track.pk for track in tombstones])
    return sum(_finish(track) for track in tombstones)


def _finish(track: Track) -> bool:
    try:
        with transaction.atomic():
            mentions = mentions_of([track])
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
