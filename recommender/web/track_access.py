"""Which track a request may touch. A track that must stay unknown to the viewer is not found, rather than forbidden."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer


def find_visible(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).select_related("audio_file"), pk=track_id)


def find_playable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).playable().select_related("audio_file"), pk=track_id)


def find_described(viewer: Viewer, track_id: int) -> Track:
    """The track with all that its page tells. Raises Http404."""
    described = Track.objects.visible_to(viewer).select_related("artist", "release", "audio_file", "owner")
    return get_object_or_404(described.with_state(), pk=track_id)


def find_editable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404, or PermissionDenied when the viewer may know of the track but not change it."""
    track = get_object_or_404(Track.objects.visible_to(viewer).with_state(), pk=track_id)
    if not may_edit(viewer, track):
        raise PermissionDenied("This track belongs to somebody else.")
    return track


def may_edit(viewer: Viewer, track: Track) -> bool:
    return Track.objects.editable_by(viewer).filter(pk=track.pk).exists()
