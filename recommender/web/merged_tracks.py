"""The address of a track that was merged into another one leads there: its page, its sound, its cover and the rest.
So do the pages of a merged artist.
"""

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import ResolverMatch, reverse

from recommender.catalog.merged import find_kept, find_kept_artist

# What players and pages that were open before still have to say of it.
FOLLOWED: Final = frozenset({"track_play", "track_feedback"})


class SameMethodRedirect(HttpResponseRedirect):
    """A form that is sent again as it was, to another address."""

    status_code = 307


class MergedTrackMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Asked only where nothing was found. A merge can be taken back: nobody may keep the answer."""
        match = request.resolver_match
        if not isinstance(error, Http404) or match is None:
            return None
        if request.method in ("GET", "HEAD"):
            answer = HttpResponseRedirect
        elif match.url_name in FOLLOWED:
            answer = SameMethodRedirect
        else:
            return None
        address = _find_address(request, match)
        return answer(address) if address else None


def _find_address(request: HttpRequest, match: ResolverMatch) -> str:
    if "track_id" in match.kwargs:
        name, old = "track_id", match.kwargs["track_id"]
        kept = find_kept([old], request.user).get(old)
    elif "artist_id" in match.kwargs:
        name, kept = "artist_id", find_kept_artist(match.kwargs["artist_id"], request.user)
    else:
        return ""
    if kept is None:
        return ""
    query = request.META.get("QUERY_STRING", "")
    return reverse(match.view_name, kwargs={**match.kwargs, name: kept}) + (f"?{query}" if query else "")
