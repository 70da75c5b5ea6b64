"""Which track a request may touch. A track that must stay unknown to the viewer is not found, rather than forbidden."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from recommender.catalog.models import PairVerdict, RecordingPair, Spectrogram, Track
from recommender.catalog.models.music import Viewer
from recommender.listening.feedback import opinion_on


class Rights(NamedTuple):
    may_edit: bool
    may_describe: bool


def find_visible(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).select_related("audio_file"), pk=track_id)


def find_playable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404."""
    return get_object_or_404(Track.objects.visible_to(viewer).playable().select_related("audio_file"), pk=track_id)


class DescribedTrack(NamedTuple):
    """`has_twins`: others that may be the same recording. `said`: the viewer's verdict on it."""

    track: Track
    rights: Rights
    has_twins: bool
    said: str


def find_described(viewer: Viewer, track_id: int) -> DescribedTrack:
    """The track, and what its page has to know before it asks for more: in one query. Raises Http404."""
    described = Track.objects.visible_to(viewer).select_related("artist", "release", "audio_file", "owner")
    paired = RecordingPair.objects.exclude(verdict=PairVerdict.DIFFERENT)
    asked = described.with_state().annotate(
        may_edit=Exists(Track.objects.editable_by(viewer).filter(pk=OuterRef("pk"))),
        may_describe=Exists(Track.objects.describable_by(viewer).filter(pk=OuterRef("pk"))),
        has_twins=Exists(paired.filter(first=OuterRef("pk"))) | Exists(paired.filter(second=OuterRef("pk"))),
        said=opinion_on(viewer),
        has_spectrogram=Exists(Spectrogram.objects.filter(audio_file=OuterRef("audio_file")).exclude(picture=b"")),
    )
    track = get_object_or_404(asked, pk=track_id)
    told = vars(track)
    rights = Rights(may_edit=told["may_edit"], may_describe=told["may_describe"])
    return DescribedTrack(track, rights, told["has_twins"], told["said"])


def find_editable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404, or PermissionDenied when the viewer may know of the track but not change it."""
    track = get_object_or_404(Track.objects.visible_to(viewer).with_state(), pk=track_id)
    if not may_edit(viewer, track):
        raise PermissionDenied(_("This track belongs to somebody else."))
    return track


def find_describable(viewer: Viewer, track_id: int) -> Track:
    """Raises Http404, or PermissionDenied when the viewer may know of the track but not change what is said of it."""
    track = get_object_or_404(Track.objects.visible_to(viewer).select_related("artist", "release__artist"), pk=track_id)
    if not may_describe(viewer, track):
        raise PermissionDenied(_("This track belongs to somebody else."))
    return track


def may_edit(viewer: Viewer, track: Track) -> bool:
    return Track.objects.editable_by(viewer).filter(pk=track.pk).exists()


def may_describe(viewer: Viewer, track: Track) -> bool:
    return Track.objects.describable_by(viewer).filter(pk=track.pk).exists()
