"""What owners do with their tracks."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.ingest.errors import TooOftenError
from recommender.ingest.intake import retry_at_request
from recommender.ingest.removal import trash_track
from recommender.web.answers import problem, wants_json
from recommender.web.track_access import find_editable


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, track_id: int) -> HttpResponse:
    """GET asks whether it is meant, for those without scripts; POST deletes."""
    track = find_editable(request.user, track_id)
    if request.method != "POST":
        return render(request, "track_delete.html", {"track": track})
    assert isinstance(request.user, User)
    trash_track(track, request.user)
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _("“%(title)s” was deleted.") % {"title": track.title})
    return redirect("library")


@require_POST
def retry(request: HttpRequest, track_id: int) -> HttpResponse:
    track = find_editable(request.user, track_id)
    assert isinstance(request.user, User)
    try:
        retry_at_request(track, request.user)
    except TooOftenError as error:
        return _refuse_retry(request, track, error)
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _("“%(title)s” will be analysed again.") % {"title": track.title})
    return redirect("track", track_id=track.pk)


def _refuse_retry(request: HttpRequest, track: Track, error: TooOftenError) -> HttpResponse:
    if wants_json(request):
        answer = problem("too_often", str(error), 429)
        answer["Retry-After"] = str(error.retry_after_seconds)
        return answer
    messages.error(request, str(error))
    return redirect("track", track_id=track.pk)
