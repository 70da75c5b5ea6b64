"""The artists desk: who may be one although written twice, and who may be several although written as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import Artist
from recommender.catalog.search import find_artists
from recommender.curation.artists import tell_apart
from recommender.curation.errors import CurationError
from recommender.curation.likeness import Alike, Several, find_alike, find_several
from recommender.web.answers import find_way_back
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import read_text
from recommender.web.cards import ArtistCard, describe_artists
from recommender.web.desk.access import require_curator
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import tell_act
from recommender.web.paging import Asked, link_to, load_rows
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 20
MOST_FOUND: Final = 50
ALIKE, SEVERAL = "alike", "several"


@dataclass(frozen=True, kw_only=True)
class AlikeRow:
    """Two who may be one, and why."""

    cards: list[ArtistCard]
    why: str
    merge_link: str


@dataclass(frozen=True, kw_only=True)
class SeveralRow:
    """One who may be several; those of the `parts` that are not there yet are not linked."""

    card: ArtistCard
    parts: list[tuple[str, ArtistCard | None]]


@dataclass(frozen=True, kw_only=True)
class ArtistsPage:
    """`found` are those called like `wanted`; without one there are suggestions."""

    show: str
    wanted: str
    found: list[ArtistCard]
    alike: list[AlikeRow]
    several: list[SeveralRow]
    total: int
    before: str
    after: str


@require_safe
@login_required
def artists(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/artists.html", {"page": list_suggestions(viewer, request.GET.dict())})


@require_POST
def apart(request: HttpRequest) -> HttpResponse:
    """`artist` twice: they are different. Once: it is one, and not several."""
    actor = require_curator(request)
    try:
        act = tell_apart(actor, read_artists(actor, request))
    except CurationError as error:
        return refuse(request, error)
    if act is not None:
        tell_act(request, act, told=_("That is remembered: it is not suggested again."))
    return redirect(find_way_back(request, reverse("desk_artists")))


def list_suggestions(viewer: User, asked: Asked) -> ArtistsPage:
    """Raises BadAddressError."""
    show, wanted = asked.get("show") or ALIKE, read_text(asked.get("q", ""))
    if show not in (ALIKE, SEVERAL):
        raise BadAddressError(_("What is shown is one of: %(choices)s.") % {"choices": f"{ALIKE}, {SEVERAL}"})
    number = max(1, read_whole(_("number of a page"), asked.get("page") or "1"))
    start = (number - 1) * PAGE_SIZE
    alike = find_alike(viewer) if show == ALIKE and not wanted else []
    several = find_several(viewer) if show == SEVERAL and not wanted else []
    total, kept = len(alike) + len(several), {"show": show} if show != ALIKE else {}
    return ArtistsPage(
        show=show,
        wanted=wanted,
        found=describe_artists(viewer, find_artists(wanted, visible_artists(viewer), limit=MOST_FOUND)),
        alike=_describe_alike(viewer, alike[start : start + PAGE_SIZE]),
        several=_describe_several(viewer, several[start : start + PAGE_SIZE]),
        total=total,
        before=link_to(kept, page=str(number - 1)) if start else "",
        after=link_to(kept, page=str(number + 1)) if total > start + PAGE_SIZE else "",
    )


def read_artists(viewer: User, request: HttpRequest) -> list[Artist]:
    """Those of `artist`, in their order. Raises Http404, BadAddressError."""
    given = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(read_whole(_("number of an artist"), text) for text in given.getlist("artist")))
    found = load_rows(visible_artists(viewer), ids)
    if len(found) < len(ids) or not ids:
        raise Http404
    return found


def describe_by_id(viewer: User, ids: Sequence[int]) -> dict[int, ArtistCard]:
    """Of those the viewer may know of."""
    found = load_rows(visible_artists(viewer), list(dict.fromkeys(ids)))
    return {card.artist.pk: card for card in describe_artists(viewer, found)}


def _describe_alike(viewer: User, pairs: Sequence[Alike]) -> list[AlikeRow]:
    cards = describe_by_id(viewer, [name.pk for pair in pairs for name in pair[:2]])
    merge = reverse("desk_artists_merge")
    return [
        AlikeRow(
            cards=[cards[pair.first.pk], cards[pair.second.pk]],
            why=str(pair.why.label),
            merge_link=f"{merge}?artist={pair.first.pk}&artist={pair.second.pk}",
        )
        for pair in pairs
        if pair.first.pk in cards and pair.second.pk in cards
    ]


def _describe_several(viewer: User, several: Sequence[Several]) -> list[SeveralRow]:
    ids = [each.whole.pk for each in several] + [pk for each in several for _name, pk in each.parts if pk]
    cards = describe_by_id(viewer, ids)
    return [
        SeveralRow(card=cards[each.whole.pk], parts=[(name, cards.get(pk)) for name, pk in each.parts])
        for each in several
        if each.whole.pk in cards
    ]
