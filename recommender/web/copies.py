"""Downloading a copy of a track whose tags say what the catalog says."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from recommender.catalog.models import Track
from recommender.ingest.exporting import name_copy
from recommender.ingest.tagging.copies import TaggedCopy, plan_copy
from recommender.ingest.tagging.pieces import NotTaggableError
from recommender.web.answers import problem, wants_json
from recommender.web.track_access import find_visible

TAKES_NO_DETAILS = gettext_noop("This kind of file cannot be given other details. It can be downloaded as it came.")


@require_safe
def track_copy(request: HttpRequest, track_id: int) -> HttpResponseBase:
    track = find_visible(request.user, track_id)
    if not request.user.is_authenticated:
        raise PermissionDenied(_("Sign in to download files."))
    try:
        return _send(request, track, plan_copy(track))
    except FileNotFoundError as error:
        raise Http404("the file of this track is missing") from error
    except NotTaggableError:
        return _refuse(request, track)


def _send(request: HttpRequest, track: Track, copy: TaggedCopy) -> HttpResponseBase:
    answer: HttpResponseBase = HttpResponse() if request.method == "HEAD" else StreamingHttpResponse(copy.read())
    answer["Content-Type"] = track.audio_file.media_type
    answer["Content-Length"] = str(copy.size)
    answer["Content-Disposition"] = content_disposition_header(True, name_copy(track)) or "attachment"
    # As of the original; and what is said of a track may be put right again a moment later.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _refuse(request: HttpRequest, track: Track) -> HttpResponseBase:
    if wants_json(request):
        return problem("takes_no_details", _(TAKES_NO_DETAILS), 415)
    messages.error(request, _(TAKES_NO_DETAILS))
    return redirect("track", track_id=track.pk)
