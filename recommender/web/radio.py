"""The radio: what follows, for the player and as a page; and what is missing from a listener's ears."""

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.similarity.missing import MissingTracks, find_missing
from recommender.similarity.radio import MOST_SEEDS, REMEMBERED, RadioTracks, Session, next_tracks
from recommender.similarity.recommend import Recommendation
from recommender.web.asked_numbers import read_ids, read_whole
from recommender.web.asked_tracks import find_asked
from recommender.web.playing import describe_sounds
from recommender.web.refusals import BadAddressError, refusing_wishes

PAGE_SIZE: Final = 10
MISSING_SIZE: Final = 40
# Of what a player remembers; older ones are let go of.
MOST_IDS: Final = 500


@dataclass(frozen=True, kw_only=True)
class RadioPage:
    """`more` is the address of what follows these."""

    seeds: list[Track]
    radio: RadioTracks | None
    more: str


@require_safe
def radio(request: HttpRequest) -> HttpResponse:
    return render(request, "radio.html", {"page": tune_in(request, request.GET)})


@require_safe
def radio_next(request: HttpRequest, track_id: int) -> JsonResponse:
    """JSON for the player. `also` (further seeds), `played` (oldest first), `liked` and `skipped` are ids with commas
    between them.
    """
    seeds = _find_seeds(request, [track_id, *_read_ids("also", request.GET.get("also", ""))])
    found = _ask(request, seeds, _read_session(request.GET), _read_count(request.GET))
    body = {
        "tracks": _describe(request, found.tracks),
        "is_repeating": found.is_repeating,
        "degraded": found.is_degraded,
    }
    return JsonResponse(body)


@require_safe
@login_required
def missing(request: HttpRequest) -> HttpResponse:
    listener = cast(User, request.user)
    found: MissingTracks = find_missing(listener, MISSING_SIZE)
    return render(request, "missing.html", {"missing": found})


def tune_in(request: HttpRequest, given: QueryDict) -> RadioPage:
    """Raises Http404, BadAddressError."""
    ids = [each for name in given.getlist("from") if name for each in _read_ids("from", name)]
    if not ids:
        return RadioPage(seeds=[], radio=None, more="")
    seeds = _find_seeds(request, ids)
    session = _read_session(given)
    found = _ask(request, seeds, session, PAGE_SIZE)
    shown = [each.track.pk for each in found.tracks]
    played = [*session.played, *shown][-REMEMBERED:]
    kept = {"from": _join([seed.pk for seed in seeds]), "played": _join(played)}
    return RadioPage(
        seeds=seeds,
        radio=found,
        more="?" + urlencode(kept, safe=",") if shown else "",
    )


def _find_seeds(request: HttpRequest, ids: list[int]) -> list[Track]:
    """Raises Http404, BadAddressError."""
    if len(ids) > MOST_SEEDS:
        raise BadAddressError(_("A radio starts from at most %(most)d tracks.") % {"most": MOST_SEEDS})
    return find_asked(request.user, list(dict.fromkeys(ids)))


def _ask(request: HttpRequest, seeds: list[Track], session: Session, count: int) -> RadioTracks:
    with refusing_wishes():
        return next_tracks(seeds, request.user, session, count)


def _read_session(given: QueryDict) -> Session:
    return Session(
        played=tuple(_read_ids("played", given.get("played", ""))),
        liked=frozenset(_read_ids("liked", given.get("liked", ""))),
        skipped=frozenset(_read_ids("skipped", given.get("skipped", ""))),
    )


def _read_count(given: QueryDict) -> int:
    return read_whole("count", given.get("count", str(PAGE_SIZE)))


def _read_ids(name: str, text: str) -> list[int]:
    return read_ids(name, text, most=MOST_IDS)


def _join(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def _describe(request: HttpRequest, found: list[Recommendation]) -> list[dict[str, Any]]:
    said = {each.track.pk: each.said for each in found}
    sounds = describe_sounds(request.user, [each.track for each in found], said=said)
    similar = [round(each.similarity, 4) for each in found]
    return [{**sound, "similarity": similarity} for sound, similarity in zip(sounds, similar, strict=True)]
