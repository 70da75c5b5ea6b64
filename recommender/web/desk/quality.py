"""The state of the catalog: what is missing or amiss, with lists to mend it from, and pictures of what it holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.pictures import FASTEST, SLOWEST, TEMPO_STEP, Pictures, count_pictures
from recommender.curation.quality import (
    FLAWS,
    OF_DESCRIPTION,
    OF_SOUND,
    count_flaws,
    group_reasons,
    name_flaw,
    with_flaw,
)
from recommender.web.desk.access import require_curator
from recommender.web.desk.charts import Chart, draw_bars
from recommender.web.paging import Asked, Order, cut_page, link_to
from recommender.web.sound_facts import name_key
from recommender.web.states import explain_reason

PAGE_SIZE: Final = 50
NEWEST_FIRST: Final = Order(is_descending=True)
# Major and minor of one tone beside each other.
KEYS: Final = tuple(key for tone in range(12) for key in (tone, tone + 12))


@dataclass(frozen=True, kw_only=True)
class FlawRow:
    flaw: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class GenreRow:
    """`width` is that of its bar, of 100."""

    pk: int
    name: str
    count: int
    width: int


@dataclass(frozen=True, kw_only=True)
class QualityPage:
    of_sound: list[FlawRow]
    of_description: list[FlawRow]
    charts: list[Chart]
    genres: list[GenreRow]


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    told: str
    count: int
    link: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class FlawPage:
    name: str
    rows: list[Track]
    reasons: list[ReasonRow]
    before: str
    after: str


@require_safe
@login_required
def quality(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/quality.html", {"page": describe_quality(viewer)})


@require_safe
@login_required
def flawed(request: HttpRequest, flaw: str) -> HttpResponse:
    viewer = require_curator(request)
    if flaw not in FLAWS:
        raise Http404
    return render(request, "desk/quality_list.html", {"page": list_flawed(viewer, flaw, request.GET.dict())})


def describe_quality(viewer: User) -> QualityPage:
    counts, pictures = count_flaws(viewer), count_pictures(viewer)
    return QualityPage(
        of_sound=_name_flaws(OF_SOUND, counts),
        of_description=_name_flaws(OF_DESCRIPTION, counts),
        charts=[chart for chart in _draw(pictures) if chart.bars],
        genres=_name_genres(pictures),
    )


def list_flawed(viewer: User, flaw: str, asked: Asked) -> FlawPage:
    reasons = group_reasons(viewer, flaw)
    reason = asked.get("reason", "")
    chosen = reason if reason in {each.reason for each in reasons} else ""
    kept = {"reason": chosen} if chosen else {}
    listed = Track.objects.visible_to(viewer).for_listing()
    cut = cut_page(with_flaw(viewer, flaw, chosen), NEWEST_FIRST, asked, size=PAGE_SIZE, listed=listed)
    return FlawPage(
        name=str(name_flaw(flaw)),
        rows=cut.rows,
        reasons=[
            ReasonRow(
                told=explain_reason(each.reason, each.detail),
                count=each.count,
                link=link_to({}, reason="" if each.reason == chosen else each.reason),
                is_chosen=each.reason == chosen,
            )
            for each in reasons
        ],
        before=link_to(kept, before=cut.before) if cut.before else "",
        after=link_to(kept, after=cut.after) if cut.after else "",
    )


def _name_flaws(flaws: Collection[str], counts: Mapping[str, int]) -> list[FlawRow]:
    return [FlawRow(flaw=str(flaw), name=str(name_flaw(flaw)), count=counts[flaw]) for flaw in flaws]


def _draw(found: Pictures) -> list[Chart]:
    tempos = [(_name_tempo(start), count) for start, count in found.tempos] if any(dict(found.tempos).values()) else []
    keys = [(name_key(key), found.keys[key]) for key in KEYS] if any(found.keys) else []
    growth = [(date_format(month, "YEAR_MONTH_FORMAT"), count) for month, count in found.growth]
    return [
        draw_bars(_("Tempo"), _("How many tracks there are of each tempo."), tempos),
        draw_bars(_("Key"), _("How many tracks there are in each key, from C to B, major and minor."), keys),
        draw_bars(_("Growth"), _("How many tracks there were at the end of each month."), growth),
    ]


def _name_tempo(start: int) -> str:
    if start == SLOWEST:
        return _("under %(most)d BPM") % {"most": start + TEMPO_STEP}
    if start == FASTEST - TEMPO_STEP:
        return _("%(least)d BPM and more") % {"least": start}
    return _("%(least)d to %(most)d BPM") % {"least": start, "most": start + TEMPO_STEP}


def _name_genres(found: Pictures) -> list[GenreRow]:
    most = max((count for _pk, _name, count in found.genres), default=1)
    return [
        GenreRow(pk=pk, name=name, count=count, width=round(100 * count / most)) for pk, name, count in found.genres
    ]
