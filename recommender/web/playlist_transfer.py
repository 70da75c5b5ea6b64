"""Playlists as files that people take along, and bring."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.ingest.errors import UploadRefusedError
from recommender.listening.errors import ListeningError, PlaylistFileError
from recommender.listening.models import Playlist
from recommender.listening.playlist_files import (
    LARGEST_BYTES,
    MEDIA_TYPES,
    Format,
    Listed,
    PlaylistFile,
    read_playlist,
    write_playlist,
)
from recommender.listening.playlist_matching import match_listed
from recommender.listening.playlists import create_playlist, tracks_of
from recommender.web.answers import problem, wants_json
from recommender.web.file_forms import ENVELOPE_BYTES, read_announced_size, take_files
from recommender.web.paging import load_rows
from recommender.web.playlist_access import find_playlist, require_listener
from recommender.web.refusals import BadAddressError

MOST_SHOWN: Final = 200
_OWN_ADDRESS: Final = re.compile(r"/tracks/([0-9]{1,18})/(?:audio|download)?")
_UNSAFE_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]+')


@dataclass(frozen=True, kw_only=True)
class Imported:
    """`missing` was not found here; `playlist` is None where nothing was."""

    name: str
    playlist: Playlist | None
    found: int
    missing: Sequence[Listed]

    @property
    def shown(self) -> Sequence[Listed]:
        return self.missing[:MOST_SHOWN]

    @property
    def unshown(self) -> int:
        return len(self.missing) - len(self.shown)


@require_safe
def export(request: HttpRequest, playlist_id: int) -> HttpResponse:
    found = find_playlist(request.user, playlist_id)
    given = request.GET.get("format", "")
    if given not in list(Format):
        sentence = _("The format of a playlist file is one of: %(choices)s.")
        raise BadAddressError(sentence % {"choices": ", ".join(Format)})
    kind = Format(given)
    answer = HttpResponse(write_playlist(_describe_file(request, found), kind), content_type=MEDIA_TYPES[kind])
    file_name = f"{_UNSAFE_IN_NAMES.sub('_', found.name).strip(' .')[:100] or 'playlist'}.{kind}"
    answer["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    return answer


# Exempt out here only: looking for the token reads the body, and these checks come before that.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def import_playlist(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show_form(request)
    require_listener(request)
    try:
        if read_announced_size(request) > LARGEST_BYTES + ENVELOPE_BYTES:
            raise _too_large()
    except UploadRefusedError as error:
        return _refuse(request, str(error), error.status)
    with take_files(request, TemporaryFileUploadHandler(request)):
        return _receive(request)


@login_required
def _show_form(request: HttpRequest) -> HttpResponse:
    return render(request, "playlist_import.html", {})


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    owner, sent = require_listener(request), request.FILES.get("file")
    try:
        if not isinstance(sent, TemporaryUploadedFile):
            raise PlaylistFileError(_("Choose a playlist file first."))
        content = Path(sent.temporary_file_path()).read_bytes()
        imported = _keep(owner, read_playlist(content), PurePosixPath(sent.name or "").stem, request.get_host())
    except ListeningError as error:
        return _refuse(request, str(error), 400)
    return render(request, "playlist_imported.html", {"imported": imported})


def _keep(owner: User, read: PlaylistFile, file_name: str, host: str) -> Imported:
    """Raises PlaylistError."""
    own_ids = [_read_own_id(each, host) for each in read.listed]
    matched = match_listed(read.listed, own_ids, owner)
    found = [pk for pk in matched if pk is not None]
    name = read.name or file_name or _("Imported playlist")
    made = create_playlist(owner, name, found, description=read.description) if found else None
    missing = [each for each, pk in zip(read.listed, matched, strict=True) if pk is None]
    return Imported(name=name, playlist=made, found=len(found), missing=missing)


def _read_own_id(listed: Listed, host: str) -> int | None:
    """The track that an address of this very site names."""
    for address in (listed.identifier, listed.address):
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        named = _OWN_ADDRESS.fullmatch(parts.path)
        if named and parts.netloc.lower() == host.lower():
            return int(named[1])
    return None


def _describe_file(request: HttpRequest, playlist: Playlist) -> PlaylistFile:
    told = Track.objects.visible_to(request.user).select_related("artist", "release").defer("waveform")
    ids = tracks_of(playlist, request.user)
    tracks = {track.pk: track for track in load_rows(told.prefetch_related("credits__artist"), list(set(ids)))}
    site = request.build_absolute_uri("/").rstrip("/")
    return PlaylistFile(
        name=playlist.name,
        description=playlist.description,
        listed=[_describe_track(tracks[pk], site) for pk in ids if pk in tracks],
    )


def _describe_track(track: Track, site: str) -> Listed:
    return Listed(
        title=track.title,
        artist=track.artist_name if track.artist_id else "",
        release=track.release.title if track.release else "",
        duration_seconds=track.duration_seconds,
        address=site + reverse("track_audio", args=[track.pk]),
        identifier=site + reverse("track", args=[track.pk]),
    )


def _too_large() -> UploadRefusedError:
    return UploadRefusedError("too_large", _("A playlist file may have at most 4 MB."), 413)


def _refuse(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    if wants_json(request):
        return problem("playlist_file", sentence, status)
    return render(request, "playlist_import.html", {"refusal": sentence}, status=status)
