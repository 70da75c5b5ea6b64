"""How far the work is that goes on behind the pages, and how it is stopped."""

from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommender.curation.acts import may_take_back
from recommender.curation.audit import acts_seen_by
from recommender.curation.models import Job
from recommender.web.answers import find_way_back, wants_json
from recommender.web.asked_numbers import read_ids
from recommender.web.desk.access import require_user

MOST_ASKED: Final = 100


@require_safe
def job_states(request: HttpRequest) -> HttpResponse:
    """`?ids=1,2` -> `{"jobs": [{"id", "done", "total", "is_over", "told"}]}`: those the viewer may know of."""
    viewer = require_user(request)
    ids = read_ids("ids", request.GET.get("ids", ""), most=MOST_ASKED)
    jobs = Job.objects.filter(pk__in=ids, act__in=acts_seen_by(viewer)).defer("arguments")
    answer = JsonResponse({"jobs": [describe_job(job) for job in jobs]})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def stop(request: HttpRequest, job_id: int) -> HttpResponse:
    """What is done stays done. Taking back is not stopped."""
    viewer = require_user(request)
    job = get_object_or_404(Job.objects.select_related("act"), pk=job_id, act__in=acts_seen_by(viewer))
    if not may_take_back(job.act, viewer):
        raise PermissionDenied(_("Only who did this, or an administrator, stops it."))
    was_stopped = Job.objects.filter(pk=job.pk).cancel()
    if wants_json(request):
        return HttpResponse(status=204)
    told = _("Stopped. What is done already stays.") if was_stopped else _("There was nothing to stop any more.")
    messages.info(request, told)
    return redirect(find_way_back(request, reverse("desk_act", args=[job.act_id]), field="next"))


def describe_job(job: Job) -> dict[str, object]:
    told = _("%(done)d of %(total)d tracks") % {"done": job.done, "total": job.total}
    return {"id": job.pk, "done": job.done, "total": job.total, "is_over": job.is_over, "told": told}
