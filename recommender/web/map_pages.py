"""The map of the catalog: a page with its regions, the tracks of each, and the points for a script that draws them.

`map_points` answers `application/octet-stream`, all of it little-endian, for n tracks of which the viewer may see each:

    bytes 0-3      "SMAP"
    4-5            uint16 version, 1
    6-7            uint16 how many regions have tracks here
    8-11           uint32 n
    12-15          zero
    then           uint32 track id, n times, ascending
                   uint16 x, n times (0-65535, from left to right)
                   uint16 y, n times (0-65535, downwards)
                   uint8 region, n times (0: none; else the number that `map_regions` names)
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from recommender.catalog.models import MapRegion, Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.map.data import MapPoints, RegionCount, count_regions, read_points, tracks_in_region
from recommender.similarity.spaces import active_space
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE = 48
MAGIC: Final = b"SMAP"
VERSION: Final = 1
BY_TITLE = Order(field="title_key", kind=str)


@dataclass(frozen=True, kw_only=True)
class RegionPage:
    """`before` and `after` are the query strings of the pages beside this one; empty at the ends."""

    region: MapRegion
    tracks: list[Track]
    total: int
    before: str
    after: str


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    regions = find_regions(request.user)
    total = sum(each.tracks for each in regions)
    return render(request, "map.html", {"regions": regions, "total": total})


@require_safe
def map_region(request: HttpRequest, number: int) -> HttpResponse:
    return render(request, "map_region.html", {"page": list_region(request.user, number, request.GET)})


@require_safe
def map_regions(request: HttpRequest) -> HttpResponse:
    described = [
        {"number": each.region.number, "name": each.region.name, "x": each.region.x, "y": each.region.y}
        | {"tracks": each.tracks}
        for each in find_regions(request.user)
    ]
    return _for_this_viewer(JsonResponse({"regions": described}))


@require_safe
def map_points(request: HttpRequest) -> HttpResponse:
    space = active_space()
    body = pack_points(read_points(space, request.user)) if space else pack_points(NO_POINTS)
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    answer = HttpResponse(body, content_type="application/octet-stream", headers={"ETag": etag})
    return _for_this_viewer(get_conditional_response(request, etag=etag, response=answer) or answer)


def find_regions(viewer: Viewer) -> list[RegionCount]:
    space = active_space()
    return count_regions(space, viewer) if space else []


def list_region(viewer: Viewer, number: int, asked: Asked) -> RegionPage:
    """Raises Http404 for a region of which the viewer may see nothing."""
    region = get_object_or_404(MapRegion, space__is_active=True, number=number)
    found = tracks_in_region(region, viewer)
    total = found.count()
    if not total:
        raise Http404
    cut = cut_page(found, BY_TITLE, asked, size=PAGE_SIZE, listed=Track.objects.for_listing())
    return RegionPage(
        region=region,
        tracks=cut.rows,
        total=total,
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def pack_points(points: MapPoints) -> bytes:
    """As the docstring of this module says."""
    regions = np.unique(points.regions)
    numbers = np.array([VERSION, np.count_nonzero(regions)], "<u2").tobytes()
    count = np.array([len(points.track_ids), 0], "<u4").tobytes()
    ids = points.track_ids.astype("<u4").tobytes()
    places = points.x.astype("<u2").tobytes() + points.y.astype("<u2").tobytes()
    return MAGIC + numbers + count + ids + places + points.regions.tobytes()


NO_POINTS: Final = MapPoints(
    track_ids=np.zeros(0, np.uint32), x=np.zeros(0, np.uint16), y=np.zeros(0, np.uint16), regions=np.zeros(0, np.uint8)
)


def _for_this_viewer(answer: HttpResponse) -> HttpResponse:
    """Kept by the viewer's own browser only, which asks each time whether it still holds."""
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ["Cookie"])
    return answer
