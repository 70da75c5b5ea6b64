"""One page of the library. Pages are cut at track ids: an address keeps showing the same tracks while others arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from recommender.catalog.models import Track, TrackQuerySet
from recommender.catalog.models.music import Viewer

PAGE_SIZE = 48
LONGEST_QUERY = 200
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class LibraryPage:
    """`newer` and `older` are the query strings of the pages beside this one; empty at the ends."""

    tracks: list[Track]
    query: str
    total: int
    newer: str
    older: str
    has_unfinished: bool


def browse(viewer: Viewer, asked: Mapping[str, str]) -> LibraryPage:
    query = asked.get("q", "").strip()[:LONGEST_QUERY]
    visible = Track.objects.visible_to(viewer)
    found = visible.playable().search(query)
    tracks, has_newer, has_older = _cut(found, _read_id(asked, "before"), _read_id(asked, "after"))
    return LibraryPage(
        tracks=tracks,
        query=query,
        total=found.count(),
        newer=_link(query, "after", tracks[0].pk) if has_newer else "",
        older=_link(query, "before", tracks[-1].pk) if has_older else "",
        has_unfinished=not tracks and not query and visible.exists(),
    )


def _cut(found: TrackQuerySet, before: int | None, after: int | None) -> tuple[list[Track], bool, bool]:
    """The tracks of a page, newest first, and whether there are newer and older ones."""
    listed = found.for_listing()
    if after is not None:
        newer = list(listed.filter(pk__gt=after).order_by("pk")[: PAGE_SIZE + 1])
        has_newer = len(newer) > PAGE_SIZE
        tracks = newer[:PAGE_SIZE][::-1]
        return tracks, has_newer, bool(tracks) and found.filter(pk__lt=tracks[-1].pk).exists()
    older = list((listed.filter(pk__lt=before) if before is not None else listed).order_by("-pk")[: PAGE_SIZE + 1])
    tracks = older[:PAGE_SIZE]
    has_newer = before is not None and bool(tracks) and found.filter(pk__gt=tracks[0].pk).exists()
    return tracks, has_newer, len(older) > PAGE_SIZE


def _read_id(asked: Mapping[str, str], name: str) -> int | None:
    """A mistyped address shows the first page rather than an error."""
    text = asked.get(name, "")
    return min(int(text), _LARGEST_ID) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _link(query: str, name: str, track_id: int) -> str:
    return "?" + urlencode(({"q": query} if query else {}) | {name: str(track_id)})
