"""The audit: what was done, by whom, when and why, with what it changed of each track."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.acts import can_be_taken_back, may_take_back
from recommender.curation.audit import Wish, actors_of, acts_seen_by, find_acts, hide_from, with_counts
from recommender.curation.models import Act, Change, Job, Verb
from recommender.curation.words import tell
from recommender.web.asked_numbers import read_whole
from recommender.web.clock import zone_of
from recommender.web.desk.diffs import Difference, read_differences
from recommender.web.paging import Asked, Order, cut_page, link_to, load_rows
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 50
NEWEST_FIRST: Final = Order(is_descending=True)
FIRST_FIRST: Final = Order()
FILTERS: Final = ("who", "verb", "track", "since", "until")


@dataclass(frozen=True, kw_only=True)
class ActRow:
    """`at` is by the clock of the viewer; `first` what one of the tracks is called, of `more` others."""

    act: Act
    told: str
    at: dt.datetime
    undone_at: dt.datetime | None
    first: str
    more: int
    failed: int
    is_going_on: bool
    can_undo: bool


@dataclass(frozen=True, kw_only=True)
class ActsPage:
    rows: list[ActRow]
    people: list[User]
    verbs: list[tuple[str, str]]
    asked: dict[str, str]
    before: str
    after: str

    @property
    def can_undo(self) -> bool:
        return any(row.can_undo for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """`track` is None where the viewer cannot go there."""

    change: Change
    track: Track | None
    differences: list[Difference]
    problem: str


@dataclass(frozen=True, kw_only=True)
class ActPage:
    row: ActRow
    job: Job | None
    changes: list[ChangeRow]
    only_problems: bool
    before: str
    after: str


@require_safe
@login_required
def acts(request: HttpRequest) -> HttpResponse:
    viewer = cast(User, request.user)
    return render(request, "desk/acts.html", {"page": list_acts(viewer, request.GET.dict(), zone_of(request))})


@require_safe
@login_required
def act(request: HttpRequest, act_id: int) -> HttpResponse:
    viewer = cast(User, request.user)
    found = get_object_or_404(with_counts(acts_seen_by(viewer)), pk=act_id)
    page = show_act(viewer, found, request.GET.dict(), zone_of(request))
    return render(request, "desk/act.html", {"page": page})


def list_acts(viewer: User, asked: dict[str, Any], zone: dt.tzinfo) -> ActsPage:
    """Raises BadAddressError."""
    found = find_acts(viewer, read_wish(asked, zone))
    cut = cut_page(found, NEWEST_FIRST, asked, size=PAGE_SIZE, listed=with_counts(acts_seen_by(viewer)))
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    firsts = _find_firsts(viewer, cut.rows)
    return ActsPage(
        rows=[_describe(viewer, act, firsts.get(act.pk, ""), zone) for act in cut.rows],
        people=list(actors_of(acts_seen_by(viewer))),
        verbs=[(verb.value, str(verb.label)) for verb in Verb],
        asked=kept,
        before=link_to(kept, before=cut.before) if cut.before else "",
        after=link_to(kept, after=cut.after) if cut.after else "",
    )


def describe_newest(viewer: User, zone: dt.tzinfo, most: int) -> list[ActRow]:
    newest = list(find_acts(viewer, Wish()).values_list("pk", flat=True)[:most])
    acts = load_rows(with_counts(acts_seen_by(viewer)), newest)
    firsts = _find_firsts(viewer, acts)
    return [_describe(viewer, act, firsts.get(act.pk, ""), zone) for act in acts]


def show_act(viewer: User, act: Act, asked: Asked, zone: dt.tzinfo) -> ActPage:
    only_problems = asked.get("only") == "problems"
    found = act.changes.exclude(problem="") if only_problems else act.changes.all()
    cut = cut_page(found, FIRST_FIRST, asked, size=PAGE_SIZE, listed=found.select_related("act"))
    kept = {"only": "problems"} if only_problems else {}
    return ActPage(
        row=_describe(viewer, act, "", zone),
        job=next((job for job in act.jobs.all() if not job.is_over), None),
        changes=_describe_changes(viewer, cut.rows),
        only_problems=only_problems,
        before=link_to(kept, before=cut.before) if cut.before else "",
        after=link_to(kept, after=cut.after) if cut.after else "",
    )


def read_wish(asked: Asked, zone: dt.tzinfo) -> Wish:
    """Raises BadAddressError."""
    who, verb, track = asked.get("who", ""), asked.get("verb", ""), asked.get("track", "")
    if verb and verb not in list(Verb):
        raise BadAddressError(_("What was done is one of: %(choices)s.") % {"choices": ", ".join(Verb)})
    until = _read_day(asked.get("until", ""), zone)
    return Wish(
        actor=read_whole(_("number of a person"), who) if who else None,
        verb=verb,
        track=read_whole(_("number of a track"), track) if track else None,
        since=_read_day(asked.get("since", ""), zone),
        until=until and until + dt.timedelta(days=1),
    )


def _read_day(text: str, zone: dt.tzinfo) -> dt.datetime | None:
    """When that day begins. Raises BadAddressError."""
    if not text:
        return None
    try:
        day = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), zone)
    except ValueError as error:
        raise BadAddressError(_("A day is written like 2026-11-24.")) from error
    if not 1970 <= day.year <= 2900:
        raise BadAddressError(_("A day is written like 2026-11-24."))
    return day


def _find_firsts(viewer: User, acts: list[Act]) -> dict[int, str]:
    """By act what the first of its tracks is called; empty where the viewer may not know of it."""
    ids = [pk for pk in (vars(act)["first"] for act in acts) if pk]
    changes = list(Change.objects.filter(pk__in=ids).select_related("act"))
    hide_from(viewer, changes)
    return {change.act_id: change.label for change in changes}


def _describe(viewer: User, act: Act, first: str, zone: dt.tzinfo) -> ActRow:
    counted, running = vars(act), [job for job in act.jobs.all() if not job.is_over]
    meant = [counted["done"], *(job.total for job in running)]
    return ActRow(
        act=act,
        told=tell(Verb(act.verb), max(meant)),
        at=timezone.localtime(act.at, zone),
        undone_at=act.undone_at and timezone.localtime(act.undone_at, zone),
        first=first,
        more=counted["total"] - 1,
        failed=counted["failed"],
        is_going_on=bool(running),
        can_undo=can_be_taken_back(act, is_stuck=counted["stuck"] > 0) and may_take_back(act, viewer),
    )


def _describe_changes(viewer: User, changes: list[Change]) -> list[ChangeRow]:
    hide_from(viewer, changes)
    seen = Track.objects.visible_to(viewer).in_bulk([change.track_id for change in changes if change.track_id])
    return [
        ChangeRow(
            change=change,
            track=seen.get(change.track_id or 0),
            differences=read_differences(change),
            problem=_(change.problem) if change.problem else "",
        )
        for change in changes
    ]
