"""What the search box offers while somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.models import Artist, Release, Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.search import find_all
from recommender.listening.models import Playlist
from recommender.web.asked_tracks import read_text
from recommender.web.paging import load_rows

MOST_TRACKS, MOST_OTHERS = 5, 3


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """`query` is empty when nothing that could be searched for has been typed yet."""

    query: str
    tracks: list[Track]
    artists: list[Artist]
    releases: list[Release]
    playlists: list[Playlist]
    all_link: str

    @property
    def count(self) -> int:
        return sum(len(found) for found in (self.tracks, self.artists, self.releases, self.playlists))


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    found = suggest_for(request.user, request.GET.get("q", ""))
    return render(request, "parts/search_results.html", {"found": found})


def suggest_for(viewer: Viewer, text: str) -> Suggestions:
    typed = read_text(text)
    playable = Track.objects.visible_to(viewer).playable()
    found = find_all(
        typed,
        tracks=playable,
        artists=visible_artists(viewer),
        releases=visible_releases(viewer).select_related("artist"),
        limit=MOST_TRACKS,
    )
    return Suggestions(
        query=typed,
        tracks=load_rows(playable.for_listing(), found.tracks),
        artists=found.artists[:MOST_OTHERS],
        releases=found.releases[:MOST_OTHERS],
        playlists=_find_playlists(viewer, typed) if typed else [],
        all_link=f"{reverse('library')}?{urlencode({'q': typed})}",
    )


def _find_playlists(viewer: Viewer, typed: str) -> list[Playlist]:
    """With all that is typed somewhere in the name; the viewer's own and what changed last come first."""
    found = Playlist.objects.visible_to(viewer)
    for word in typed.split():
        found = found.filter(name__icontains=word)
    own = Case(When(owner=viewer.pk, then=0), default=1)
    return list(found.select_related("owner").order_by(own, "-changed_at", "-pk")[:MOST_OTHERS])
