"""The entries of a playlist, moved and removed; and the page that offers playlists for a track."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.listening.errors import PlaylistError
from recommender.listening.models import Playlist, PlaylistEntry
from recommender.listening.playlists import move_entry, remove_entry, step_entry
from recommender.web.answers import find_way_back, wants_json
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import find_asked
from recommender.web.paging import Asked, link_to
from recommender.web.playlist_access import find_own_playlist, refuse_change
from recommender.web.refusals import BadAddressError

OFFERED_PER_PAGE: Final = 50


@dataclass(frozen=True)
class Offered:
    """`is_there`: the track is in it already."""

    playlist: Playlist
    is_there: bool


@dataclass(frozen=True, kw_only=True)
class PickerPage:
    track: Track
    offered: list[Offered]
    before: str
    after: str


@require_POST
def change_entry(request: HttpRequest, playlist_id: int, entry_id: int) -> HttpResponse:
    """`do` is one of the keys of _CHANGES, or `before` or `after` names the entry it goes beside."""
    found = find_own_playlist(request.user, playlist_id)
    change, told = _read_change(request.POST)
    try:
        change(found, entry_id, cast(User, request.user))
    except PlaylistError as error:
        return refuse_change(request, error, reverse("playlist", args=[found.pk]))
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _(told))
    return redirect(find_way_back(request, reverse("playlist", args=[found.pk])))


@require_safe
@login_required
def pick_playlist(request: HttpRequest, track_id: int) -> HttpResponse:
    user = cast(User, request.user)
    return render(request, "playlist_picker.html", {"page": offer_playlists(user, track_id, request.GET)})


def offer_playlists(owner: User, track_id: int, asked: Asked) -> PickerPage:
    """The owner's playlists, those changed last first. Raises Http404."""
    track = find_asked(owner, [track_id])[0]
    own = Playlist.objects.filter(owner=owner).order_by("-changed_at", "-pk")
    part = Paginator(own, OFFERED_PER_PAGE).get_page(asked.get("page"))
    shown = list(part.object_list)
    holding = set(PlaylistEntry.objects.filter(playlist__in=shown, track=track).values_list("playlist", flat=True))
    return PickerPage(
        track=track,
        offered=[Offered(each, each.pk in holding) for each in shown],
        before=link_to({}, page=str(part.previous_page_number())) if part.has_previous() else "",
        after=link_to({}, page=str(part.next_page_number())) if part.has_next() else "",
    )


Change = Callable[[Playlist, int, User], None]


def _read_change(given: QueryDict) -> tuple[Change, str]:
    """What is to be done, and what is said of it afterwards. Raises BadAddressError."""
    if text := given.get("before"):
        before = read_whole("entry", text)
        return lambda found, entry_id, _: move_entry(found, entry_id, before=before), gettext_noop("Moved.")
    if text := given.get("after"):
        after = read_whole("entry", text)
        return lambda found, entry_id, _: move_entry(found, entry_id, after=after), gettext_noop("Moved.")
    if (said := given.get("do", "")) not in _CHANGES:
        sentence = _("What is done with an entry is one of: %(choices)s.")
        raise BadAddressError(sentence % {"choices": ", ".join(_CHANGES)})
    return _CHANGES[said]


_CHANGES: Final[Mapping[str, tuple[Change, str]]] = {
    "up": (lambda found, entry_id, viewer: step_entry(found, entry_id, viewer, is_up=True), gettext_noop("Moved up.")),
    "down": (
        lambda found, entry_id, viewer: step_entry(found, entry_id, viewer, is_up=False),
        gettext_noop("Moved down."),
    ),
    "first": (lambda found, entry_id, _: move_entry(found, entry_id), gettext_noop("Moved to the beginning.")),
    "remove": (lambda found, entry_id, _: remove_entry(found, entry_id), gettext_noop("Removed from the playlist.")),
}
