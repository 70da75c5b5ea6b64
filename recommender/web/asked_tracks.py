"""Tracks and numbers that an address names: `?from=12&to=34&count=8`."""

from collections.abc import Sequence

from django.http import Http404

from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.search import LONGEST_QUERY, find_tracks, read_query
from recommender.web.paging import load_rows
from recommender.web.refusals import BadAddressError

_LARGEST_ID = 2**63 - 1


def read_whole(name: str, text: str) -> int:
    """Raises BadAddressError."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID):
        raise BadAddressError(f"The {name} is a whole number.")
    return int(text)


def read_text(text: str) -> str:
    """What somebody typed into a search box; empty where nothing can be searched for."""
    typed = text[:LONGEST_QUERY].replace("\0", "").strip()
    return typed if read_query(typed) else ""


def find_asked(viewer: Viewer, track_ids: Sequence[int]) -> list[Track]:
    """These tracks, in their order, for a list. Raises Http404 when the viewer may not know of one of them."""
    found = load_rows(Track.objects.visible_to(viewer).for_listing(), list(track_ids))
    if len(found) < len(set(track_ids)):
        raise Http404
    return found


def search_tracks(viewer: Viewer, query: str, limit: int) -> list[Track]:
    """What can be heard and is called like `query`, best first."""
    playable = Track.objects.visible_to(viewer).playable()
    return load_rows(playable.for_listing(), find_tracks(query, playable, limit=limit))
