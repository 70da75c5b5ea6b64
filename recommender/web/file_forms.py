"""Forms with files: the announced size is looked at before any of it is read, and what breaks off leaves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommender.ingest.errors import UploadRefusedError
from recommender.web.steady_body import BodyBrokenOffError

# What a multipart body holds beside the file.
ENVELOPE_BYTES = 64 * 1024


def read_announced_size(request: HttpRequest) -> int:
    """Bytes. Raises UploadRefusedError when the request does not say."""
    announced = str(request.META.get("CONTENT_LENGTH") or "")
    if not (announced.isascii() and announced.isdigit()):
        raise UploadRefusedError("length_required", _("The upload has to say how large it is."), 411)
    return int(announced)


@contextmanager
def take_files(request: HttpRequest, handler: FileUploadHandler) -> Iterator[None]:
    """Inside, the form may be read, and its files go through the handler."""
    request.upload_handlers = [handler]
    try:
        yield
    except BodyBrokenOffError:
        handler.upload_interrupted()
        raise
