"""What owners do with their tracks."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.acts import perform
from recommender.curation.errors import NotYoursError
from recommender.curation.models import Act, Verb
from recommender.ingest.errors import TooOftenError
from recommender.ingest.intake import retry_at_request
from recommender.web.answers import problem, wants_json
from recommender.web.desk.telling import describe_act, tell_act
from recommender.web.track_access import find_editable


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, track_id: int) -> HttpResponse:
    """GET asks whether it is meant, for those without scripts; POST moves it to the trash.

    Scripts get JSON as from `telling.describe_act`; those that go on to another page have people told there.
    """
    track = find_editable(request.user, track_id)
    if request.method != "POST":
        return render(request, "track_delete.html", {"track": track, "days": settings.TRASH.kept_for.days})
    act = _trash(cast(User, request.user), track)
    told = _("“%(title)s” is in the trash now.") % {"title": track.title}
    if not wants_json(request) or "tell" in request.POST:
        tell_act(request, act, told)
    return JsonResponse(describe_act(request, act) | {"told": told}) if wants_json(request) else redirect("library")


def _trash(owner: User, track: Track) -> Act:
    """Raises PermissionDenied where somebody may keep tracks here no longer."""
    try:
        return perform(Verb.TRASH, owner, [track.pk])
    except NotYoursError as error:
        raise PermissionDenied(str(error)) from error


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
