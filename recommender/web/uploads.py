"""From the browser into the catalog: the upload page, the receiver, and the states it follows."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog import audio_files
from recommender.catalog.models import Track, Upload, UploadState
from recommender.catalog.models.music import Viewer
from recommender.curation.showing import must_submit
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.intake import Receipt, receive_upload
from recommender.ingest.partial_uploads import discard_upload, expires_at, offset_of
from recommender.ingest.quota import check_room, measure_quota
from recommender.ingest.validate import CheckedUpload, CheckingUploadHandler, check_room_on_disk, too_large
from recommender.web.answers import problem, wants_json
from recommender.web.file_forms import ENVELOPE_BYTES, read_announced_size, take_files
from recommender.web.paging import Asked, Cut, Order, cut_page, link_to
from recommender.web.standing import describe_standings
from recommender.web.states import describe_for_machines, show_state

RECENT = 60
NEWEST_FIRST = Order(is_descending=True)
LARGEST_STATES_REQUEST = 200
MOST_HASHES = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class UnfinishedUpload:
    """What a browser has not sent to the end. Choosing the same file again goes on with it."""

    upload: Upload
    received_bytes: int
    expires_at: dt.datetime


@require_safe
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    user = require_uploader(request)
    cut = cut_uploads(user, request.GET)
    shown = {
        "unfinished": list_unfinished(user),
        "refused": Upload.objects.filter(owner=user, state=UploadState.REFUSED).order_by("-created_at")[:RECENT],
        "recent": list(zip(cut.rows, map(show_state, cut.rows), describe_standings(cut.rows, user), strict=True)),
        "must_submit": must_submit(user),
        "page": {
            "before": cut.before and link_to({}, before=cut.before),
            "after": cut.after and link_to({}, after=cut.after),
        },
        "quota": measure_quota(user),
        "limits": settings.UPLOADS,
    }
    return render(request, "upload.html", shown)


# Exempt out here only: looking for the token reads the body, and these checks come before that. Requests from foreign
# sites are refused before it too, by their Origin.
@csrf_exempt
@require_POST
def upload_file(request: HttpRequest) -> HttpResponse:
    owner = require_uploader(request)
    try:
        check_announced_size(request, owner)
    except UploadRefusedError as refusal:
        return _refuse(request, refusal)
    with take_files(request, CheckingUploadHandler(request)):
        return _receive(request)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    owner = require_uploader(request)
    uploads = cast(list[CheckedUpload], request.FILES.getlist("file"))
    return _receive_one(owner, uploads) if wants_json(request) else _receive_form(request, owner, uploads)


@require_safe
def upload_states(request: HttpRequest) -> HttpResponse:
    """The states of `?ids=1,2,3`, as far as the viewer may see these tracks; others are left out."""
    ids = request.GET.get("ids", "").split(",")[:LARGEST_STATES_REQUEST]
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in ids):
        return problem("bad_ids", _("Give the numbers of tracks, separated by commas."), 400)
    return JsonResponse({"tracks": states_of(request.user, [int(text) for text in ids])})


@require_POST
def known(request: HttpRequest) -> HttpResponse:
    """Which of `{"sha256": [...]}` the sender has here already, so that those files need not be sent."""
    owner = require_uploader(request)
    hashes = read_hashes(request)
    if hashes is None:
        sentence = _("Send at most %(most)d SHA-256 in lower-case hex as JSON.") % {"most": MOST_HASHES}
        return problem("bad_hashes", sentence, 400)
    own = Track.objects.filter(owner=owner, is_deleting=False, audio_file__in=hashes).for_listing()
    stored = [track for track in own if audio_files.path_of(track.audio_file_id).exists()]
    told = describe_uploads(stored, owner)
    return JsonResponse({"known": {track.audio_file_id: one for track, one in zip(stored, told, strict=True)}})


@require_POST
def dismiss(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Its owner has read why an upload was refused, or does not want to go on with it."""
    found = get_object_or_404(Upload, pk=upload_id, owner=require_uploader(request))
    try:
        discard_upload(found)
    except UploadRefusedError as error:
        return _refuse(request, error)
    return HttpResponse(status=204) if wants_json(request) else redirect("upload")


def read_hashes(request: HttpRequest) -> list[str] | None:
    """None when that is not what was sent. The length is looked at before the body is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_HASHES * 80:
        return None
    try:
        asked = json.loads(request.body)["sha256"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    is_sound = isinstance(asked, list) and len(asked) <= MOST_HASHES
    return asked if is_sound and all(isinstance(text, str) and _SHA256.fullmatch(text) for text in asked) else None


def list_unfinished(owner: User) -> list[UnfinishedUpload]:
    uploads = Upload.objects.receiving().filter(owner=owner).order_by("-created_at")[:RECENT]
    return [
        UnfinishedUpload(upload=upload, received_bytes=offset_of(upload), expires_at=expires_at(upload))
        for upload in uploads
    ]


def cut_uploads(owner: User, asked: Asked) -> Cut[Track]:
    """A page of what this owner has brought here, newest first."""
    own = Track.objects.filter(owner=owner, is_deleting=False)
    return cut_page(own, NEWEST_FIRST, asked, size=RECENT, listed=own.for_listing())


def states_of(viewer: Viewer, ids: list[int]) -> list[dict[str, object]]:
    return describe_uploads(list(Track.objects.visible_to(viewer).filter(pk__in=ids).for_listing()), viewer)


def describe_uploads(tracks: Sequence[Track], viewer: Viewer) -> list[dict[str, object]]:
    """For the rows of the page: where they stand in the analysis, and whether others hear them."""
    standings = describe_standings(tracks, viewer)
    return [
        {**describe_for_machines(track), "standing": standing.sentence}
        for track, standing in zip(tracks, standings, strict=True)
    ]


def check_announced_size(request: HttpRequest, owner: User) -> None:
    """A script sends one file a request, a form up to the limit on files. Raises UploadRefusedError."""
    announced = read_announced_size(request)
    files = 1 if wants_json(request) else settings.UPLOADS.max_files_per_request
    if announced > files * settings.UPLOADS.max_bytes + ENVELOPE_BYTES:
        raise too_large()
    check_room_on_disk(announced)
    check_room(owner, max(0, announced - ENVELOPE_BYTES))


def require_uploader(request: HttpRequest) -> User:
    if not request.user.is_authenticated or not request.user.is_uploader:
        raise PermissionDenied(_("Your account may listen, but not upload. An administrator can change that."))
    return request.user


def _receive_one(owner: User, uploads: list[CheckedUpload]) -> HttpResponse:
    if len(uploads) != 1:
        return problem("one_file", _("Send exactly one file in the field “file”."), 400)
    try:
        receipt = receive_upload(owner, uploads[0])
    except UploadRefusedError as error:
        return problem(error.code, str(error), error.status)
    return JsonResponse(_describe_receipt(receipt), status=201 if receipt.is_new else 200)


def _receive_form(request: HttpRequest, owner: User, uploads: list[CheckedUpload]) -> HttpResponse:
    if not uploads:
        messages.error(request, _("Choose at least one file first."))
    for upload in uploads:
        try:
            receipt = receive_upload(owner, upload)
        except UploadRefusedError as error:
            messages.error(request, f"{upload.name}: {error}")
        else:
            told = _("“%(title)s” was received.") if receipt.is_new else _("“%(title)s” is here already.")
            messages.success(request, told % {"title": receipt.track.title})
    return redirect("upload")


def _describe_receipt(receipt: Receipt) -> dict[str, object]:
    track = Track.objects.for_listing().get(pk=receipt.track.pk)
    delete_url = reverse("track_delete", args=[track.pk])
    told = describe_uploads([track], track.owner)[0]
    return {**told, "is_new": receipt.is_new, "delete_url": delete_url}


def _refuse(request: HttpRequest, refusal: UploadRefusedError) -> HttpResponse:
    if wants_json(request):
        return problem(refusal.code, str(refusal), refusal.status)
    messages.error(request, str(refusal))
    return redirect("upload")
