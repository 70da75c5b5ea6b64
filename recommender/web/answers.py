"""Answers to scripts, beside the pages for people."""

from django.http import HttpRequest, JsonResponse


def wants_json(request: HttpRequest) -> bool:
    """Pages are for those who ask for HTML, as every browser does that opens one."""
    return "text/html" not in request.headers.get("Accept", "")


def problem(code: str, detail: str, status: int) -> JsonResponse:
    """RFC 9457: `code` is stable, `detail` a sentence for people."""
    body = {"code": code, "detail": detail, "status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")
