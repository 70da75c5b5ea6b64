"""What a listener heard, day by day, and how it is forgotten."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.listening.models import Play
from recommender.listening.plays import forget_all_plays, forget_play
from recommender.web.answers import wants_json
from recommender.web.clock import zone_of
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE: Final = 60
# A play is kept when it is over, so that ids follow time.
NEWEST_FIRST: Final = Order(is_descending=True)


class Heard(NamedTuple):
    """`track` is None where it is no longer for the listener to see; `at` is when it began, by the listener's clock."""

    play: Play
    track: Track | None
    at: dt.datetime


class Day(NamedTuple):
    """`name` is "Today" or "Yesterday", else empty."""

    date: dt.date
    name: str
    plays: list[Heard]


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """Days newest first, the plays of each as well; a long day may go on on the next page. `is_first`: the newest."""

    days: list[Day]
    is_first: bool
    before: str
    after: str


@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    page = list_plays(cast(User, request.user), request.GET, zone_of(request))
    return render(request, "history.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest, play_id: int) -> HttpResponse:
    """GET asks whether it is meant, for those without scripts; POST forgets."""
    listener = _require_listener(request)
    play = get_object_or_404(Play, listener=listener, pk=play_id)
    if request.method != "POST":
        track = Track.objects.visible_to(listener).filter(pk=play.track_id).first()
        return render(request, "history_forget.html", {"play": play, "track": track})
    forget_play(listener, play_id)
    return _answer(request, _("That play is forgotten."))


@require_http_methods(["GET", "HEAD", "POST"])
def forget_all(request: HttpRequest) -> HttpResponse:
    listener = _require_listener(request)
    if request.method != "POST":
        return render(request, "history_forget.html", {"count": Play.objects.filter(listener=listener).count()})
    forget_all_plays(listener)
    return _answer(request, _("Your history is empty now."))


def list_plays(listener: User, asked: Asked, zone: dt.tzinfo) -> HistoryPage:
    cut = cut_page(Play.objects.filter(listener=listener), NEWEST_FIRST, asked, size=PAGE_SIZE)
    ids = {play.track_id for play in cut.rows}
    seen = Track.objects.visible_to(listener).for_listing().in_bulk(ids) if ids else {}
    return HistoryPage(
        days=_divide(cut.rows, seen, zone),
        is_first=not (asked.get("after") or asked.get("before")),
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def _divide(plays: Sequence[Play], seen: Mapping[int, Track], zone: dt.tzinfo) -> list[Day]:
    today = timezone.localdate(timezone=zone)
    names = {today: _("Today"), today - dt.timedelta(days=1): _("Yesterday")}
    # What two players told at once need not have begun in the order in which it ended.
    newest = sorted(plays, key=lambda play: play.started_at, reverse=True)
    heard = [Heard(play, seen.get(play.track_id), timezone.localtime(play.started_at, zone)) for play in newest]
    days = groupby(heard, key=lambda each: each.at.date())
    return [Day(date, names.get(date, ""), list(of_day)) for date, of_day in days]


def _require_listener(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in to change your history."))
    return request.user


def _answer(request: HttpRequest, told: str) -> HttpResponse:
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, told)
    return redirect("history")
