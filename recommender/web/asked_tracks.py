"""Tracks that an address names: `?from=12&to=34`."""

from collections.abc import Sequence

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from recommender.catalog.merged import follow_merges
from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.search import LONGEST_QUERY, find_tracks, read_query
from recommender.web.asked_numbers import read_whole
from recommender.web.paging import load_rows

_BATCH = 5_000


def read_track_ids(given: QueryDict) -> list[int]:
    """The numbers of `track`, given again and again or with commas between them. Raises BadAddressError."""
    texts = [text for value in given.getlist("track") for text in value.split(",") if text]
    return [read_whole(_("number of a track"), text) for text in texts]


def check_visible(viewer: Viewer, track_ids: Sequence[int]) -> None:
    """Raises Http404 when the viewer may not know of one of them. Needs no listing of them."""
    asked = sorted(set(track_ids))
    batches = (asked[first : first + _BATCH] for first in range(0, len(asked), _BATCH))
    if sum(Track.objects.visible_to(viewer).filter(pk__in=batch).count() for batch in batches) < len(asked):
        raise Http404


def read_text(text: str) -> str:
    """What somebody typed into a search box; empty where nothing can be searched for."""
    typed = text[:LONGEST_QUERY].replace("\0", "").strip()
    return typed if read_query(typed) else ""


def find_asked(viewer: Viewer, track_ids: Sequence[int]) -> list[Track]:
    """These tracks, in their order, for a list; what was merged is the track that was kept. Raises Http404 when the
    viewer may not know of one of them.
    """
    listed = Track.objects.visible_to(viewer).for_listing()
    found = load_rows(listed, list(track_ids))
    if len(found) < len(set(track_ids)):
        ids = list(dict.fromkeys(follow_merges(track_ids, viewer)))
        found = load_rows(listed, ids)
        if len(found) < len(ids):
            raise Http404
    return found


def search_tracks(viewer: Viewer, query: str, limit: int) -> list[Track]:
    """What can be heard and is called like `query`, best first."""
    playable = Track.objects.visible_to(viewer).playable()
    return load_rows(playable.for_listing(), find_tracks(query, playable, limit=limit))
