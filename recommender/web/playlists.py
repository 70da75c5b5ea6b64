"""The pages of playlists: all of them as covers, and one with its tracks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.joining import JoinedTexts
from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.listening.errors import PlaylistError
from recommender.listening.models import Playlist, PlaylistEntry, Sharing
from recommender.listening.playlist_files import Format
from recommender.listening.playlists import add_tracks, create_playlist, delete_playlist, measure_playlists, tracks_of
from recommender.web.answers import find_way_back, wants_json
from recommender.web.asked_tracks import check_visible, read_track_ids
from recommender.web.cards import PICTURES, picture_url
from recommender.web.paging import Asked, link_to, load_rows
from recommender.web.playing import describe_sounds, playable_tracks
from recommender.web.playlist_access import (
    find_own_playlist,
    find_playlist,
    may_edit,
    refuse_change,
    require_listener,
)
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 48
ENTRIES_PER_PAGE: Final = 100
MOST_QUEUED: Final = 1_000
# A collage shows different pictures, as far as that many tracks have some.
_LOOKED_AT: Final = 24


@dataclass(frozen=True, kw_only=True)
class PlaylistCard:
    playlist: Playlist
    tracks: int
    pictures: list[str]


@dataclass(frozen=True, kw_only=True)
class PlaylistsPage:
    """The viewer's own, or if `are_others` those that others share. `before` and `after` as in `web.paging`."""

    cards: list[PlaylistCard]
    total: int
    are_others: bool
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """`pk` is that of the entry: the same track may be there twice."""

    pk: int
    track: Track


@dataclass(frozen=True, kw_only=True)
class PlaylistPage:
    """A part of a playlist. `total` and `duration_seconds` are of all of it that the viewer may know of."""

    entries: list[Entry]
    total: int
    duration_seconds: float
    pictures: list[str]
    may_edit: bool
    number: int
    count: int

    @property
    def before(self) -> str:
        return link_to({}, page=str(self.number - 1)) if self.number > 1 else ""

    @property
    def after(self) -> str:
        return link_to({}, page=str(self.number + 1)) if self.number < self.count else ""

    @property
    def first(self) -> int:
        return (self.number - 1) * ENTRIES_PER_PAGE + 1


@require_http_methods(["GET", "HEAD", "POST"])
def playlists(request: HttpRequest) -> HttpResponse:
    """POST makes one: `name`, and any number of `track`."""
    if request.method == "POST":
        return _create(request)
    return render(request, "playlists.html", {"page": list_playlists(request.user, request.GET)})


@require_safe
def playlist(request: HttpRequest, playlist_id: int) -> HttpResponse:
    found = find_playlist(request.user, playlist_id)
    page = describe_playlist_page(request.user, found, request.GET)
    return render(request, "playlist.html", {"playlist": found, "page": page, "formats": list(Format)})


@require_safe
def playlist_sound(request: HttpRequest, playlist_id: int) -> JsonResponse:
    """For the player, as `web.playing.track_sound` says it: its first tracks, however many pages show them."""
    found = find_playlist(request.user, playlist_id)
    ids = tracks_of(found, request.user)[:MOST_QUEUED]
    tracks = {track.pk: track for track in load_rows(playable_tracks(request.user), list(set(ids)))}
    heard = [tracks[pk] for pk in ids if pk in tracks]
    return JsonResponse(describe_sounds(request.user, heard), safe=False)


@require_POST
def add(request: HttpRequest, playlist_id: int) -> HttpResponse:
    """Any number of `track`, at the end and in this order."""
    found = find_own_playlist(request.user, playlist_id)
    track_ids = read_track_ids(request.POST)
    if not track_ids:
        raise BadAddressError(_("Say which tracks are added."))
    check_visible(request.user, track_ids)
    try:
        add_tracks(found, track_ids)
    except PlaylistError as error:
        return refuse_change(request, error, reverse("playlist", args=[found.pk]))
    return _tell_added(request, found, len(track_ids))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, playlist_id: int) -> HttpResponse:
    """GET asks whether it is meant, for those without scripts; POST deletes."""
    found = find_own_playlist(request.user, playlist_id)
    if request.method != "POST":
        return render(request, "playlist_delete.html", {"playlist": found})
    delete_playlist(found)
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("playlists")


def list_playlists(viewer: Viewer, asked: Asked) -> PlaylistsPage:
    are_others = not isinstance(viewer, User) or asked.get("of") == "others"
    others = Playlist.objects.filter(visibility=Sharing.SHARED)
    found = Playlist.objects.filter(owner=viewer) if isinstance(viewer, User) and not are_others else others
    if are_others and isinstance(viewer, User):
        found = found.exclude(owner=viewer)
    part = Paginator(found.select_related("owner").order_by("-changed_at", "-pk"), PAGE_SIZE).get_page(
        asked.get("page")
    )
    here = {"of": "others" if are_others and isinstance(viewer, User) else ""}
    return PlaylistsPage(
        cards=describe_playlists(viewer, list(part.object_list)),
        total=part.paginator.count,
        are_others=are_others,
        before=link_to(here, page=str(part.previous_page_number())) if part.has_previous() else "",
        after=link_to(here, page=str(part.next_page_number())) if part.has_next() else "",
    )


def describe_playlists(viewer: Viewer, shown: Sequence[Playlist]) -> list[PlaylistCard]:
    """In two queries, whatever the number of playlists."""
    measured = measure_playlists(shown, viewer)
    pictures = _find_pictures(viewer, [each.pk for each in shown])
    return [
        PlaylistCard(
            playlist=each,
            tracks=measured.get(each.pk, (0, 0.0))[0],
            pictures=pictures.get(each.pk) or [picture_url(None, each.pk)],
        )
        for each in shown
    ]


def describe_playlist_page(viewer: Viewer, found: Playlist, asked: Asked) -> PlaylistPage:
    total, seconds = measure_playlists([found], viewer).get(found.pk, (0, 0.0))
    count = max(1, -(-total // ENTRIES_PER_PAGE))
    number = _read_page(asked.get("page", ""), count)
    pictures = _find_pictures(viewer, [found.pk])
    first = (number - 1) * ENTRIES_PER_PAGE
    return PlaylistPage(
        entries=_load_entries(viewer, found.entries.visible_to(viewer).in_order()[first : first + ENTRIES_PER_PAGE]),
        total=total,
        duration_seconds=seconds,
        pictures=pictures.get(found.pk) or [picture_url(None, found.pk)],
        may_edit=may_edit(viewer, found),
        number=number,
        count=count,
    )


def _create(request: HttpRequest) -> HttpResponse:
    owner, track_ids = require_listener(request), read_track_ids(request.POST)
    check_visible(owner, track_ids)
    try:
        made = create_playlist(owner, request.POST.get("name", ""), track_ids)
    except PlaylistError as error:
        return refuse_change(request, error, reverse("playlists"))
    if wants_json(request):
        return JsonResponse(_describe_for_machines(made), status=201)
    messages.success(request, _("“%(name)s” was made.") % {"name": made.name})
    return redirect("playlist", playlist_id=made.pk)


def _tell_added(request: HttpRequest, found: Playlist, count: int) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(_describe_for_machines(found))
    address = reverse("playlist", args=[found.pk])
    sentence = ngettext(
        'The track was added to <a href="{address}">{name}</a>.',
        '{count} tracks were added to <a href="{address}">{name}</a>.',
        count,
    )
    counted = number_format(count, force_grouping=True)
    messages.success(request, format_html(sentence, count=counted, address=address, name=found.name))
    return redirect(find_way_back(request, address))


def _describe_for_machines(found: Playlist) -> dict[str, object]:
    return {"id": found.pk, "name": found.name, "page": reverse("playlist", args=[found.pk])}


def _read_page(text: str, count: int) -> int:
    """A mistyped page is the first, one too far the last."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return min(max(number, 1), count)


def _load_entries(viewer: Viewer, part: QuerySet[PlaylistEntry]) -> list[Entry]:
    rows = list(part.values_list("pk", "track"))
    listed = Track.objects.visible_to(viewer).for_listing()
    tracks = {track.pk: track for track in load_rows(listed, list({track_id for _, track_id in rows}))}
    return [Entry(pk, tracks[track_id]) for pk, track_id in rows if track_id in tracks]


def _find_pictures(viewer: Viewer, ids: list[int]) -> dict[int, list[str]]:
    """Of each playlist that is not empty the pictures of its first tracks, as far as they differ."""
    entries = PlaylistEntry.objects.filter(playlist=OuterRef("pk")).visible_to(viewer).in_order()
    named = Concat(
        Cast("track", TextField()), Value(":"), Coalesce("track__cover", Value("")), output_field=TextField()
    )
    first = entries.values(joined=named)[:_LOOKED_AT]
    rows = Playlist.objects.filter(pk__in=ids).values_list("pk", JoinedTexts(first))
    return {pk: _choose_pictures(joined.split(",")) for pk, joined in rows if joined}


def _choose_pictures(named: Sequence[str]) -> list[str]:
    """From `<track>:<cover>`. A track without a cover has a picture of its own."""
    chosen: dict[str, str] = {}
    for text in named:
        number, _, cover = text.partition(":")
        track_id = int(number)
        chosen.setdefault(cover or number, picture_url(track_id if cover else None, track_id))
    return list(chosen.values())[:PICTURES]
