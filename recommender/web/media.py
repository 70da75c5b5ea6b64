"""Sound and pictures of single tracks, for those who may see the track."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from recommender.catalog.streaming import (
    BeingPreparedError,
    NotPlayableError,
    serve_cover,
    serve_spectrogram,
    serve_waveform,
    stream_audio,
    stream_download,
)
from recommender.web.answers import problem
from recommender.web.track_access import find_playable, find_visible

BEING_PREPARED = gettext_noop("This track is being prepared for playing. Try again in a moment.")
NOT_PLAYABLE = gettext_noop(
    "Browsers cannot play this file, and no copy could be made that they can. It can be downloaded."
)
RETRY_AFTER_SECONDS = 10


@require_safe
def track_audio(request: HttpRequest, track_id: int) -> HttpResponseBase:
    try:
        return stream_audio(request, find_playable(request.user, track_id))
    except BeingPreparedError:
        answer = problem("being_prepared", _(BEING_PREPARED), 503)
        answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return answer
    except NotPlayableError:
        return problem("not_playable", _(NOT_PLAYABLE), 415)


@require_safe
def track_download(request: HttpRequest, track_id: int) -> HttpResponseBase:
    track = find_visible(request.user, track_id)
    if not request.user.is_authenticated:
        raise PermissionDenied(_("Sign in to download files."))
    return stream_download(request, track)


@require_safe
def track_cover(request: HttpRequest, track_id: int, side: int) -> HttpResponseBase:
    return serve_cover(request, find_visible(request.user, track_id), side)


@require_safe
def track_spectrogram(request: HttpRequest, track_id: int) -> HttpResponseBase:
    return serve_spectrogram(find_visible(request.user, track_id))


@require_safe
def track_waveform(request: HttpRequest, track_id: int) -> HttpResponseBase:
    return serve_waveform(find_playable(request.user, track_id))
