"""Many tracks described anew together: what is to be done, what would become of each, and then that."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommender.accounts.models import User
from recommender.curation.acts import perform
from recommender.curation.bulk_edit import Planned, find_describable, perform_edit, plan_edit
from recommender.curation.errors import CurationError
from recommender.curation.models import Change, Verb
from recommender.web.answers import find_way_back
from recommender.web.asked_numbers import parse_whole
from recommender.web.asked_tracks import read_track_ids
from recommender.web.desk.access import require_administrator
from recommender.web.desk.bulk_form import BulkForm, check_value
from recommender.web.desk.diffs import Difference, read_differences
from recommender.web.desk.doing import read_note, refuse
from recommender.web.desk.previewed import MOST_TRACKS, read_previewed, write_previewed
from recommender.web.desk.table import require_describer
from recommender.web.desk.telling import tell_act
from recommender.web.desk.track_lists import TrackList, find_list
from recommender.web.metadata_form import label_fields
from recommender.web.paging import link_to
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 50
# More than these no address names.
MOST_NAMED: Final = 400


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`ids` are those of the list that may be described, beside `left_out` others. `next`: where to go then."""

    listed: TrackList
    ids: list[int]
    left_out: int
    next: str

    @property
    def is_too_large(self) -> bool:
        return len(self.ids) > MOST_TRACKS

    @property
    def address(self) -> str:
        return reverse("desk_edit") + self.listed.query


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """`problems` say why fields stay as they are."""

    track_id: int
    label: str
    differences: list[Difference]
    problems: list[str]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`rows` are those of one page, from `first` on; `stuck` those with problems, the first of `stuck_count`. `before`
    and `after` are the places of the pages beside it, None at the ends.
    """

    changing: int
    first: int
    rows: list[PlannedRow]
    stuck_count: int
    stuck: list[PlannedRow]
    before: int | None
    after: int | None
    previewed: str


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest) -> HttpResponse:
    """The address says which tracks; `step` what is looked at: the form, also `again`, or a `preview`."""
    actor, step = require_describer(request), request.POST.get("step", "")
    if request.method == "POST" and not step:
        return _lead_to_form(request)
    batch = find_batch(actor, request.GET, request.POST)
    form = BulkForm(request.POST if step else None)
    shown = {"batch": batch, "form": form, "most": MOST_TRACKS}
    if step != "preview" or batch.is_too_large or not form.is_valid():
        return render(request, "desk/edit.html", shown)
    page = preview_edit(actor, batch, form, parse_whole(request.POST.get("first", "")) or 0)
    return render(request, "desk/edit_preview.html", {**shown, "page": page})


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """What a preview has shown, as its form sends it. Raises BadAddressError."""
    actor, form = require_describer(request), BulkForm(request.POST)
    previewed = read_previewed(request.POST.get("previewed", ""))
    if not form.is_valid():
        raise BadAddressError(_("What you agree to cannot be read. Have it shown again."))
    try:
        act = perform_edit(actor, previewed, form.changes(), check_value, note=read_note(request))
    except CurationError as error:
        return refuse(request, error)
    tell_act(request, act)
    return redirect(find_way_back(request, reverse("desk_act", args=[act.pk]), field="next"))


@require_POST
def analyse_again(request: HttpRequest) -> HttpResponse:
    """All that the address names. Raises BadAddressError, Http404."""
    admin = require_administrator(request)
    try:
        act = perform(Verb.ANALYSE, admin, find_list(admin, request.GET).ids)
    except CurationError as error:
        return refuse(request, error)
    tell_act(request, act)
    return redirect(find_way_back(request, reverse("desk_act", args=[act.pk]), field="next"))


def find_batch(actor: User, asked: QueryDict, sent: QueryDict) -> Batch:
    """Raises BadAddressError, Http404."""
    listed = find_list(actor, asked)
    within = find_describable(actor, listed.ids)
    ids = [pk for pk in listed.ids if pk in within]
    then = sent.get("next") or asked.get("next") or listed.link
    return Batch(listed=listed, ids=ids, left_out=len(listed.ids) - len(ids), next=then)


def preview_edit(actor: User, batch: Batch, form: BulkForm, first: int) -> Preview:
    plans = plan_edit(actor, batch.ids, form.changes(), check_value)
    changing = [plan for plan in plans if plan.wanted]
    stuck = [plan for plan in plans if plan.problems]
    first = first if first < len(changing) else 0
    return Preview(
        changing=len(changing),
        first=first,
        rows=[_describe(plan) for plan in changing[first : first + PAGE_SIZE]],
        stuck_count=len(stuck),
        stuck=[_describe(plan) for plan in stuck[:PAGE_SIZE]],
        before=max(0, first - PAGE_SIZE) if first else None,
        after=first + PAGE_SIZE if first + PAGE_SIZE < len(changing) else None,
        previewed=write_previewed((plan.track_id, plan.mark) for plan in plans),
    )


def _describe(plan: Planned) -> PlannedRow:
    artists = plan.said["artists"]
    names = "; ".join(artists) if isinstance(artists, list) else ""
    return PlannedRow(
        track_id=plan.track_id,
        label=" · ".join(part for part in (str(plan.said["title"]), names) if part),
        differences=read_differences(Change(before=plan.seen, after=plan.wanted)),
        problems=[f"{label_fields([name])}: {sentence}" for name, sentence in plan.problems],
    )


def _lead_to_form(request: HttpRequest) -> HttpResponse:
    """From a list in which tracks were ticked: the form has an address of its own, so that it can be loaded again."""
    ids, back = read_track_ids(request.POST), find_way_back(request, reverse("library"), field="next")
    if not ids:
        messages.error(request, _("Choose at least one track first."))
        return redirect(back)
    if len(ids) > MOST_NAMED:
        raise BadAddressError(_("At most %(most)d tracks are chosen one by one.") % {"most": MOST_NAMED})
    return redirect(reverse("desk_edit") + link_to({}, track=",".join(map(str, ids)), next=back))
