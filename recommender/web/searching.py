"""What the search box offers while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.models import Artist, Release, Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.search import LONGEST_QUERY, find_all, read_query
from recommender.web.paging import load_rows

MOST_TRACKS, MOST_OTHERS = 5, 3


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """`query` is empty when nothing that could be searched for has been typed yet."""

    query: str
    tracks: list[Track]
    artists: list[Artist]
    releases: list[Release]
    all_link: str


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    found = suggest_for(request.user, request.GET.get("q", ""))
    return render(request, "parts/search_results.html", {"found": found})


def suggest_for(viewer: Viewer, text: str) -> Suggestions:
    typed = text[:LONGEST_QUERY].replace("\0", "").strip()
    playable = Track.objects.visible_to(viewer).playable()
    found = find_all(
        typed,
        tracks=playable,
        artists=visible_artists(viewer),
        releases=visible_releases(viewer).select_related("artist"),
        limit=MOST_TRACKS,
    )
    return Suggestions(
        query=typed if read_query(typed) else "",
        tracks=load_rows(playable.for_listing(), found.tracks),
        artists=found.artists[:MOST_OTHERS],
        releases=found.releases[:MOST_OTHERS],
        all_link=f"{reverse('library')}?{urlencode({'q': typed})}",
    )
