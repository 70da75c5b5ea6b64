"""The one door through which pages change tracks: `verb`, `track` again and again, `note`, and where to go then."""

from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recommender.accounts.models import User
from recommender.curation.acts import perform
from recommender.curation.errors import CurationError, NotYoursError
from recommender.curation.models import Act, Verb
from recommender.web.answers import find_way_back, problem, wants_json
from recommender.web.asked_tracks import read_track_ids
from recommender.web.desk.access import require_user
from recommender.web.desk.telling import describe_act, tell_act
from recommender.web.refusals import BadAddressError

LONGEST_NOTE: Final = 2000
# What needs no more than such a form says. The others have pages of their own.
VERBS: Final = frozenset(
    {
        *(Verb.APPROVE, Verb.REJECT, Verb.ASK, Verb.WITHDRAW, Verb.SUBMIT, Verb.PUBLISH, Verb.KEEP),
        *(Verb.HIDE, Verb.RECOMMEND, Verb.ANALYSE, Verb.TRASH, Verb.RESTORE, Verb.PURGE),
    }
)


@require_POST
def do(request: HttpRequest) -> HttpResponse:
    """JSON for scripts: see `telling.describe_act`. People go to `next` and find a notice with the way back."""
    actor = require_user(request)
    if not actor.is_uploader:
        raise PermissionDenied(_("Only curators look after the catalog."))
    try:
        act = _perform(request, actor)
    except CurationError as error:
        return refuse(request, error)
    if wants_json(request):
        return JsonResponse(describe_act(request, act))
    tell_act(request, act)
    return redirect(_find_next(request))


def refuse(request: HttpRequest, error: CurationError) -> HttpResponse:
    """For people a notice on the page where they are."""
    if wants_json(request):
        is_forbidden = isinstance(error, NotYoursError)
        return problem("not_yours" if is_forbidden else "bad_act", str(error), 403 if is_forbidden else 400)
    messages.error(request, str(error))
    return redirect(_find_next(request))


def _find_next(request: HttpRequest) -> str:
    """Only curators have a desk; everybody finds there what they did themselves."""
    is_curator = isinstance(request.user, User) and request.user.is_curator
    return find_way_back(request, reverse("desk" if is_curator else "desk_acts"), field="next")


def _perform(request: HttpRequest, actor: User) -> Act:
    """Raises BadAddressError, CurationError."""
    verb = request.POST.get("verb", "")
    if verb not in VERBS:
        raise BadAddressError(_("What is done is one of: %(choices)s.") % {"choices": ", ".join(sorted(VERBS))})
    return perform(Verb(verb), actor, read_track_ids(request.POST), note=read_note(request))


def read_note(request: HttpRequest) -> str:
    """Raises BadAddressError."""
    note = request.POST.get("note", "").replace("\0", "").strip()
    if len(note) > LONGEST_NOTE:
        raise BadAddressError(_("The reason has at most %(most)d characters.") % {"most": LONGEST_NOTE})
    return note
