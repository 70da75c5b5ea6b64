"""The page of a path from one track to another: `?from=12&to=34&count=8`, and where its end is chosen."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.path import LARGEST_COUNT, LEAST_COUNT, Path, find_path
from recommender.similarity.rerank import LEAST_SIMILARITY
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import find_asked, read_text, search_tracks
from recommender.web.refusals import refusing_wishes

USUAL_COUNT = 8
MOST_OFFERED = 20


@dataclass(frozen=True)
class Stop:
    """A track of a path; `similarity` is that with the one before it, None at the start."""

    track: Track
    similarity: float | None


@dataclass(frozen=True, kw_only=True)
class PathPage:
    """`path` where both ends are known, `offered` what was found for the end by `sought`. `is_uneven`: two neighbours
    on the path do not really sound alike.
    """

    first: Track | None
    last: Track | None
    count: int
    sought: str
    offered: list[Track]
    path: Path | None
    stops: list[Stop]
    is_uneven: bool
    counts: tuple[int, int] = (LEAST_COUNT, LARGEST_COUNT)


@require_safe
def path(request: HttpRequest) -> HttpResponse:
    return render(request, "path.html", {"page": describe_path(request.user, request.GET)})


def describe_path(viewer: Viewer, given: QueryDict) -> PathPage:
    """Raises Http404 and BadAddressError."""
    first, last = (_find_end(viewer, given, name) for name in ("from", "to"))
    count = read_whole(_("number of tracks"), given.get("count") or str(USUAL_COUNT))
    sought = read_text(given.get("find", "")) if first and not last else ""
    found = _find_path(viewer, first, last, count) if first and last else None
    similarities = [None, *found.similarities] if found else []
    return PathPage(
        first=first,
        last=last,
        count=count,
        sought=sought,
        offered=search_tracks(viewer, sought, MOST_OFFERED) if sought else [],
        path=found,
        stops=[Stop(track, step) for track, step in zip(found.tracks, similarities, strict=False)] if found else [],
        is_uneven=bool(found) and any(step is not None and step < LEAST_SIMILARITY for step in similarities),
    )


def _find_end(viewer: Viewer, given: QueryDict, name: str) -> Track | None:
    text = given.get(name, "")
    return find_asked(viewer, [read_whole(_("number of a track"), text)])[0] if text else None


def _find_path(viewer: Viewer, first: Track, last: Track, count: int) -> Path:
    with refusing_wishes():
        return find_path(first, last, viewer, count)
