"""Which track a request may touch. A track that must stay unknown to the viewer is not found, rather than forbidden."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import get_object_or_404

from recommender.catalog.models import Credit, Track
from recommender.catalog.models.music import Viewer


class Rights(NamedTuple):
    may_edit: bool
    may_describe: bool


def find_visible(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).select_related("audio_file"), pk=track_id)


def find_playable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).playable().select_related("audio_file"), pk=track_id)


def find_described(viewer: Viewer, track_id: int) -> Track:
    """The track with all that its page tells. Raises Http404."""
    described = Track.objects.visible_to(viewer).select_related("artist", "release", "audio_file", "owner")
    credited = Prefetch("credits", Credit.objects.select_related("artist"))
    return get_object_or_404(described.prefetch_related(credited).with_state(), pk=track_id)


def find_editable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404, or PermissionDenied when the viewer may know of the track but not change it."""
    track = get_object_or_404(Track.objects.visible_to(viewer).with_state(), pk=track_id)
    if not may_edit(viewer, track):
        raise PermissionDenied("This track belongs to somebody else.")
    return track


def find_describable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404, or PermissionDenied when the viewer may know of the track but not change what is said of it."""
    track = get_object_or_404(Track.objects.visible_to(viewer).select_related("artist", "release__artist"), pk=track_id)
    if not may_describe(viewer, track):
        raise PermissionDenied("This track belongs to somebody else.")
    return track


def may_edit(viewer: Viewer, track: Track) -> bool:
    return Track.objects.editable_by(viewer).filter(pk=track.pk).exists()


def may_describe(viewer: Viewer, track: Track) -> bool:
    return Track.objects.describable_by(viewer).filter(pk=track.pk).exists()


def find_rights(viewer: Viewer, track: Track) -> Rights:
    """Both at once. Who may edit a track may describe it, too."""
    editable = Track.objects.editable_by(viewer).filter(pk=OuterRef("pk"))
    found = Track.objects.describable_by(viewer).filter(pk=track.pk).values_list(Exists(editable), flat=True).first()
    return Rights(may_edit=bool(found), may_describe=found is not None)
