"""The spaces there are, and which of them answers."""

import datetime as dt
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Count
from django.utils import timezone

from recommender.catalog.models import MEDIA_LOST, Analysis, AnalysisState, Embedding, Space, Track

LISTED = 5
_UNFINISHED = (AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING)


@dataclass(frozen=True)
class Progress:
    """How many tracks of the catalog are where in a space; `unindexed` ones have no vector on purpose."""

    total: int
    ready: int
    failed: int
    unindexed: int

    @property
    def waiting(self) -> int:
        return self.total - self.ready - self.failed - self.unindexed


def ensure_space(signature: str, encoder_name: str, dimension: int) -> Space:
    """Choose the space of this encoder signature, made if it is new.

    The first space is active at once. Another one fills beside the active one, with every track queued for it that it
    lacks, and takes over in `promote_complete_space`.
    """
    with transaction.atomic():
        space, is_new = Space.objects.get_or_create(
            signature=signature, defaults={"encoder_name": encoder_name, "dimension": dimension}
        )
        if is_new and not Space.objects.filter(is_active=True).exists():
            Space.objects.filter(pk=space.pk).update(is_active=True)
        _choose(space)
        queue_missing_analyses(space)
    space.refresh_from_db()
    return space


def active_space() -> Space | None:
    return Space.objects.filter(is_active=True).first()


def chosen_space() -> Space | None:
    """The one that is to answer: the active one, or the one that is to take its place."""
    return Space.objects.order_by("-chosen_at", "-pk").first()


def filling_spaces() -> list[Space]:
    """The active space and the chosen one: a new track is analysed for both, and work for others can wait."""
    active, chosen = active_space(), chosen_space()
    return [space for space in (active, chosen if chosen != active else None) if space is not None]


def queue_missing_analyses(space: Space) -> None:
    Analysis.objects.bulk_create(
        [Analysis(track=track, space=space) for track in _lacking(space).only("pk")],
        batch_size=500,
        ignore_conflicts=True,
    )


@transaction.atomic
def promote_complete_space(synchronised: Space) -> Space | None:
    """Make this space the active one if it is the chosen one and complete: nobody loses recommendations then.

    Call it right after `similarity.sync.synchronise_space`, since SQL alone cannot tell that the index still answers.
    """
    chosen = chosen_space()
    if chosen is None or chosen != synchronised or chosen.is_active or not _is_complete(chosen):
        return None
    Space.objects.filter(is_active=True).update(is_active=False)
    Space.objects.filter(pk=chosen.pk).update(is_active=True)
    return chosen


def measure_progress(space: Space) -> Progress:
    """A track whose vector the index does not hold is not ready, whatever it was before."""
    alive = space.analyses.filter(track__is_deleting=False)
    states = dict(alive.values_list("state").annotate(Count("pk")))
    behind = alive.filter(state=AnalysisState.READY, track__in=Embedding.objects.behind(space).values("track"))
    return Progress(
        total=Track.objects.filter(is_deleting=False).count(),
        ready=states.get(AnalysisState.READY, 0) - behind.count(),
        failed=states.get(AnalysisState.FAILED, 0),
        unindexed=states.get(AnalysisState.UNINDEXED, 0),
    )


def describe_obstacles(space: Space) -> str:
    """What keeps a chosen space from ever being complete, in words; empty where there is only work left."""
    held_back = space.analyses.filter(
        state=AnalysisState.QUEUED, not_before__gt=timezone.now(), track__is_deleting=False
    )
    found = (("failed", _lost(space)), ("held back", held_back))
    return "; ".join(_describe(rows, what) for what, rows in found if rows.exists())


def _choose(space: Space) -> None:
    """Make `space` the one chosen last, also where the clock was set back since."""
    newest = chosen_space()
    if newest is not None and newest != space:
        chosen_at = max(timezone.now(), newest.chosen_at + dt.timedelta(microseconds=1))
        Space.objects.filter(pk=space.pk).update(chosen_at=chosen_at)


def _lacking(space: Space) -> models.QuerySet[Track]:
    return Track.objects.filter(is_deleting=False).exclude(analyses__space=space)


def _is_complete(space: Space) -> bool:
    """No track is left to analyse or to index, and none was lost."""
    unfinished = space.analyses.filter(state__in=_UNFINISHED, track__is_deleting=False)
    left = (unfinished, _lacking(space), Embedding.objects.behind(space), _lost(space))
    return not any(rows.exists() for rows in left)


def _lost(space: Space) -> models.QuerySet[Analysis]:
    """Tracks that are ready in the active space and failed in this one: a fault of the encoder then.

    A stored file that is missing is none, and would fail with every encoder.
    """
    ready_now = Analysis.objects.filter(space__is_active=True, state=AnalysisState.READY).values("track")
    failed = space.analyses.filter(state=AnalysisState.FAILED, track__is_deleting=False)
    return failed.exclude(reason=MEDIA_LOST).filter(track__in=ready_now)


def _describe(rows: models.QuerySet[Analysis], what: str) -> str:
    reasons = sorted(set(rows.values_list("reason", flat=True)))
    tracks = ", ".join(str(track) for track in rows.order_by("track").values_list("track", flat=True)[:LISTED])
    count = rows.count()
    return f"{count} {what}: {', '.join(reasons)} (tracks {tracks}{' ...' if count > LISTED else ''})"
