"""What curators rule: what is kept out of recommendations, and what they say of two tracks."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, PoolKind, PoolRule, Track
from recommender.curation.errors import BadRuleError
from recommender.curation.pool import draft_rule, find_meant, hit_by, name_rule, switch_rule
from recommender.web.asked_numbers import read_number
from recommender.web.desk.access import require_curator
from recommender.web.desk.telling import tell_act
from recommender.web.paging import Cut, Order, cut_page
from recommender.web.refusals import BadAddressError

PAGE = 50
SHOWN = 60
LONGEST_NAME = 500
# A year with all days, to read those of a rule in.
_LEAP_YEAR = 2024


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    rule: PoolRule
    name: str
    season: str


@dataclass(frozen=True, kw_only=True)
class RulesPage:
    rules: list[RuleRow]
    pairs: Cut[PairRule]
    kinds: list[tuple[str, str]]


@require_safe
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    curator = require_curator(request)
    return render(request, "desk/rules.html", {"page": list_rules(curator, request.GET)})


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """`kind` and `name`, or `least` and `most` minutes; `from` and `to` for a season. It shows what it would hit."""
    curator = require_curator(request)
    try:
        rule = read_rule(curator, request.POST)
    except BadRuleError as error:
        messages.error(request, str(error))
        return redirect("desk_rules")
    return redirect("desk_rule", rule_id=rule.pk)


@require_safe
@login_required
def rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    curator = require_curator(request)
    asked = get_object_or_404(_listed(), pk=rule_id)
    hits = hit_by(asked, curator)
    shown = hits.for_listing().order_by("artist__name_key", "title_key", "pk")[:SHOWN]
    context = {"row": describe_rule(asked), "total": hits.count(), "tracks": shown}
    return render(request, "desk/rule.html", context)


@require_POST
def switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """`on` is 1 or 0."""
    curator = require_curator(request)
    asked, on = get_object_or_404(_listed(), pk=rule_id), request.POST.get("on")
    if on not in ("0", "1"):
        raise BadAddressError(_("What is done is one of: %(choices)s.") % {"choices": "on=0, on=1"})
    is_on = on == "1"
    act = switch_rule(asked, curator, is_on=is_on)
    if act is not None:
        name = {"name": name_rule(asked)}
        told = _("Kept out of recommendations: %(name)s.") if is_on else _("Recommended again: %(name)s.")
        tell_act(request, act, told % name)
    return redirect("desk_rules")


@require_POST
def delete(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Only of a rule that is off, which does nothing."""
    require_curator(request)
    asked = get_object_or_404(_listed(), pk=rule_id)
    if not PoolRule.objects.filter(pk=rule_id, is_on=False).delete()[0]:
        messages.error(request, _("Switch the rule off first."))
        return redirect("desk_rule", rule_id=rule_id)
    messages.success(request, _("The rule about %(name)s is gone.") % {"name": name_rule(asked)})
    return redirect("desk_rules")


def list_rules(curator: User, given: QueryDict) -> RulesPage:
    seen = Track.objects.visible_to(curator).values("pk")
    pairs = PairRule.objects.filter(first__in=seen, second__in=seen)
    people = pairs.select_related("first__artist", "second__artist", "made_by")
    listed = people.prefetch_related("first__credits__artist", "second__credits__artist")
    return RulesPage(
        rules=[describe_rule(each) for each in _listed()[:500]],
        pairs=cut_page(pairs, Order(is_descending=True), given, size=PAGE, listed=listed),
        kinds=[(kind.value, str(kind.label)) for kind in (PoolKind.GENRE, PoolKind.ARTIST, PoolKind.TAG)],
    )


def describe_rule(rule: PoolRule) -> RuleRow:
    return RuleRow(rule=rule, name=name_rule(rule), season=_name_season(rule))


def read_rule(curator: User, given: QueryDict) -> PoolRule:
    """Raises BadRuleError, BadAddressError."""
    kind, note = given.get("kind", ""), given.get("note", "").replace("\0", "").strip()[:300]
    season = _read_season(given.get("from", ""), given.get("to", ""))
    if kind == PoolKind.LENGTH:
        return draft_rule(curator, kind, _read_length(given), season, note)
    name = given.get("name", "").replace("\0", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadRuleError(_("Say which one is meant."))
    return draft_rule(curator, kind, find_meant(curator, kind, name), season, note)


def _read_length(given: QueryDict) -> dict[str, Any]:
    least, most = (read_number(name, given.get(name) or "0", least=0, largest=100_000) for name in ("least", "most"))
    if least >= most:
        raise BadRuleError(_("The longer end of the length has to be longer than the shorter one."))
    return {"least_seconds": least * 60, "most_seconds": most * 60}


def _read_season(first: str, last: str) -> tuple[int, int] | None:
    if not (first or last):
        return None
    days = [_read_day(text) for text in (first, last)]
    return days[0], days[1]


def _read_day(text: str) -> int:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise BadAddressError(_("A season has a first and a last day."))
    return day.month * 100 + day.day


def _name_season(rule: PoolRule) -> str:
    if rule.from_day is None or rule.to_day is None:
        return ""
    days = [dt.date(_LEAP_YEAR, *divmod(day, 100)) for day in (rule.from_day, rule.to_day)]
    first, last = (date_format(day, "MONTH_DAY_FORMAT") for day in days)
    return _("each year from %(first)s to %(last)s") % {"first": first, "last": last}


def _listed() -> Any:
    return PoolRule.objects.select_related("artist", "release", "genre", "made_by").order_by("-is_on", "-pk")
