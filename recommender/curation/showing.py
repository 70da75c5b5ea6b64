"""Who sees a track and whether it is recommended: single columns that are set at the desk, and put back."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.curation.models import Change
from recommender.curation.sentences import CHANGED_SINCE, GONE

Values = Mapping[str, Any]


def own(actor: User) -> TrackQuerySet:
    """An administrator's reach does not make other people's tracks their own."""
    return Track.objects.filter(owner=actor, is_deleting=False)


def publishable(actor: User) -> TrackQuerySet:
    """What nobody has to look at before others hear it."""
    return Track.objects.none() if must_submit(actor) else own(actor)


def must_submit(actor: User) -> bool:
    return bool(settings.UPLOADS.needs_review) and not actor.is_curator


def setting(
    field: str, value: Any, *, only_from: tuple[Any, ...]
) -> Callable[[Track, User, Values], tuple[Values, Values] | None]:
    """Sets a column where it has one of those values."""

    def do(track: Track, actor: User, arguments: Values) -> tuple[Values, Values] | None:
        before = getattr(track, field)
        held = Track.objects.filter(pk=track.pk, **{field: before})
        if before == value or before not in only_from or not held.update(**{field: value}):
            return None
        return {field: before}, {field: value}

    return do


def put_back(change: Change, actor: User) -> str:
    """Columns as they were, unless they were changed since, be it to and fro: a decision that was overruled by another
    does not come back.
    """
    if _is_overruled(change):
        return CHANGED_SINCE
    # What was made private by the act itself goes back although its curator does not see it any more.
    is_in_sight = "visibility" not in change.after
    reached = Track.objects.visible_to(actor) if is_in_sight else Track.objects.filter(is_deleting=False)
    found = reached.filter(pk=change.track_id or 0)
    if not found.exists():
        return GONE
    return "" if found.filter(**change.after).update(**change.before) else CHANGED_SINCE


def _is_overruled(change: Change) -> bool:
    """By what was done to the same columns later, and stands: also for want of a way back."""
    later = Change.objects.since(change).values_list("after", flat=True)
    return any(set(change.after) & set(after) for after in later)
