"""Pipeline health: how the analysis of tracks is getting on, and for administrators what it runs on."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import AnalysisState, Pause
from recommender.curation import machinery, pipeline
from recommender.curation.errors import CurationError
from recommender.curation.models import Job, Verb
from recommender.curation.pausing import pause, resume
from recommender.ingest.reanalysis import CHOICES
from recommender.similarity.spaces import filling_spaces
from recommender.web.desk.access import require_administrator, require_curator
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import tell_act
from recommender.web.refusals import BadAddressError
from recommender.web.states import explain_reason, name_state

LONGEST_REASON: Final = 40
MOST_JOBS: Final = 3
# What takes longer is told in minutes.
MOST_SECONDS: Final = 120
AGAIN: Final[dict[str, Promise]] = {
    "failed": gettext_lazy("what failed"),
    "unmeasured": gettext_lazy("what an older version measured less of"),
    "missing": gettext_lazy("what has no vector of the chosen encoder"),
    "all": gettext_lazy("everything"),
}
QUEUE_NAMES: Final[dict[str, Promise]] = {
    "analysis": gettext_lazy("Analysis"),
    "index": pgettext_lazy("of vectors", "Index"),
    "interactive": gettext_lazy("Asking by sound"),
    "background": gettext_lazy("What can wait"),
}
PART_NAMES: Final[dict[str, Promise]] = {
    "audio": gettext_lazy("Audio"),
    "renditions": gettext_lazy("Copies for browsers"),
    "covers": gettext_lazy("Covers"),
    "staging": gettext_lazy("Uploads under way"),
    "database": gettext_lazy("Database"),
    "index": gettext_lazy("Vector index"),
}


class StateCount(NamedTuple):
    state: str
    label: str
    tracks: int


@dataclass(frozen=True, kw_only=True)
class SpaceRow:
    """`left` says how much longer it takes, empty where nobody can tell."""

    found: pipeline.SpaceState
    counts: list[StateCount]
    left: str


@dataclass(frozen=True, kw_only=True)
class FailureRow:
    group: pipeline.FailureGroup
    told: str


@dataclass(frozen=True, kw_only=True)
class Machinery:
    """What only administrators see."""

    queues: list[tuple[str, machinery.Queue]]
    is_redis_there: bool
    last_sweep: dt.datetime | None
    index: machinery.IndexCount | None
    disk: machinery.DiskUse
    parts: list[tuple[str, int]]
    choices: list[tuple[str, Promise]]


@dataclass(frozen=True, kw_only=True)
class HealthPage:
    pause: Pause | None
    spaces: list[SpaceRow]
    oldest_waiting: dt.datetime | None
    stages: list[tuple[str, str]]
    stages_of: int
    failures: list[FailureRow]
    jobs: list[Job]
    machinery: Machinery | None


@require_safe
@login_required
def health(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    answer = render(request, "desk/health.html", {"page": describe_health(viewer)})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """All that failed for one `reason`."""
    curator, reason = require_curator(request), request.POST.get("reason", "")
    if not 0 < len(reason) <= LONGEST_REASON or "\0" in reason:
        raise BadAddressError(_("Say which reason is meant."))
    try:
        tell_act(request, pipeline.retry_failures(curator, reason))
    except CurationError as error:
        return refuse(request, error)
    return redirect("desk_health")


@require_POST
def analyse_again(request: HttpRequest) -> HttpResponse:
    """`choice` is one of `reanalysis.CHOICES`."""
    admin, choice = require_administrator(request), request.POST.get("choice", "")
    if choice not in CHOICES:
        raise BadAddressError(_("What is analysed again is one of: %(choices)s.") % {"choices": ", ".join(CHOICES)})
    try:
        tell_act(request, pipeline.analyse_again(admin, choice))
    except CurationError as error:
        return refuse(request, error)
    return redirect("desk_health")


@require_POST
def switch_pause(request: HttpRequest) -> HttpResponse:
    """`on` is 1 or 0."""
    admin, is_on = require_administrator(request), request.POST.get("on") == "1"
    act = pause(admin) if is_on else resume(admin)
    if act is not None:
        tell_act(request, act)
    else:
        messages.info(request, _("Nothing was changed: it is so already."))
    return redirect("desk_health")


def describe_health(viewer: User) -> HealthPage:
    spaces = filling_spaces()
    stages = pipeline.measure_stages(spaces[0]) if spaces else None
    running = Job.objects.unfinished().filter(act__verb=Verb.ANALYSE).select_related("act")
    return HealthPage(
        pause=Pause.objects.select_related("by").first(),
        spaces=[_describe_space(found) for found in pipeline.describe_spaces(spaces)],
        oldest_waiting=pipeline.find_oldest_waiting(spaces),
        stages=_name_stages(stages) if stages else [],
        stages_of=stages.count if stages else 0,
        failures=[
            FailureRow(group=group, told=explain_reason(group.reason, group.detail))
            for group in pipeline.group_failures(viewer)
        ],
        jobs=list(running[:MOST_JOBS]),
        machinery=_describe_machinery() if viewer.is_administrator else None,
    )


def _describe_space(found: pipeline.SpaceState) -> SpaceRow:
    counts = [StateCount(state, name_state(state), found.counts[state]) for state in AnalysisState]
    left = "" if found.seconds_left is None else tell_time_left(found.seconds_left)
    return SpaceRow(found=found, counts=counts, left=left)


def _name_stages(stages: pipeline.Stages) -> list[tuple[str, str]]:
    named = (
        (_("Waiting for a worker"), stages.queued),
        (_("Listening and measuring"), stages.analysing),
        (_("Into the index"), stages.indexing),
    )
    return [(name, tell_seconds(seconds)) for name, seconds in named if seconds is not None]


def _describe_machinery() -> Machinery:
    queues, disk = machinery.describe_queues(), machinery.measure_disk()
    return Machinery(
        queues=[(str(QUEUE_NAMES[queue.name]), queue) for queue in queues],
        is_redis_there=all(queue.waiting is not None for queue in queues),
        last_sweep=machinery.find_last_sweep(),
        index=machinery.compare_index(),
        disk=disk,
        parts=[(str(PART_NAMES[name]), size) for name, size in disk.used.items()],
        choices=list(AGAIN.items()),
    )


def tell_seconds(seconds: float) -> str:
    if seconds >= MOST_SECONDS:
        return _("%(number)s min") % {"number": number_format(round(seconds / 60))}
    written = f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
    return _("%(number)s s") % {"number": number_format(written)}


def tell_time_left(seconds: float) -> str:
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about %(count)d minute left", "about %(count)d minutes left", minutes) % {"count": minutes}
    if hours < 48:
        return ngettext("about %(count)d hour left", "about %(count)d hours left", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("about %(count)d day left", "about %(count)d days left", days) % {"count": days}
