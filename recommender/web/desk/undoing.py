"""Taking back what was done: one act, or several of them."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recommender.accounts.models import User
from recommender.curation.acts import can_be_taken_back, may_take_back, take_back, take_back_all
from recommender.curation.audit import acts_seen_by, with_counts
from recommender.curation.errors import CurationError
from recommender.curation.models import Act, Verb
from recommender.curation.words import tell
from recommender.web.answers import find_way_back, wants_json
from recommender.web.asked_numbers import read_whole
from recommender.web.desk.access import require_user
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import describe_act, tell_all_undone, tell_undone

# A page of the audit.
MOST: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """GET asks whether it is meant; POST takes it back and says what stays as it is."""
    actor = require_user(request)
    act = get_object_or_404(acts_seen_by(actor), pk=act_id)
    if request.method != "POST":
        return _ask(request, [act], reverse("desk_act", args=[act.pk]))
    try:
        act = take_back(act, actor)
    except CurationError as error:
        return refuse(request, error)
    if wants_json(request):
        return JsonResponse(describe_act(request, act))
    tell_undone(request, act)
    return redirect(find_way_back(request, reverse("desk_act", args=[act.pk]), field="next"))


@require_http_methods(["GET", "HEAD", "POST"])
def undo_several(request: HttpRequest) -> HttpResponse:
    """The same for each `act`, the last one first: it may have changed what an earlier one left."""
    actor = require_user(request)
    texts = (request.POST if request.method == "POST" else request.GET).getlist("act")[:MOST]
    acts = find_open(actor, {read_whole(_("number of an act"), text) for text in texts})
    if acts and request.method != "POST":
        return _ask(request, acts, reverse("desk_acts"))
    if acts:
        tell_all_undone(request, take_back_all(acts, actor))
    else:
        messages.info(request, _("Nothing was taken back: tick what is to be."))
    return redirect("desk_acts")


def find_open(actor: User, numbers: set[int]) -> list[Act]:
    """Those that `actor` may take back, newest first."""
    acts = acts_seen_by(actor).filter(pk__in=numbers).order_by("-pk")
    return [act for act in acts if can_be_taken_back(act) and may_take_back(act, actor)]


def _ask(request: HttpRequest, acts: list[Act], back: str) -> HttpResponse:
    counted = with_counts(Act.objects.filter(pk__in=[act.pk for act in acts])).order_by("-pk")
    asked = [(act.pk, tell(Verb(act.verb), vars(act)["done"])) for act in counted]
    return render(request, "desk/undo.html", {"asked": asked, "back": back})
