"""Sound and covers of single tracks, for those who may see the track."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from recommender.catalog.streaming import serve_cover, stream_audio
from recommender.web.track_access import find_playable, find_visible


@require_safe
def track_audio(request: HttpRequest, track_id: int) -> HttpResponseBase:
    return stream_audio(request, find_playable(request.user, track_id))


@require_safe
def track_download(request: HttpRequest, track_id: int) -> HttpResponseBase:
    track = find_visible(request.user, track_id)
    if not request.user.is_authenticated:
        raise PermissionDenied("Sign in to download files.")
    return stream_audio(request, track, as_download=True)


@require_safe
def track_cover(request: HttpRequest, track_id: int) -> HttpResponseBase:
    track = find_visible(request.user, track_id)
    if not track.has_cover:
        raise Http404("no cover")
    return serve_cover(request, track)
