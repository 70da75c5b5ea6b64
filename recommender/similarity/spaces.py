"""The spaces there are, and which of them answers."""

from django.db import transaction
from django.utils import timezone

from recommender.catalog.models import Analysis, AnalysisState, Space, Track

_UNFINISHED = (AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING)


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
        if space != chosen_space():
            Space.objects.filter(pk=space.pk).update(chosen_at=timezone.now())
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
    lacking = Track.objects.filter(is_deleting=False).exclude(analyses__space=space)
    Analysis.objects.bulk_create(
        [Analysis(track=track, space=space) for track in lacking.only("pk")], batch_size=500, ignore_conflicts=True
    )


def _would_lose_tracks(chosen: Space) -> bool:
    """Work is left, or a track that is ready in the active space failed in the other: a fault of the encoder then."""
    alive = chosen.analyses.filter(track__is_deleting=False)
    if alive.filter(state__in=_UNFINISHED).exists():
        return True
    ready_now = Analysis.objects.filter(space__is_active=True, state=AnalysisState.READY).values("track")
    return alive.filter(state=AnalysisState.FAILED, track__in=ready_now).exists()


@transaction.atomic
def promote_complete_space() -> Space | None:
    """Make the chosen space the active one once nothing is left to do in it. Nobody loses recommendations meanwhile."""
    chosen = chosen_space()
    if chosen is None or chosen.is_active or _would_lose_tracks(chosen):
        return None
    Space.objects.filter(is_active=True).update(is_active=False)
    Space.objects.filter(pk=chosen.pk).update(is_active=True)
    return chosen
