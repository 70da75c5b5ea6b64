"""The pages everybody sees: the library and a track."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.catalog.models import AnalysisState, Track, Visibility
from recommender.catalog.models.music import Viewer
from recommender.similarity.recommend import SimilarTracks, similar_to
from recommender.web.listing import browse
from recommender.web.states import ShownState, show_state
from recommender.web.track_access import find_described, may_edit


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    return render(request, "library.html", {"page": browse(request.user, request.GET)})


@require_safe
def track(request: HttpRequest, track_id: int) -> HttpResponse:
    found = find_described(request.user, track_id)
    return render(request, "track.html", {"track": found, "page": describe_track(found, request.user)})


@dataclass(frozen=True, kw_only=True)
class TrackPage:
    shown: ShownState
    similar: SimilarTracks | None
    may_edit: bool
    visibility: str


def describe_track(track: Track, viewer: Viewer) -> TrackPage:
    shown = show_state(track)
    edits = may_edit(viewer, track)
    return TrackPage(
        shown=shown,
        similar=similar_to(track, viewer) if shown.state == AnalysisState.READY else None,
        may_edit=edits,
        visibility=Visibility(track.visibility).label if edits or getattr(viewer, "is_curator", False) else "",
    )
