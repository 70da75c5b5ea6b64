"""Genres and moods that the tracks around a track suggest for it: accepted one by one, several or all at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.accepting import Chosen, accept, accept_all, dismiss
from recommender.curation.errors import CurationError
from recommender.curation.models import Act
from recommender.curation.suggestions import LEAST, SURE, Kind, Proposal, find_candidates, name_values, propose
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.errors import IndexUnavailableError
from recommender.web.answers import find_way_back, problem, wants_json
from recommender.web.asked_numbers import read_number, read_whole
from recommender.web.desk.access import require_curator
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import describe_act, tell_act
from recommender.web.paging import Asked, Order, cut_page, link_to
from recommender.web.refusals import BadAddressError

NEWEST_FIRST: Final = Order(is_descending=True)
# So many tracks are looked at for a page. Hardly any genre looks wrong, so that more are there.
LOOKED_AT: Final[Mapping[Kind, int]] = {Kind.GENRE: 20, Kind.WRONG: 60, Kind.MOOD: 20}
SPEAKERS: Final = 3
# What may be asked for when all are accepted that are at least so sure, in per cent.
LEASTS: Final = (50, 60, 70, 80, 90)
MOST_CHOSEN: Final = 500
_KINDS: Final[Mapping[Kind, Promise]] = {
    Kind.GENRE: pgettext_lazy("suggestions", "No genre"),
    Kind.WRONG: pgettext_lazy("suggestions", "Genre looks wrong"),
    Kind.MOOD: pgettext_lazy("suggestions", "No mood"),
}


@dataclass(frozen=True, kw_only=True)
class ProposalRow:
    """`token` names track and value. `speakers` are the first of `count` tracks, of `votes`, that say so."""

    token: str
    name: str
    confidence: float
    speakers: list[Track]
    count: int
    votes: int
    is_heard: bool


@dataclass(frozen=True, kw_only=True)
class SuggestionRow:
    """`was`: tokens of what is said of the track now, and `said` their names."""

    track: Track
    said: list[str]
    was: list[str]
    proposals: list[ProposalRow]

    @property
    def tokens(self) -> str:
        return ",".join(proposal.token for proposal in self.proposals)


@dataclass(frozen=True, kw_only=True)
class SuggestionsPage:
    """`passed_over`: how many were looked at and nothing is suggested for."""

    kind: Kind
    kinds: list[tuple[Kind, str, str]]
    rows: list[SuggestionRow]
    passed_over: int
    is_degraded: bool
    before: str
    after: str
    leasts: Sequence[int] = LEASTS
    sure: int = round(100 * SURE)


@require_safe
@login_required
def suggestions(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/suggestions.html", {"page": list_suggestions(viewer, request.GET.dict())})


@require_POST
def accept_chosen(request: HttpRequest) -> HttpResponse:
    """`only` names what one button is for, `said` again and again what is ticked; `was` what the page said before."""
    curator, kind = require_curator(request), read_kind(request.POST.get("kind", ""))
    only = read_tokens(request.POST.get("only", "").split(","))
    ticked = read_tokens(request.POST.getlist("said"))
    chosen = {pk: ticked.get(pk, values) for pk, values in only.items()} or ticked
    return _answer(request, lambda: accept(curator, kind, chosen, read_tokens(request.POST.getlist("was"))))


@require_POST
def accept_sure(request: HttpRequest) -> HttpResponse:
    """All of a kind with a confidence of `least` per cent or more."""
    curator, kind = require_curator(request), read_kind(request.POST.get("kind", ""))
    if kind is Kind.WRONG:
        raise BadAddressError(_("What looks wrong is looked at, one track after the other."))
    least = read_number(_("confidence"), request.POST.get("least", ""), least=100 * LEAST, largest=100) / 100
    return _answer(request, lambda: accept_all(curator, kind, least))


@require_POST
def dismiss_chosen(request: HttpRequest) -> HttpResponse:
    """`only`, or what is ticked: for these tracks nothing of this kind is suggested again."""
    curator, kind = require_curator(request), read_kind(request.POST.get("kind", ""))
    only = read_tokens(request.POST.get("only", "").split(","))
    chosen = only or read_tokens(request.POST.getlist("said"))
    return _answer(request, lambda: dismiss(curator, kind, chosen))


def read_kind(text: str) -> Kind:
    """Raises BadAddressError."""
    if text not in set(Kind):
        raise BadAddressError(_("What is done is one of: %(choices)s.") % {"choices": ", ".join(Kind)})
    return Kind(text)


def read_tokens(tokens: Iterable[str]) -> Chosen:
    """`12:rock` and the like: what is meant for which track. Raises BadAddressError."""
    chosen: dict[int, list[str]] = {}
    for token in [token for token in tokens if token][:MOST_CHOSEN]:
        number, _colon, value = token.partition(":")
        chosen.setdefault(read_whole(_("number of a track"), number), []).append(value)
    return chosen


def list_suggestions(viewer: User, asked: Asked) -> SuggestionsPage:
    """Raises BadAddressError."""
    kind = read_kind(asked.get("kind") or Kind.GENRE)
    listed = Track.objects.visible_to(viewer).for_listing().prefetch_related("genres")
    cut = cut_page(find_candidates(viewer, kind), NEWEST_FIRST, asked, size=LOOKED_AT[kind], listed=listed)
    try:
        found, is_degraded = propose([track.pk for track in cut.rows], viewer, kind), False
    except IndexUnavailableError:
        found, is_degraded = {}, True
    kept = {} if kind is Kind.GENRE else {"kind": str(kind)}
    return SuggestionsPage(
        kind=kind,
        kinds=[(each, str(label), link_to({}, kind=str(each))) for each, label in _KINDS.items()],
        rows=_describe([track for track in cut.rows if track.pk in found], found, viewer, kind),
        passed_over=len(cut.rows) - len(found),
        is_degraded=is_degraded,
        before=link_to(kept, before=cut.before) if cut.before else "",
        after=link_to(kept, after=cut.after) if cut.after else "",
    )


def _describe(
    tracks: Sequence[Track], found: Mapping[int, Sequence[Proposal]], viewer: User, kind: Kind
) -> list[SuggestionRow]:
    proposals = [proposal for those in found.values() for proposal in those]
    names = name_values(viewer, kind, {proposal.value for proposal in proposals})
    speaking = {pk for proposal in proposals for pk in proposal.speakers[:SPEAKERS]}
    speakers = Track.objects.visible_to(viewer).only("title").in_bulk(speaking)
    rows = []
    for track in tracks:
        genres = [] if kind is Kind.MOOD else list(track.genres.all())
        told = [_show(track, each, names[each.value], speakers) for each in found[track.pk] if each.value in names]
        said, was = [genre.name for genre in genres], [f"{track.pk}:{genre.pk}" for genre in genres]
        rows.append(SuggestionRow(track=track, said=said, was=was, proposals=told))
    return rows


def _show(track: Track, proposal: Proposal, name: str, speakers: Mapping[int, Track]) -> ProposalRow:
    return ProposalRow(
        token=f"{track.pk}:{proposal.value}",
        name=name_word(name),
        confidence=proposal.confidence,
        speakers=[speakers[pk] for pk in proposal.speakers[:SPEAKERS] if pk in speakers],
        count=len(proposal.speakers),
        votes=proposal.votes,
        is_heard=proposal.is_heard,
    )


def _answer(request: HttpRequest, do: Callable[[], Act]) -> HttpResponse:
    """JSON for scripts; people go to `next` and find a notice with the way back."""
    try:
        act = do()
    except CurationError as error:
        return refuse(request, error)
    except IndexUnavailableError:
        told = _("The index of similar music cannot be reached right now. Nothing was changed.")
        if wants_json(request):
            return problem("index_unavailable", told, 503)
        messages.error(request, told)
    else:
        if wants_json(request):
            return JsonResponse(describe_act(request, act))
        tell_act(request, act)
    return redirect(find_way_back(request, reverse("desk_suggestions"), field="next"))
