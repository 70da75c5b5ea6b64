"""Resumable uploads by the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation,
creation-with-upload, checksum, expiration, termination. Only its owner sees an upload.

Everything that can be refused is refused before the body is read.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from recommender.catalog.models import Upload, UploadState
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.part_files import BLOCK_BYTES
from recommender.ingest.partial_uploads import (
    CHECKSUMS,
    Piece,
    discard_upload,
    expires_at,
    finish_if_whole,
    offset_of,
    open_upload,
    receive_piece,
    require_alive,
)
from recommender.web import errors
from recommender.web.answers import problem
from recommender.web.steady_body import BodyBrokenOffError
from recommender.web.tus_headers import read_announcement, read_checksum, read_number
from recommender.web.uploads import require_uploader

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"

View = Callable[..., HttpResponseBase]


def _speak_tus(view: View) -> View:
    """What goes for every request and every answer. The token is looked for in here: that may read the body."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        answered = _answer(protected, request, **arguments)
        answered["Tus-Resumable"] = VERSION
        return answered

    return answer


def _answer(view: View, request: HttpRequest, **arguments: Any) -> HttpResponseBase:
    # For senders that know neither PATCH nor DELETE. Only from POST: the others are not held to the CSRF rules.
    if request.method == "POST":
        request.method = request.headers.get("X-HTTP-Method-Override", "POST").upper()
    if request.method == "OPTIONS":
        return _describe()
    if request.headers.get("Tus-Resumable") != VERSION:
        refusal = problem("tus_version", _("This server speaks tus %(version)s only.") % {"version": VERSION}, 412)
        refusal["Tus-Version"] = VERSION
        return refusal
    try:
        require_uploader(request)
        _check_body(request)
        return view(request, **arguments)
    except UploadRefusedError as error:
        return problem(error.code, str(error), error.status)
    except PermissionDenied as error:
        return errors.forbidden(request, error)
    except Http404 as error:
        return errors.not_found(request, error)


@_speak_tus
def tus_uploads(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return HttpResponseNotAllowed(["OPTIONS", "POST"])
    upload = open_upload(require_uploader(request), read_announcement(request.headers))
    answer = HttpResponse(status=201)
    if _body_bytes(request):
        upload = _receive_first(upload, request)
        answer["Upload-Offset"] = str(offset_of(upload))
    answer["Location"] = reverse("tus_upload", args=[upload.pk])
    return _describe_end(upload, answer)


@_speak_tus
def tus_upload(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    handle = _HANDLERS.get(request.method or "")
    if handle is None:
        return HttpResponseNotAllowed(["OPTIONS", *_HANDLERS])
    upload = get_object_or_404(
        Upload.objects.select_related("owner", "track"), pk=upload_id, owner=require_uploader(request)
    )
    return handle(request, upload)


def _look(request: HttpRequest, upload: Upload) -> HttpResponse:
    require_alive(upload)
    upload = finish_if_whole(upload)
    answer = HttpResponse()
    answer["Upload-Offset"] = str(offset_of(upload))
    answer["Upload-Length"] = str(upload.size_bytes)
    answer["Cache-Control"] = "no-store"
    if upload.metadata:
        answer["Upload-Metadata"] = upload.metadata
    return _describe_end(upload, answer)


def _patch(request: HttpRequest, upload: Upload) -> HttpResponse:
    require_alive(upload)
    upload = receive_piece(upload, _read_piece(request, read_number(request.headers, "Upload-Offset")))
    answer = HttpResponse(status=204)
    answer["Upload-Offset"] = str(offset_of(upload))
    return _describe_end(upload, answer)


def _terminate(request: HttpRequest, upload: Upload) -> HttpResponse:
    discard_upload(upload)
    return HttpResponse(status=204)


_HANDLERS: dict[str, Callable[[HttpRequest, Upload], HttpResponse]] = {
    "HEAD": _look,
    "PATCH": _patch,
    "DELETE": _terminate,
}


def _describe() -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["Tus-Version"] = VERSION
    answer["Tus-Max-Size"] = str(settings.UPLOADS.max_bytes)
    answer["Tus-Extension"] = EXTENSIONS
    answer["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return answer


def _describe_end(upload: Upload, answer: HttpResponse) -> HttpResponse:
    """When an unfinished upload ends, or which track a finished one became."""
    if upload.state == UploadState.ACCEPTED:
        answer["Soundalike-Track"] = str(upload.track_id)
        answer["Soundalike-Duplicate"] = "true" if upload.is_duplicate else "false"
    else:
        answer["Upload-Expires"] = http_date(expires_at(upload).timestamp())
    return answer


def _receive_first(upload: Upload, request: HttpRequest) -> Upload:
    """What comes with the creation. The sender of what is refused never learns the address, so nothing is kept."""
    try:
        return receive_piece(upload, _read_piece(request, 0))
    except UploadRefusedError:
        if Upload.objects.receiving().filter(pk=upload.pk).exists():
            discard_upload(upload)
        raise


def _check_body(request: HttpRequest) -> None:
    """Raises UploadRefusedError unless there is none, or one of known length that holds the bytes of a file."""
    if "Transfer-Encoding" in request.headers or (request.method == "PATCH" and "CONTENT_LENGTH" not in request.META):
        raise UploadRefusedError("length_required", _("The upload has to say how large it is."), 411)
    is_expected = request.method == "PATCH" or _body_bytes(request) > 0
    if request.content_type != CONTENT_TYPE and (is_expected or request.content_type == "multipart/form-data"):
        sentence = _("The bytes of a file are sent as %(type)s.") % {"type": CONTENT_TYPE}
        raise UploadRefusedError("content_type", sentence, 415)
    if request.method in ("HEAD", "DELETE") and _body_bytes(request):
        raise UploadRefusedError("unexpected_body", _("This request has no body."), 400)


def _body_bytes(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _read_piece(request: HttpRequest, offset: int) -> Piece:
    return Piece(
        offset=offset,
        size_bytes=_body_bytes(request),
        blocks=_read_blocks(request),
        checksum=read_checksum(request.headers),
    )


def _read_blocks(request: HttpRequest) -> Iterator[bytes]:
    """The body, until it ends or breaks off."""
    with contextlib.suppress(BodyBrokenOffError):
        while block := request.read(BLOCK_BYTES):
            yield block
