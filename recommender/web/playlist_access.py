"""Which playlist a request may touch. One that must stay unknown to the viewer is not found, rather than forbidden."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models.music import Viewer
from recommender.listening.errors import ListeningError
from recommender.listening.models import Playlist
from recommender.web.answers import find_way_back, problem, wants_json


def require_listener(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in to keep playlists."))
    return request.user


def find_playlist(viewer: Viewer, playlist_id: int) -> Playlist:
    """Raises Http404."""
    return get_object_or_404(Playlist.objects.visible_to(viewer).select_related("owner"), pk=playlist_id)


def find_own_playlist(viewer: Viewer, playlist_id: int) -> Playlist:
    """Raises Http404, or PermissionDenied when the viewer may know of the playlist but not change it."""
    found = find_playlist(viewer, playlist_id)
    if not may_edit(viewer, found):
        raise PermissionDenied(_("This playlist belongs to somebody else."))
    return found


def may_edit(viewer: Viewer, playlist: Playlist) -> bool:
    return isinstance(viewer, User) and (playlist.owner_id == viewer.pk or viewer.is_administrator)


def refuse_change(request: HttpRequest, error: ListeningError, back: str) -> HttpResponse:
    """For people a notice on the page where they are; for scripts 409."""
    if wants_json(request):
        return problem("playlist", str(error), 409)
    messages.error(request, str(error))
    return redirect(find_way_back(request, back))
