"""Covers that people give to tracks, or take away."""

from pathlib import Path

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from recommender.catalog.models import Track
from recommender.ingest.covers import choose_cover, remove_cover, set_cover, shrink_cover
from recommender.ingest.errors import UploadRefusedError
from recommender.web.answers import problem, wants_json
from recommender.web.file_forms import ENVELOPE_BYTES, read_announced_size, take_files
from recommender.web.track_access import find_describable

LARGEST_BYTES = 10 * 1024 * 1024


# Exempt out here only: looking for the token reads the body, and these checks come before that.
@csrf_exempt
@require_POST
def change_cover(request: HttpRequest, track_id: int) -> HttpResponse:
    """The picture in the field `cover`; with `only_if_missing` for a track without one only. `remove` takes it away."""
    track = find_describable(request.user, track_id)
    try:
        if read_announced_size(request) > LARGEST_BYTES + ENVELOPE_BYTES:
            raise _too_large()
    except UploadRefusedError as error:
        return _refuse(request, track, error)
    with take_files(request, TemporaryFileUploadHandler(request)):
        return _receive(request, track)


@csrf_protect
def _receive(request: HttpRequest, track: Track) -> HttpResponse:
    try:
        told = _remove(track) if request.POST.get("remove") else _take(request, track)
    except UploadRefusedError as error:
        return _refuse(request, track, error)
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, told)
    return redirect("track_edit", track_id=track.pk)


def _remove(track: Track) -> str:
    with transaction.atomic():
        remove_cover(track)
    return _("The cover was removed.")


def _take(request: HttpRequest, track: Track) -> str:
    only_if_missing = bool(request.POST.get("only_if_missing"))
    picture = request.FILES.get("cover")
    if not isinstance(picture, TemporaryUploadedFile):
        raise UploadRefusedError("one_file", _("Choose a picture first."), 400)
    if (picture.size or 0) > LARGEST_BYTES:
        raise _too_large()
    if only_if_missing and track.has_cover:
        return _("The track keeps the cover it has.")
    pictures = shrink_cover(Path(picture.temporary_file_path()))
    with transaction.atomic():
        if only_if_missing:
            set_cover(track, pictures, only_if_missing=True)
        else:
            choose_cover(track, pictures)
    return _("The cover was changed.")


def _refuse(request: HttpRequest, track: Track, error: UploadRefusedError) -> HttpResponse:
    if wants_json(request):
        return problem(error.code, str(error), error.status)
    messages.error(request, str(error))
    return redirect("track_edit", track_id=track.pk)


def _too_large() -> UploadRefusedError:
    return UploadRefusedError("too_large", _("A cover may have at most 10 MB."), 413)
