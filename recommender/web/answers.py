"""Answers to scripts, beside the pages for people."""

from urllib.parse import urlsplit

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def wants_json(request: HttpRequest) -> bool:
    """Pages are for those who ask for HTML, as every browser does that opens one."""
    return "text/html" not in request.headers.get("Accept", "")


def problem(code: str, detail: str, status: int) -> JsonResponse:
    """RFC 9457: `code` is stable, `detail` a sentence for people."""
    body = {"code": code, "detail": detail, "status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def find_way_back(request: HttpRequest, otherwise: str, *, field: str = "back") -> str:
    """The page that a form names in `field`, unless that is none of ours."""
    back = request.POST.get(field, "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    # Without a slash `redirect` would take it for the name of a view.
    return back if is_ours and "/" in back else otherwise


def find_page_before(request: HttpRequest) -> str:
    """Where a form was that is on every page: no page repeats its own address for it. One that was refused stood here,
    where there is nothing to see.
    """
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if is_ours and urlsplit(page).path != request.path else reverse("home")
