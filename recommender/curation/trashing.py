"""What is done with the trash at the desk: into it, back from it, and for good."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.curation.models import Change
from recommender.curation.sentences import GONE
from recommender.ingest.removal import bring_back, purge_track, trash_track

Values = Mapping[str, Any]


def in_trash(actor: User) -> TrackQuerySet:
    """What `actor` may bring back."""
    trashed = Track.objects.filter(is_deleting=True, trashed__purge_at__gt=timezone.now())
    return trashed if actor.is_administrator else trashed.filter(owner=actor)


def deletable(actor: User) -> TrackQuerySet:
    """Also what is in the trash."""
    seen, trashed = Track.objects.visible_to(actor), in_trash(actor)
    return Track.objects.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=trashed.values("pk")))


def trash(track: Track, actor: User, arguments: Values) -> tuple[Values, Values]:
    trash_track(track, actor)
    return {"is_deleting": False}, {"is_deleting": True}


def restore(track: Track, actor: User, arguments: Values) -> tuple[Values, Values] | None:
    return ({"is_deleting": True}, {"is_deleting": False}) if bring_back(track, actor) else None


def purge(track: Track, actor: User, arguments: Values) -> tuple[Values, Values]:
    purge_track(track)
    return {}, {}


def undo_trash(change: Change, actor: User) -> str:
    track = in_trash(actor).select_related("audio_file").filter(pk=change.track_id or 0).first()
    return "" if track is not None and bring_back(track, actor) else GONE


def undo_restore(change: Change, actor: User) -> str:
    track = Track.objects.editable_by(actor).filter(pk=change.track_id or 0).first()
    if track is None:
        return GONE
    trash_track(track, actor)
    return ""
