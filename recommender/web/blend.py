"""The page of a blend: `?like=12&like=34:2&unlike=56`. The address is all there is of it.

A track may carry a weight after a colon. What a link accepts becomes a like, what it rejects an unlike.
"""

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.blend import (
    LARGEST_WEIGHT,
    LEAST_WEIGHT,
    MOST_SEEDS,
    Blend,
    Blended,
    Ingredient,
    Recipe,
    find_blend,
)
from recommender.web.asked_numbers import read_number, read_whole
from recommender.web.asked_tracks import find_asked, read_text, search_tracks
from recommender.web.refusals import BadAddressError, refusing_wishes

USUAL_LIMIT = 10
MOST_OFFERED = 10
LIKE, UNLIKE = "like", "unlike"

# (like or unlike, number of a track, weight), in the order of the address.
Part = tuple[str, int, float]


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A track of the blend, with the addresses that change it; empty where it cannot be changed so."""

    track: Track
    weight: float
    without: str
    turned: str
    more: str
    less: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A track that may be taken into the blend; `found` says why, where it was not searched for."""

    track: Track
    accept: str
    reject: str
    found: Blended | None = None


@dataclass(frozen=True, kw_only=True)
class BlendPage:
    """`hidden` is what the search form has to carry along. `blend` is None without anything to be like."""

    likes: list[Seed]
    unlikes: list[Seed]
    sought: str
    searched: list[Offer]
    offers: list[Offer]
    blend: Blend | None
    hidden: list[tuple[str, str]]
    is_full: bool
    is_reject_full: bool


@require_safe
def blend(request: HttpRequest) -> HttpResponse:
    return render(request, "blend.html", {"page": describe_blend(request.user, request.GET)})


def describe_blend(viewer: Viewer, given: QueryDict) -> BlendPage:
    """Raises Http404 and BadAddressError."""
    parts = _read_parts(given)
    tracks = {track.pk: track for track in find_asked(viewer, [pk for _, pk, _ in parts])}
    sought = read_text(given.get("find", ""))
    found = _find_blend(viewer, parts, tracks) if any(kind == LIKE for kind, _, _ in parts) else None
    searched = search_tracks(viewer, sought, MOST_OFFERED) if sought else []
    return BlendPage(
        likes=[_describe_seed(parts, part, tracks[part[1]]) for part in parts if part[0] == LIKE],
        unlikes=[_describe_seed(parts, part, tracks[part[1]]) for part in parts if part[0] == UNLIKE],
        sought=sought,
        searched=[_offer(parts, track) for track in searched if track.pk not in tracks],
        offers=[replace(_offer(parts, one.track), found=one) for one in found.found] if found else [],
        blend=found,
        hidden=[(kind, _write_part(pk, weight)) for kind, pk, weight in parts],
        is_full=_is_full(parts, LIKE),
        is_reject_full=_is_full(parts, UNLIKE),
    )


def _is_full(parts: list[Part], kind: str) -> bool:
    return sum(other == kind for other, _, _ in parts) >= MOST_SEEDS


def _read_parts(given: QueryDict) -> list[Part]:
    parts = []
    for kind in (LIKE, UNLIKE):
        for text in given.getlist(kind):
            number, colon, weight = text.partition(":")
            parts.append((kind, read_whole(_("number of a track"), number), _read_weight(weight) if colon else 1.0))
    if len(parts) > 2 * MOST_SEEDS:
        sentence = _("A blend takes at most %(most)d tracks to be like, and as many to be unlike.")
        raise BadAddressError(sentence % {"most": MOST_SEEDS})
    return parts


def _read_weight(text: str) -> float:
    return read_number(_("weight"), text, least=LEAST_WEIGHT, largest=LARGEST_WEIGHT)


def _find_blend(viewer: Viewer, parts: list[Part], tracks: dict[int, Track]) -> Blend:
    def ingredients(wanted: str) -> list[Ingredient]:
        return [Ingredient(track=tracks[pk], weight=weight) for kind, pk, weight in parts if kind == wanted]

    with refusing_wishes():
        recipe = Recipe(likes=ingredients(LIKE), unlikes=ingredients(UNLIKE), limit=USUAL_LIMIT)
    return find_blend(recipe, viewer)


def _describe_seed(parts: list[Part], part: Part, track: Track) -> Seed:
    kind, pk, weight = part
    rest = [other for other in parts if other != part]
    other_kind = UNLIKE if kind == LIKE else LIKE

    def weigh(factor: float) -> str:
        changed = weight * factor
        if not LEAST_WEIGHT <= changed <= LARGEST_WEIGHT:
            return ""
        return _write([(kind, pk, changed) if other == part else other for other in parts])

    return Seed(
        track=track,
        weight=weight,
        without=_write(rest),
        turned="" if _is_full(parts, other_kind) else _write([*rest, (other_kind, pk, 1.0)]),
        more=weigh(2),
        less=weigh(0.5),
    )


def _offer(parts: list[Part], track: Track) -> Offer:
    return Offer(
        track=track,
        accept=_write([*parts, (LIKE, track.pk, 1.0)]),
        reject=_write([*parts, (UNLIKE, track.pk, 1.0)]),
    )


def _write(parts: list[Part]) -> str:
    ordered = sorted(parts, key=lambda part: part[0] != LIKE)
    return "?" + "&".join(f"{kind}={_write_part(pk, weight)}" for kind, pk, weight in ordered)


def _write_part(pk: int, weight: float) -> str:
    return str(pk) if weight == 1 else f"{pk}:{weight:g}"
