"""Taking back what was done."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from recommender.curation.acts import take_back
from recommender.curation.audit import acts_seen_by
from recommender.curation.errors import CurationError
from recommender.curation.models import Verb
from recommender.curation.words import tell
from recommender.web.answers import find_way_back, wants_json
from recommender.web.desk.access import require_user
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import describe_act, tell_undone


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, act_id: int) -> HttpResponse:
    """GET asks whether it is meant; POST takes it back and says what stays as it is."""
    actor = require_user(request)
    act = get_object_or_404(acts_seen_by(actor), pk=act_id)
    if request.method != "POST":
        return render(request, "desk/undo.html", {"act": act, "told": tell(Verb(act.verb), act.changes.count())})
    try:
        act = take_back(act, actor)
    except CurationError as error:
        return refuse(request, error)
    if wants_json(request):
        return JsonResponse(describe_act(request, act))
    tell_undone(request, act)
    return redirect(find_way_back(request, reverse("desk_act", args=[act.pk]), field="next"))
