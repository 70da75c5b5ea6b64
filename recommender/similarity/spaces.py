"""The spaces there are, and which of them answers."""

from django.db import transaction

from recommender.catalog.models import Analysis, AnalysisState, Space, Track

_UNFINISHED = (AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING)


def ensure_space(signature: str, encoder_name: str, dimension: int) -> Space:
    """The space of this encoder signature, made if it is new.

    The first space is active at once. A later one fills beside the active one, with every track queued for it, and
    takes over in `promote_complete_space`.
    """
    with transaction.atomic():
        space, is_new = Space.objects.get_or_create(
            signature=signature, defaults={"encoder_name": encoder_name, "dimension": dimension}
        )
        if is_new and not Space.objects.filter(is_active=True).exists():
            Space.objects.filter(pk=space.pk).update(is_active=True)
        queue_missing_analyses(space)
    space.refresh_from_db()
    return space


def active_space() -> Space | None:
    return Space.objects.filter(is_active=True).first()


def filling_spaces() -> list[Space]:
    """The active space and every newer one: a new track is analysed for each of them."""
    active = active_space()
    return list(Space.objects.filter(pk__gte=active.pk)) if active else list(Space.objects.all())


def queue_missing_analyses(space: Space) -> None:
    lacking = Track.objects.filter(is_deleting=False).exclude(analyses__space=space)
    Analysis.objects.bulk_create(
        [Analysis(track=track, space=space) for track in lacking.only("pk")], batch_size=500, ignore_conflicts=True
    )


def _would_lose_tracks(newest: Space) -> bool:
    """Work is left, or a track that is ready in the active space failed in the new one: a fault of the encoder then."""
    alive = newest.analyses.filter(track__is_deleting=False)
    if alive.filter(state__in=_UNFINISHED).exists():
        return True
    ready_now = Analysis.objects.filter(space__is_active=True, state=AnalysisState.READY).values("track")
    return alive.filter(state=AnalysisState.FAILED, track__in=ready_now).exists()


@transaction.atomic
def promote_complete_space() -> Space | None:
    """Make the newest space the active one once nothing is left to do in it. Nobody loses recommendations meanwhile."""
    newest = Space.objects.order_by("-pk").first()
    if newest is None or newest.is_active or _would_lose_tracks(newest):
        return None
    Space.objects.filter(is_active=True).update(is_active=False)
    Space.objects.filter(pk=newest.pk).update(is_active=True)
    return newest
