"""The map of the catalog: a page with its regions, the tracks of each, and the points for a script that draws them.

`map_points` answers `application/octet-stream`, all of it little-endian, for n tracks of which the viewer may see each:

    bytes 0-3      "SMAP"
    4-5            uint16 version, 1
    6-7            uint16 how many regions have tracks here
    8-11           uint32 n
    12-15          uint32 that is another one where the points are others
    then           uint32 track id, n times, ascending
                   uint16 x, n times (0-65535, from left to right)
                   uint16 y, n times (0-65535, downwards)
                   uint8 region, n times (0: none; else the number that `map_regions` names)

`map_colours` says by which of up to twelve genres or decades each of these points is coloured: `?by=genre&of=7&of=3`.

    bytes 0-3      "SCOL"
    4-5            uint16 version, 1
    6-7            uint16 how many values were asked for
    8-11           uint32 n
    12-15          uint32 of the points they belong to
    then           uint8 colour, n times (0: none of the values; else the place of one among them, from 1)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.catalog.models import MapRegion, Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import find_seed
from recommender.similarity.map.colouring import Colouring, colour_points
from recommender.similarity.map.data import MapPoints, count_regions, tracks_in_region
from recommender.similarity.map.kept import KEEPER, SeenMap
from recommender.similarity.map.names import NamedRegion, name_in_words
from recommender.similarity.recommend import Wish, find_similar
from recommender.similarity.spaces import active_space
from recommender.web.addresses import read_address
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import find_asked
from recommender.web.map_legend import (
    SOUND,
    ColourChoice,
    Legend,
    describe_legend,
    offer_colours,
    read_colours,
    read_values,
)
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE = 48
MAGIC, MAGIC_OF_COLOURS = b"SMAP", b"SCOL"
VERSION: Final = 1
BY_TITLE = Order(field="title_key", kind=str)
# So many neighbours of a track are ringed: what the eye takes in at once.
MOST_NEIGHBOURS: Final = 12


@dataclass(frozen=True, kw_only=True)
class ShownRegion(NamedRegion):
    """`tracks`: how many of them the viewer may see."""

    tracks: int


@dataclass(frozen=True, kw_only=True)
class MapPage:
    """`seed` is the track that is looked for, `near` what is recommended with it; `is_seed_on_map` whether it has a
    place yet. `legend` is None where regions have the colours.
    """

    regions: list[ShownRegion]
    total: int
    colours: list[ColourChoice]
    legend: Legend | None = None
    seed: Track | None = None
    is_seed_on_map: bool = False
    near: list[Track] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RegionPage:
    """`before` and `after` are the query strings of the pages beside this one; empty at the ends."""

    region: MapRegion
    name: str
    tracks: list[Track]
    total: int
    before: str
    after: str


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    return render(request, "map.html", {"page": describe_map(request.user, request.GET)})


@require_safe
def map_region(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "map_region.html", {"page": list_region(request.user, number, request.GET)})


@require_safe
def map_regions(request: HttpRequest) -> HttpResponse:
    space = active_space()
    described = [vars(each) for each in show_regions(*KEEPER.named_map_of(space, request.user))] if space else []
    return _for_this_viewer(JsonResponse({"regions": described}))


@require_safe
def map_points(request: HttpRequest) -> HttpResponse:
    space = active_space()
    seen = KEEPER.map_of(space, request.user) if space else NO_MAP
    return _answer_bytes(request, seen.digest, lambda: pack_points(seen.points, seen.stamp))


@require_safe
def map_colours(request: HttpRequest) -> HttpResponse:
    facet, values = read_values(request.GET)
    space = active_space()
    found = colour_points(space, request.user, facet, values) if space else UNCOLOURED
    return _answer_bytes(request, found.digest, lambda: pack_colours(found, len(values)))


def describe_map(viewer: Viewer, given: QueryDict) -> MapPage:
    """Raises Http404 and BadAddressError."""
    asked_track, by = given.get("track", ""), read_colours(given.get("colours", ""))
    seed = find_asked(viewer, [read_whole(_("number of a track"), asked_track)])[0] if asked_track else None
    space = active_space()
    seen, named = KEEPER.named_map_of(space, viewer) if space else (NO_MAP, [])
    regions = show_regions(seen, named)
    return MapPage(
        regions=regions,
        total=sum(each.tracks for each in regions),
        colours=offer_colours(read_address(given, ("track", "colours")), by),
        legend=None if by == SOUND else describe_legend(space, viewer, by),
        seed=seed,
        is_seed_on_map=seed is not None and seed.pk in seen.points.track_ids,
        near=_find_near(seed, viewer) if seed else [],
    )


def show_regions(seen: SeenMap, named: list[NamedRegion]) -> list[ShownRegion]:
    """By number; only those with tracks that the viewer may see."""
    counts = count_regions(seen.points)
    return [
        ShownRegion(**{**vars(region), "name": name_in_words(region)}, tracks=counts[region.number])
        for region in named
        if region.number in counts
    ]


def list_region(viewer: Viewer, number: int, asked: Asked) -> RegionPage:
    """Raises Http404 for a region of which the viewer may see nothing."""
    region = get_object_or_404(MapRegion.objects.select_related("space"), space__is_active=True, number=number)
    found = tracks_in_region(region, viewer)
    # None where the map is drawn anew just now.
    name = next((name_in_words(each) for each in KEEPER.regions_of(region.space) if each.number == number), None)
    total = found.count()
    if not total or name is None:
        raise Http404
    cut = cut_page(found, BY_TITLE, asked, size=PAGE_SIZE, listed=Track.objects.for_listing())
    return RegionPage(
        region=region,
        name=name,
        tracks=cut.rows,
        total=total,
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def pack_points(points: MapPoints, stamp: int = 0) -> bytes:
    """As the docstring of this module says."""
    ids = points.track_ids.astype("<u4").tobytes()
    places = points.x.astype("<u2").tobytes() + points.y.astype("<u2").tobytes()
    header = _pack_header(MAGIC, len(count_regions(points)), len(points.track_ids), stamp)
    return header + ids + places + points.regions.tobytes()


def pack_colours(colouring: Colouring, count: int) -> bytes:
    header = _pack_header(MAGIC_OF_COLOURS, count, len(colouring.codes), colouring.seen.stamp)
    return header + colouring.codes.tobytes()


NO_MAP: Final = SeenMap(
    MapPoints(
        track_ids=np.zeros(0, np.uint32),
        x=np.zeros(0, np.uint16),
        y=np.zeros(0, np.uint16),
        regions=np.zeros(0, np.uint8),
    ),
    digest="0" * 8,
)
UNCOLOURED: Final = Colouring(seen=NO_MAP, codes=np.zeros(0, np.uint8), digest=NO_MAP.digest)


def _find_near(seed: Track, viewer: Viewer) -> list[Track]:
    """What is recommended with it, without the moments: nobody hears them here."""
    found = find_seed(seed)
    wish = Wish(limit=MOST_NEIGHBOURS)
    return [each.track for each in find_similar(*found, seed, viewer, wish).recommendations] if found else []


def _pack_header(magic: bytes, kinds: int, count: int, stamp: int) -> bytes:
    return magic + np.array([VERSION, kinds], "<u2").tobytes() + np.array([count, stamp], "<u4").tobytes()


def _answer_bytes(request: HttpRequest, digest: str, pack: Callable[[], bytes]) -> HttpResponse:
    """Nothing to whoever has the same already."""
    etag = f'"{digest}"'
    answer = HttpResponse(content_type="application/octet-stream", headers={"ETag": etag})
    said = get_conditional_response(request, etag=etag, response=answer) or answer
    if said is answer:
        answer.content = pack()
    return _for_this_viewer(said)


def _for_this_viewer(answer: HttpResponse) -> HttpResponse:
    """Kept by the viewer's own browser only, which asks each time whether it still holds."""
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ["Cookie"])
    return answer
