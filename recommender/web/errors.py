"""Error pages. Scripts that ask for JSON get a problem document instead."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from recommender.web.answers import problem, wants_json
from recommender.web.refusals import RefusalError


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RefusalError):
        return _answer(request, 400, exception.code, str(exception))
    return _answer(request, 400, "bad_request", _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:
    if not request.user.is_authenticated:
        return _answer(request, 403, "signed_out", _("You are not signed in, or no longer. Sign in and try again."))
    return _answer(request, 403, "forbidden", str(exception) or _("You are not allowed to do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "not_found", _("There is nothing here, or it is not for you to see."))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, "stale_page", _("This page has become too old. Reload it and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, since whatever broke may break again."""
    if wants_json(request):
        return problem("server_error", _("Something broke on our side. It has been noted."), 500)
    return HttpResponseServerError(render_to_string("errors/500.html"))


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if wants_json(request):
        return problem(code, detail, status)
    return render(request, f"errors/{status}.html", {"detail": detail}, status=status)
