"""A table that comes back: taken in, compared with what is said here, and kept as a draft."""

from pathlib import Path
from typing import Final

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from recommender.curation.errors import TableFileError
from recommender.curation.table_reading import LARGEST_BYTES
from recommender.curation.tables import draft_table
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.text import make_readable
from recommender.web.answers import problem, wants_json
from recommender.web.desk.table import offer_table, require_describer
from recommender.web.file_forms import ENVELOPE_BYTES, read_announced_size, take_files
from recommender.web.metadata_form import MetadataForm
from recommender.web.templatetags.music import megabytes

LONGEST_NAME: Final = 255


# Exempt out here only: looking for the token reads the body, and these checks come before that.
@csrf_exempt
@require_POST
def import_table(request: HttpRequest) -> HttpResponse:
    require_describer(request)
    try:
        _check_size(read_announced_size(request))
    except UploadRefusedError as error:
        return _refuse(request, str(error), error.status)
    with take_files(request, TemporaryFileUploadHandler(request)):
        return _receive(request)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    owner, sent = require_describer(request), request.FILES.get("file")
    if not isinstance(sent, TemporaryUploadedFile):
        return _refuse(request, _("Choose a file first."), 400)
    path, name = Path(sent.temporary_file_path()), make_readable(sent.name or "", LONGEST_NAME) or _("A table")
    try:
        draft = draft_table(owner, path, name, MetadataForm.base_fields)
    except TableFileError as error:
        return _refuse(request, str(error), 400)
    return redirect("desk_table_draft", draft_id=draft.pk)


def _check_size(announced: int) -> None:
    if announced > LARGEST_BYTES + ENVELOPE_BYTES:
        size = {"size": megabytes(LARGEST_BYTES)}
        raise UploadRefusedError("too_large", _("A table may have at most %(size)s. Bring it in parts.") % size, 413)


def _refuse(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    if wants_json(request):
        return problem("table_file", sentence, status)
    page = offer_table(require_describer(request), QueryDict())
    return render(request, "desk/table.html", {"page": page, "refusal": sentence}, status=status)
