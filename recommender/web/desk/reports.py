"""What listeners reported, by track: heard, hidden at once where it has to be, answered and closed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.merged import find_kept_tracks
from recommender.catalog.models import Track
from recommender.curation.errors import CurationError, NoNoteError, NothingChosenError
from recommender.curation.models import Act, Report, Verb
from recommender.curation.reports import act_on_reported, last_of_each_track, reports_known_to
from recommender.curation.settling import settle
from recommender.web.answers import find_way_back
from recommender.web.asked_numbers import read_whole
from recommender.web.clock import zone_of
from recommender.web.desk.access import require_curator
from recommender.web.desk.acts import ActRow, list_acts
from recommender.web.desk.doing import read_note, refuse
from recommender.web.desk.telling import tell_act
from recommender.web.paging import Asked, Order, cut_page, link_to
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 20
# So many reports of a track stand on a page with others; its own page has more.
SHOWN: Final = 10
MOST: Final = 500
NEWEST_FIRST: Final = Order(is_descending=True)
DOINGS: Final = (Verb.WITHDRAW.value, Verb.HIDE.value, "answer", "close", "open")


@dataclass(frozen=True, kw_only=True)
class ReportedTrack:
    """`track` is None where it is gone or in the trash; `label` says what it was, and `kept` what it was merged into.
    `more` reports are not among these.

    `act`: what hid it because of them, if that still stands. `is_own`: a curator who uploaded it does not read who
    reported it.
    """

    number: int
    label: str
    track: Track | None
    kept: Track | None
    reports: list[Report]
    more: int
    act: Act | None
    is_own: bool

    @property
    def has_open(self) -> bool:
        return any(report.is_open for report in self.reports)


@dataclass(frozen=True, kw_only=True)
class ReportsPage:
    groups: list[ReportedTrack]
    shows_closed: bool
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    group: ReportedTrack
    acts: list[ActRow]


@require_safe
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """Those that are open; with `show=closed` the others."""
    curator = require_curator(request)
    return render(request, "desk/reports.html", {"page": list_reports(curator, request.GET.dict())})


@require_safe
@login_required
def of_track(request: HttpRequest, track_id: int) -> HttpResponse:
    curator = require_curator(request)
    found = _find_reports(curator, track_id)
    group = _group(curator, [track_id], found.order_by("-is_open", "-pk"), MOST)[0]
    acts = list_acts(curator, {"track": str(track_id)}, zone_of(request)).rows
    return render(request, "desk/report.html", {"page": HistoryPage(group=group, acts=acts)})


@require_POST
def do(request: HttpRequest, track_id: int) -> HttpResponse:
    """`do` is one of DOINGS: the first two are done to the track, the others to each `report`. `note` is for its owner,
    or the answer to the reporters.
    """
    curator = require_curator(request)
    found = _find_reports(curator, track_id)
    try:
        act = _do(request, curator, track_id, found)
    except CurationError as error:
        return refuse(request, error)
    if act is None:
        messages.info(request, _("Nothing was changed: it is so already, or was reported again by the same person."))
    else:
        tell_act(request, act)
    return redirect(find_way_back(request, reverse("desk_reports"), field="next"))


def list_reports(curator: User, asked: Asked) -> ReportsPage:
    shows_closed = asked.get("show") == "closed"
    kept = {"show": "closed"} if shows_closed else {}
    known = reports_known_to(curator)
    cut = cut_page(last_of_each_track(known, is_open=not shows_closed), NEWEST_FIRST, asked, size=PAGE_SIZE)
    shown = known.filter(is_open=not shows_closed)
    return ReportsPage(
        groups=_group(curator, [report.track_id for report in cut.rows], shown, SHOWN),
        shows_closed=shows_closed,
        before=link_to(kept, before=cut.before) if cut.before else "",
        after=link_to(kept, after=cut.after) if cut.after else "",
    )


def _group(curator: User, numbers: Sequence[int], found: QuerySet[Report], most: int) -> list[ReportedTrack]:
    by_track: defaultdict[int, list[Report]] = defaultdict(list)
    for report in found.filter(track_id__in=numbers).select_related("reporter", "settled_by", "led_to__actor"):
        by_track[report.track_id].append(report)
    seen = Track.objects.visible_to(curator).for_listing().in_bulk(numbers)
    merged = find_kept_tracks([number for number in numbers if number not in seen], curator)
    return [
        _describe(curator, by_track[number], seen.get(number), merged.get(number), most=most)
        for number in numbers
        if by_track[number]
    ]


def _describe(
    curator: User, made: Sequence[Report], track: Track | None, kept: Track | None, *, most: int
) -> ReportedTrack:
    acts = (report.led_to for report in made if report.led_to and not report.led_to.undone_at)
    return ReportedTrack(
        number=made[0].track_id,
        label=made[0].label,
        track=track,
        kept=kept,
        reports=list(made[:most]),
        more=len(made[most:]),
        act=max(acts, key=lambda act: act.pk, default=None),
        is_own=not curator.is_administrator and curator.pk in (made[0].owner_id, track and track.owner_id),
    )


def _find_reports(curator: User, track_id: int) -> QuerySet[Report]:
    """Raises Http404 where there are none that the curator may know of."""
    found = reports_known_to(curator).filter(track_id=track_id)
    if not found.exists():
        raise Http404
    return found


def _do(request: HttpRequest, curator: User, track_id: int, found: QuerySet[Report]) -> Act | None:
    """Raises BadAddressError, CurationError, Http404."""
    said, note = request.POST.get("do", ""), read_note(request)
    if said not in DOINGS:
        raise BadAddressError(_("What is done is one of: %(choices)s.") % {"choices": ", ".join(DOINGS)})
    if said in (Verb.WITHDRAW, Verb.HIDE):
        return act_on_reported(track_id, Verb(said), curator, note)
    if said == "answer" and not note:
        raise NoNoteError(_("Write the answer first."))
    chosen = _read_chosen(request, found)
    if said == "open":
        return settle(chosen, curator, is_open=True)
    answered = {"answer": note} if note else {}
    return settle(chosen, curator, **answered, **({"is_open": False} if said == "close" else {}))


def _read_chosen(request: HttpRequest, found: QuerySet[Report]) -> list[Report]:
    numbers = {read_whole(_("number of a report"), text) for text in request.POST.getlist("report")}
    if not numbers:
        raise NothingChosenError(_("Choose at least one report first."))
    chosen = list(found.filter(pk__in=list(numbers)[:MOST]))
    if len(chosen) < len(numbers):
        raise Http404
    return chosen
