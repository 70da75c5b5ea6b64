"""Answers to scripts, beside the pages for people."""

from django.http import HttpRequest, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme


def wants_json(request: HttpRequest) -> bool:
    """Pages are for those who ask for HTML, as every browser does that opens one."""
    return "text/html" not in request.headers.get("Accept", "")


def problem(code: str, detail: str, status: int) -> JsonResponse:
    """RFC 9457: `code` is stable, `detail` a sentence for people."""
    body = {"code": code, "detail": detail, "status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def find_way_back(request: HttpRequest, otherwise: str) -> str:
    """The page that a form names as `back`, unless that is none of ours."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_ours else otherwise
