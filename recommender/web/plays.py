"""What the player tells: how long a track was heard."""

from math import isfinite

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommender.accounts.models import User
from recommender.listening.errors import TooManyError
from recommender.listening.plays import record_play
from recommender.web.answers import problem
from recommender.web.refusals import BadAddressError
from recommender.web.track_access import find_playable

_RETRY_AFTER_SECONDS = 3600


@require_POST
def record(request: HttpRequest, track_id: int) -> HttpResponse:
    """`heard` seconds; `left` is 1 where another track was chosen instead of hearing this one to its end."""
    track = find_playable(request.user, track_id)
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in to have remembered what you hear."))
    try:
        record_play(request.user, track, _read_seconds(request), is_left=request.POST.get("left") == "1")
    except TooManyError as error:
        answer = problem("too_many", str(error), 429)
        answer["Retry-After"] = str(_RETRY_AFTER_SECONDS)
        return answer
    return HttpResponse(status=204)


def _read_seconds(request: HttpRequest) -> float:
    """Raises BadAddressError."""
    try:
        seconds = float(request.POST.get("heard", ""))
    except ValueError as error:
        raise BadAddressError(_("How long it was heard is a number of seconds.")) from error
    if not (isfinite(seconds) and 0 <= seconds < 1e9):
        raise BadAddressError(_("How long it was heard is a number of seconds from 0 up."))
    return seconds
