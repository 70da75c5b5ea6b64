"""Growing a playlist: tracks that would go well with it, each taken or refused."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from recommender.catalog.models.music import Viewer
from recommender.listening.errors import EntryMissingError, PlaylistLimitError
from recommender.listening.models import Playlist
from recommender.listening.playlists import MOST_ENTRIES, add_tracks, forget_refusals, refuse_track
from recommender.similarity.additions import suggest_additions
from recommender.similarity.blend import Blend
from recommender.web.asked_numbers import read_whole
from recommender.web.asked_tracks import find_asked
from recommender.web.paging import Asked, link_to
from recommender.web.playlist_access import find_own_playlist
from recommender.web.refusals import BadAddressError

FULL: Final = "full"
DEEDS: Final = {
    "accept": gettext_noop("Added."),
    "reject": gettext_noop("Not suggested for this playlist again."),
    "forget": gettext_noop("Taken back."),
}


@dataclass(frozen=True, kw_only=True)
class SuggestionsPage:
    """`part` is the page of the playlist that the list stands on, empty where it stands alone; `did` what was done."""

    blend: Blend | None
    refused: int
    part: str
    did: str

    @property
    def told(self) -> str:
        if self.did == FULL:
            most = number_format(MOST_ENTRIES, force_grouping=True)
            return _("A playlist holds at most %(most)s tracks.") % {"most": most}
        return _(DEEDS.get(self.did, ""))


@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: HttpRequest, playlist_id: int) -> HttpResponse:
    """POST: `accept` or `reject` names a track; `forget` takes back all that was rejected."""
    found = find_own_playlist(request.user, playlist_id)
    if request.method != "POST":
        page = describe_suggestions(request.user, found, request.GET)
        return render(request, "playlist_suggestions.html", {"playlist": found, "page": page})
    here = reverse("playlist_suggestions", args=[found.pk])
    try:
        did = _answer(request, found)
    except PlaylistLimitError:
        did = FULL
    except EntryMissingError as error:
        raise Http404 from error
    return redirect(here + link_to({}, page=read_part(request.POST), did=did))


def describe_suggestions(viewer: Viewer, found: Playlist, asked: Asked) -> SuggestionsPage:
    return SuggestionsPage(
        blend=suggest_additions(found, viewer),
        refused=found.refusals.count(),
        part=read_part(asked),
        did=asked.get("did", ""),
    )


def read_part(asked: Asked) -> str:
    """Empty where no page is named that can be one."""
    text = asked.get("page", "")
    return text if text.isascii() and text.isdigit() and len(text) < 10 else ""


def _answer(request: HttpRequest, found: Playlist) -> str:
    """What was done. Raises BadAddressError, Http404, PlaylistLimitError."""
    did = next((name for name in DEEDS if name in request.POST), "")
    if not did:
        raise BadAddressError(_("What is said of a suggestion is one of: %(choices)s.") % {"choices": ", ".join(DEEDS)})
    if did == "forget":
        forget_refusals(found)
        return did
    track = find_asked(request.user, [read_whole(_("number of a track"), request.POST[did])])[0]
    if did == "accept":
        add_tracks(found, [track.pk])
    else:
        refuse_track(found, track)
    return did
