"""The duplicates desk: what may be one recording, to be merged, kept apart, or judged again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import PairVerdict, RecordingPair, Track
from recommender.curation.best_file import Best, choose_best
from recommender.curation.duplicates import (
    CHOICES,
    Group,
    count_plays,
    find_group,
    find_groups,
    find_mergeable,
    find_weakest,
    judge,
    merge_as_suggested,
    merge_tracks,
    pairs_seen_by,
)
from recommender.curation.errors import CurationError
from recommender.curation.models import Act, Verb
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import read_track_ids
from recommender.web.desk.access import require_curator
from recommender.web.desk.doing import refuse
from recommender.web.desk.duplicate_group import describe_group, explain_pair
from recommender.web.desk.telling import tell_act
from recommender.web.paging import link_to
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 20
# Of a group so many are listed; all of them are on its own page.
MOST_LISTED: Final = 5


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """`why` says what speaks for one recording; `best` is worth keeping, and `can_merge` that the others can go."""

    group: Group
    tracks: list[Track]
    more: int
    why: str
    best: Best
    can_merge: bool


@dataclass(frozen=True, kw_only=True)
class DuplicatesPage:
    verdict: PairVerdict
    verdicts: list[tuple[PairVerdict, str]]
    rows: list[GroupRow]
    total: int
    before: str
    after: str


@require_safe
@login_required
def duplicates(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/duplicates.html", {"page": describe_list(viewer, request.GET.dict())})


@require_safe
@login_required
def group(request: HttpRequest, track_id: int) -> HttpResponse:
    viewer = require_curator(request)
    found = find_group(viewer, track_id)
    if found is None:
        raise Http404
    return render(request, "desk/duplicate_group.html", {"page": describe_group(viewer, found)})


@require_POST
def merge(request: HttpRequest) -> HttpResponse:
    """`keep` is the track that stays, `track` all that are merged, and `take_<field>` whose word on a field counts."""
    actor = require_curator(request)
    kept = read_whole(_("number of a track"), request.POST.get("keep", ""))
    taken = {name: request.POST.get(f"take_{name}", "") for name in CHOICES}
    chosen = {name: read_whole(_("number of a track"), text) for name, text in taken.items() if text}
    try:
        act = merge_tracks(actor, kept, read_track_ids(request.POST), taken=chosen)
    except CurationError as error:
        return refuse(request, error)
    tell_merged(request, act, kept)
    return redirect(find_next(actor))


@require_POST
def merge_suggested(request: HttpRequest) -> HttpResponse:
    """Each `group` into the best of its files."""
    actor = require_curator(request)
    numbers = {read_whole(_("number of a group"), text) for text in request.POST.getlist("group")[:PAGE_SIZE]}
    tell_all_merged(request, merge_groups(request, actor, numbers))
    return redirect("desk_duplicates")


@require_POST
def judge_pairs(request: HttpRequest) -> HttpResponse:
    """All pairs of the group of `group`, or one `pair`, are given a `verdict`."""
    actor = require_curator(request)
    verdict = read_verdict(request.POST.get("verdict", ""))
    try:
        act = judge(actor, find_pairs(actor, request.POST), verdict)
    except CurationError as error:
        return refuse(request, error)
    tell_act(request, act, told=_told_of(verdict))
    return redirect(find_next(actor))


def describe_list(viewer: User, asked: Mapping[str, str]) -> DuplicatesPage:
    """Raises BadAddressError."""
    verdict = read_verdict(asked.get("verdict") or PairVerdict.PROPOSED)
    number = max(1, read_whole(_("number of a page"), asked.get("page") or "1"))
    groups = find_groups(viewer, verdict)
    start = (number - 1) * PAGE_SIZE
    shown = groups[start : start + PAGE_SIZE]
    kept = {"verdict": str(verdict)} if verdict != PairVerdict.PROPOSED else {}
    return DuplicatesPage(
        verdict=verdict,
        verdicts=[(each, link_to({}, verdict=str(each))) for each in PairVerdict],
        rows=describe_rows(viewer, shown),
        total=len(groups),
        before=link_to(kept, page=str(number - 1)) if start else "",
        after=link_to(kept, page=str(number + 1)) if len(groups) > start + PAGE_SIZE else "",
    )


def describe_rows(viewer: User, groups: Sequence[Group]) -> list[GroupRow]:
    """In a few queries, however many groups."""
    ids = {track_id for each in groups for track_id in each.track_ids}
    tracks = Track.objects.visible_to(viewer).for_listing().select_related("owner").in_bulk(ids)
    plays, mergeable = count_plays(ids), find_mergeable(viewer, ids)
    rows = []
    for each in groups:
        found = [tracks[track_id] for track_id in each.track_ids if track_id in tracks]
        if len(found) < 2:
            continue
        best = choose_best(found, plays)
        found.sort(key=lambda track: track.pk != best.track.pk)
        can_merge = all(track.pk in mergeable for track in found[1:])
        more = max(0, len(found) - MOST_LISTED)
        why = explain_pair(find_weakest(each))
        rows.append(
            GroupRow(group=each, tracks=found[:MOST_LISTED], more=more, why=why, best=best, can_merge=can_merge)
        )
    return rows


def find_next(viewer: User) -> str:
    """The page of the next group to judge; the list where there is none."""
    waiting = find_groups(viewer, PairVerdict.PROPOSED)
    return reverse("desk_duplicate_group", args=[waiting[0].number]) if waiting else reverse("desk_duplicates")


def merge_groups(request: HttpRequest, actor: User, numbers: Collection[int]) -> list[tuple[Act, Track]]:
    """Acts with the tracks that were kept. What cannot be merged is told."""
    merged = []
    for found in find_groups(actor, PairVerdict.PROPOSED):
        if found.number in numbers:
            try:
                merged.append(merge_as_suggested(actor, found))
            except CurationError as error:
                messages.error(request, str(error))
    return merged


def find_pairs(viewer: User, given: Any) -> list[RecordingPair]:
    """Raises Http404, BadAddressError."""
    if given.get("pair"):
        pairs = list(pairs_seen_by(viewer).filter(pk=read_whole(_("number of a pair"), given["pair"])))
    else:
        found = find_group(viewer, read_whole(_("number of a group"), given.get("group", "")))
        pairs = list(found.pairs) if found else []
    if not pairs:
        raise Http404
    return pairs


def read_verdict(text: str) -> PairVerdict:
    """Raises BadAddressError."""
    if text not in PairVerdict:
        choices = ", ".join(PairVerdict)
        raise BadAddressError(_("What is said of two tracks is one of: %(choices)s.") % {"choices": choices})
    return PairVerdict(text)


def tell_merged(request: HttpRequest, act: Act, kept_id: int) -> None:
    count = act.changes.filter(problem="").exclude(track_id=kept_id).count()
    told = ngettext(
        "%(count)d track was merged into “%(title)s”.", "%(count)d tracks were merged into “%(title)s”.", count
    )
    tell_act(request, act, told=told % {"count": count, "title": Track.objects.get(pk=kept_id).title})


def tell_all_merged(request: HttpRequest, merged: Sequence[tuple[Act, Track]]) -> None:
    """One with its way back; of more the way to the list of acts, where each has its own."""
    if not merged:
        messages.info(request, _("Nothing was merged: tick what is to be."))
    elif len(merged) == 1:
        act, kept = merged[0]
        tell_merged(request, act, kept.pk)
    else:
        done = _("%(count)d groups were merged.") % {"count": len(merged)}
        link = f"{reverse('desk_acts')}?verb={Verb.MERGE}"
        messages.success(request, format_html('{} <a href="{}">{}</a>', done, link, _("Take some of it back")))


def _told_of(verdict: PairVerdict) -> str:
    if verdict == PairVerdict.DIFFERENT:
        return _("They are different for good: they are not proposed again, and each is recommended for itself.")
    if verdict == PairVerdict.SAME:
        return _("They are the same recording. All stay; recommendations show one of them.")
    return _("They are to be judged again.")
