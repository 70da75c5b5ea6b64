"""What a request says of the size of its body, which is looked at before any of it is read."""

from django.http import HttpRequest

from recommender.ingest.errors import UploadRefusedError

# What a multipart body holds beside the file.
ENVELOPE_BYTES = 64 * 1024


def read_announced_size(request: HttpRequest) -> int:
    """Bytes. Raises UploadRefusedError when the request does not say."""
    announced = str(request.META.get("CONTENT_LENGTH") or "")
    if not (announced.isascii() and announced.isdigit()):
        raise UploadRefusedError("length_required", "The upload has to say how large it is.", 411)
    return int(announced)
