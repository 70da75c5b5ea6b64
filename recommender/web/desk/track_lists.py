"""Which tracks an address of the desk is about: some by number, all of an artist, a release or a playlist, or all that
the library is narrowed to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Q
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.facets import select_tracks
from recommender.catalog.models import Track
from recommender.listening.playlists import tracks_of
from recommender.web.asked_numbers import parse_whole
from recommender.web.asked_tracks import check_visible, read_track_ids
from recommender.web.cards import IN_ORDER
from recommender.web.facet_panel import label_values
from recommender.web.listing import RELEVANCE, Asked, read_asked
from recommender.web.paging import Order, link_to
from recommender.web.playlist_access import find_playlist


@dataclass(frozen=True, kw_only=True)
class TrackList:
    """`ids` are in the order of the list that they come from, each once; `query` asks for the same again. `told` says
    what that list is called, and `link` leads there: both empty for tracks that were named one by one.
    """

    ids: list[int]
    query: str
    told: str = ""
    link: str = ""


def find_list(viewer: User, given: QueryDict) -> TrackList:
    """Nothing but what the viewer may know of. Raises BadAddressError, Http404."""
    find = next((find for name, find in _SOURCES.items() if given.get(name)), _list_library)
    return find(viewer, given)


def _list_named(viewer: User, given: QueryDict) -> TrackList:
    ids = list(dict.fromkeys(read_track_ids(given)))
    check_visible(viewer, ids)
    return TrackList(ids=ids, query=link_to({}, track=",".join(map(str, ids))))


def _list_of_artist(viewer: User, given: QueryDict) -> TrackList:
    """Those of others on their releases are not by them."""
    artist = get_object_or_404(visible_artists(viewer), pk=_read_number(given, "artist"))
    made = Track.objects.visible_to(viewer).filter(Q(credits__artist=artist) | Q(artist=artist)).distinct()
    ordered = made.order_by(F("release").asc(nulls_last=True), *IN_ORDER)
    link, query = reverse("artist", args=[artist.pk]), link_to({}, artist=str(artist.pk))
    return TrackList(ids=list(ordered.values_list("pk", flat=True)), query=query, told=artist.name, link=link)


def _list_of_release(viewer: User, given: QueryDict) -> TrackList:
    release = get_object_or_404(visible_releases(viewer), pk=_read_number(given, "release"))
    ordered = Track.objects.visible_to(viewer).filter(release=release).order_by(*IN_ORDER)
    link, query = reverse("release", args=[release.pk]), link_to({}, release=str(release.pk))
    return TrackList(ids=list(ordered.values_list("pk", flat=True)), query=query, told=release.title, link=link)


def _list_of_playlist(viewer: User, given: QueryDict) -> TrackList:
    playlist = find_playlist(viewer, _read_number(given, "playlist"))
    ids = list(dict.fromkeys(tracks_of(playlist, viewer)))
    link, query = reverse("playlist", args=[playlist.pk]), link_to({}, playlist=str(playlist.pk))
    return TrackList(ids=ids, query=query, told=playlist.name, link=link)


def _list_library(viewer: User, given: QueryDict) -> TrackList:
    asked = read_asked(viewer, given)
    query = asked.address.cleared()
    told = " · ".join(_name_narrowing(asked)) or _("The whole library")
    return TrackList(ids=_list_ids(asked), query=query, told=told, link=reverse("library") + query)


_SOURCES: Final[Mapping[str, Callable[[User, QueryDict], TrackList]]] = {
    "track": _list_named,
    "artist": _list_of_artist,
    "release": _list_of_release,
    "playlist": _list_of_playlist,
}


def _read_number(given: QueryDict, name: str) -> int:
    """Raises Http404."""
    number = parse_whole(given.get(name, ""))
    if number is None:
        raise Http404
    return number


def _name_narrowing(asked: Asked) -> Iterator[str]:
    if asked.query:
        yield _("“%(text)s”") % {"text": asked.query}
    if asked.selection.is_mine:
        yield _("Only my tracks")
    for name, values in asked.selection.chosen.items():
        yield from (str(label) for label in label_values(name, list(values), asked.selection.viewer).values())


def _list_ids(asked: Asked) -> list[int]:
    """All tracks in the order in which the library shows them."""
    if asked.sort == RELEVANCE:
        left = set(asked.selection.counts.ids.tolist())
        return [pk for pk in asked.selection.ids or () if pk in left]
    return list(select_tracks(asked.selection).order_by(*_write_order(asked.order)).values_list("pk", flat=True))


def _write_order(order: Order) -> list[Any]:
    """What has no value comes last, upwards and downwards alike."""
    if order.field == "pk":
        return ["-pk" if order.is_descending else "pk"]
    field = F(order.field)
    if order.is_descending:
        return [field.desc(nulls_last=order.is_nullable or None), "-pk"]
    return [field.asc(nulls_last=order.is_nullable or None), "pk"]
