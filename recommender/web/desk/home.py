"""The desk itself: what waits for a curator, what goes on, and what was done last."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Pause
from recommender.curation.models import Job, Verb
from recommender.curation.waiting import Waiting, count_waiting
from recommender.curation.words import tell
from recommender.web.clock import zone_of
from recommender.web.desk.access import require_curator
from recommender.web.desk.acts import ActRow, describe_newest

LATEST: Final = 5


class Matter(NamedTuple):
    """Something that waits: a sentence with how much of it, and where it is dealt with."""

    told: str
    link: str


class Running(NamedTuple):
    job: Job
    told: str


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """`pause` holds the analysis of tracks up."""

    pause: Pause | None
    matters: list[Matter]
    in_trash: int
    running: list[Running]
    latest: list[ActRow]


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/home.html", {"page": show_desk(viewer, zone_of(request))})


def show_desk(viewer: User, zone: dt.tzinfo) -> DeskPage:
    waiting = count_waiting(viewer)
    return DeskPage(
        pause=Pause.objects.select_related("by").first(),
        matters=list(_name_matters(waiting)),
        in_trash=waiting.in_trash,
        running=[Running(job, tell(Verb(job.act.verb), job.total)) for job in waiting.jobs],
        latest=describe_newest(viewer, zone, LATEST),
    )


def _name_matters(waiting: Waiting) -> Iterator[Matter]:
    if count := waiting.review:
        told = ngettext("%(count)d track waits for review", "%(count)d tracks wait for review", count)
        yield Matter(told % {"count": count}, reverse("desk_review"))
    if count := waiting.pairs:
        told = ngettext("%(count)d pair may be one recording", "%(count)d pairs may be one recording", count)
        yield Matter(told % {"count": count}, reverse("desk_duplicates"))
    if count := waiting.reports:
        told = ngettext("%(count)d report is open", "%(count)d reports are open", count)
        yield Matter(told % {"count": count}, reverse("desk_reports"))
    if count := waiting.failed:
        told = ngettext("%(count)d track could not be analysed", "%(count)d tracks could not be analysed", count)
        yield Matter(told % {"count": count}, reverse("desk_health"))
