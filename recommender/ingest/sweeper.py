"""Every few seconds, from SQL alone: whatever got lost on the way is put on its way again."""

import contextlib
import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from recommender.catalog.models import (
    Analysis,
    AnalysisState,
    AudioFile,
    Embedding,
    Fingerprint,
    Pause,
    Rendition,
    Upload,
)
from recommender.catalog.statistics import refresh_statistics
from recommender.ingest.part_files import is_held, part_of
from recommender.ingest.partial_uploads import discard_abandoned
from recommender.ingest.queries import discard_old_queries
from recommender.ingest.wake import (
    queue_length,
    wake_analysis,
    wake_duplicates,
    wake_index,
    wake_map,
    wake_renditions,
)
from recommender.similarity.map.drawing import is_map_behind
from recommender.similarity.spaces import (
    active_space,
    chosen_space,
    describe_obstacles,
    filling_spaces,
    measure_progress,
    queue_missing_analyses,
)

logger = logging.getLogger(__name__)

WAKE_AT_MOST = 500
# How old this file in the folder of locks is says when the last sweep ended.
MARK = "swept"
_warned_of = ""
LOST = gettext_noop(
    "A worker went away in the middle of this track too often. An administrator can have it tried again."
)


def sweep() -> None:
    requeue_abandoned()
    for space in filling_spaces():
        queue_missing_analyses(space)
    wake_waiting()
    wake_drawing()
    warn_of_obstacles()
    remove_old_uploads()
    discard_old_queries()
    refresh_statistics()
    (settings.STORAGE.locks / MARK).touch()


def requeue_abandoned() -> None:
    """Analyses whose worker is gone: its lease ran out. After too many of those the track is given up."""
    limit = settings.ANALYSIS.max_lost_leases
    hopeless = Analysis.objects.expired().filter(lost_leases__gte=limit)
    hopeless.move_to(AnalysisState.FAILED, reason="lost", detail=LOST)
    for analysis in Analysis.objects.expired():
        held = Analysis.objects.expired().filter(pk=analysis.pk, lease_owner=analysis.lease_owner)
        if held.update(lost_leases=F("lost_leases") + 1):
            held.requeue(0)
            logger.warning("analysis %d was abandoned and is queued again", analysis.pk)


def wake_waiting() -> None:
    """Send wake-ups for waiting analyses, but only where the queue holds none: they may just be waiting their turn."""
    moment_ago = timezone.now() - dt.timedelta(seconds=5)
    try:
        for space in [] if Pause.objects.exists() else filling_spaces():
            waiting = Analysis.objects.waiting().filter(state_changed_at__lt=moment_ago, space=space)
            if waiting.exists() and queue_length("analysis", is_urgent=space.is_active) == 0:
                wake_analysis(waiting.order_by("pk")[:WAKE_AT_MOST])
        if any(Embedding.objects.behind(space).exists() for space in filling_spaces()):
            wake_index()
        if Fingerprint.objects.filter(compared_at=None).exists() and queue_length("background", is_urgent=False) == 0:
            wake_duplicates()
        if AudioFile.objects.filter(rendition=Rendition.WANTED).exists():
            wake_renditions()
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("the broker cannot be reached: %s", error)


def wake_drawing() -> None:
    """Have the map brought up to date: at this pace, and not for each track, and not while that waits its turn."""
    space = active_space()
    try:
        if space and queue_length("background", is_urgent=False) == 0 and is_map_behind(space):
            wake_map()
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("the broker cannot be reached: %s", error)


def warn_of_obstacles() -> None:
    """Say what keeps the chosen space from taking over: once, and again when that changes."""
    global _warned_of
    active, chosen = active_space(), chosen_space()
    obstacles = describe_obstacles(chosen) if active and chosen and chosen != active else ""
    if active and chosen and obstacles not in ("", _warned_of):
        progress = measure_progress(chosen)
        change = f"{active.encoder_name} -> {chosen.encoder_name}"
        logger.warning("%s: %d of %d tracks, %s", change, progress.ready, progress.total, obstacles)
    _warned_of = obstacles


def remove_old_uploads() -> None:
    """Uploads that nobody goes on with, and staged files that no upload is known of, as after a crash."""
    oldest = timezone.now() - dt.timedelta(seconds=settings.UPLOADS.staging_lifetime_seconds)
    discard_abandoned(oldest)
    under_way = {part_of(pk).stem for pk in Upload.objects.receiving().values_list("pk", flat=True)}
    for staged in settings.STORAGE.staging.iterdir():
        # An upload may be stored, and so be gone from here, at any moment.
        with contextlib.suppress(FileNotFoundError):
            is_old = _rests_since(staged) < oldest.timestamp()
            if is_old and staged.stem not in under_way and not is_held(staged):
                staged.unlink()


def _rests_since(staged: Path) -> float:
    """A link to a file from elsewhere is as old as that file: when it was made shows in the time of the last change."""
    info = staged.stat()
    return info.st_ctime if info.st_nlink > 1 else info.st_mtime
