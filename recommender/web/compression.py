"""Pages on their way to the browser, a sixth as large."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED = ("text/html", "text/javascript", "application/json", "image/svg+xml", "application/manifest+json")


class PageCompressionMiddleware(GZipMiddleware):
    """Text only. Sound and pictures are compressed as they are, and a byte range of a file must stay one.

    Django lengthens each answer by a random number of bytes, so that its size tells nothing of what is in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or media_type not in COMPRESSED:
            return response
        return super().process_response(request, response)
