"""From the browser into the catalog: the upload page, the receiver, and the states it follows."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.intake import Receipt, receive_upload
from recommender.ingest.validate import CheckedUpload, CheckingUploadHandler
from recommender.web.answers import problem, wants_json
from recommender.web.states import describe_for_machines, show_state

RECENT = 60
LARGEST_STATES_REQUEST = 200
# What a multipart body holds beside the file.
ENVELOPE_BYTES = 64 * 1024


@require_safe
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    user = _require_uploader(request)
    recent = [(track, show_state(track)) for track in recent_uploads(user)]
    return render(request, "upload.html", {"recent": recent, "limits": settings.UPLOADS})


# Exempt out here only: looking for the token reads the body, and these checks come before that. Requests from foreign
# sites are refused before it too, by their Origin.
@csrf_exempt
@require_POST
def upload_file(request: HttpRequest) -> HttpResponse:
    _require_uploader(request)
    refusal = check_announced_size(request)
    if refusal:
        return _refuse(request, refusal)
    request.upload_handlers = [CheckingUploadHandler(request)]
    return _receive(request)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    owner = _require_uploader(request)
    uploads = cast(list[CheckedUpload], request.FILES.getlist("file"))
    return _receive_one(owner, uploads) if wants_json(request) else _receive_form(request, owner, uploads)


@require_safe
def upload_states(request: HttpRequest) -> HttpResponse:
    """The states of `?ids=1,2,3`, as far as the viewer may see these tracks; others are left out."""
    ids = request.GET.get("ids", "").split(",")[:LARGEST_STATES_REQUEST]
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in ids):
        return problem("bad_ids", "Give the numbers of tracks, separated by commas.", 400)
    return JsonResponse({"tracks": states_of(request.user, [int(text) for text in ids])})


def recent_uploads(owner: User) -> list[Track]:
    return list(Track.objects.filter(owner=owner, is_deleting=False).for_listing().order_by("-pk")[:RECENT])


def states_of(viewer: Viewer, ids: list[int]) -> list[dict[str, object]]:
    visible = Track.objects.visible_to(viewer).filter(pk__in=ids).for_listing()
    return [describe_for_machines(track) for track in visible]


def check_announced_size(request: HttpRequest) -> UploadRefusedError | None:
    """A script sends one file a request, a form up to the limit on files."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or "")
    except ValueError:
        return UploadRefusedError("length_required", "The upload has to say how large it is.", 411)
    files = 1 if wants_json(request) else settings.UPLOADS.max_files_per_request
    if announced > files * settings.UPLOADS.max_bytes + ENVELOPE_BYTES:
        megabytes = settings.UPLOADS.max_bytes // (1024 * 1024)
        return UploadRefusedError("too_large", f"This is larger than the {megabytes} MB a file may have here.", 413)
    return None


def _require_uploader(request: HttpRequest) -> User:
    if not request.user.is_authenticated or not request.user.is_uploader:
        raise PermissionDenied("Your account may listen, but not upload. An administrator can change that.")
    return request.user


def _receive_one(owner: User, uploads: list[CheckedUpload]) -> HttpResponse:
    if len(uploads) != 1:
        return problem("one_file", "Send exactly one file in the field “file”.", 400)
    try:
        receipt = receive_upload(owner, uploads[0])
    except UploadRefusedError as error:
        return problem(error.code, str(error), error.status)
    return JsonResponse(_describe_receipt(receipt), status=201 if receipt.is_new else 200)


def _receive_form(request: HttpRequest, owner: User, uploads: list[CheckedUpload]) -> HttpResponse:
    if not uploads:
        messages.error(request, "Choose at least one file first.")
    for upload in uploads:
        try:
            receipt = receive_upload(owner, upload)
        except UploadRefusedError as error:
            messages.error(request, f"{upload.name}: {error}")
        else:
            told = "was received." if receipt.is_new else "is here already."
            messages.success(request, f"“{receipt.track.title}” {told}")
    return redirect("upload")


def _describe_receipt(receipt: Receipt) -> dict[str, object]:
    track = Track.objects.for_listing().get(pk=receipt.track.pk)
    delete_url = reverse("track_delete", args=[track.pk])
    return {**describe_for_machines(track), "is_new": receipt.is_new, "delete_url": delete_url}


def _refuse(request: HttpRequest, refusal: UploadRefusedError) -> HttpResponse:
    if wants_json(request):
        return problem(refusal.code, str(refusal), refusal.status)
    messages.error(request, str(refusal))
    return redirect("upload")
