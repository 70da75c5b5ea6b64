"""A closed house: with SOUNDALIKE_REQUIRE_SIGN_IN nobody sees anything before they have signed in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from recommender.web.answers import problem, wants_json

OPEN_TO_ALL = frozenset(
    {"sign_in", "sign_up", "theme", "set_language", "words", "manifest", "favicon", "livez", "readyz"}
)


class SignInWallMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view_and_arguments: Any) -> HttpResponseBase | None:
        if not settings.ACCESS.require_sign_in or _is_open(request) or request.user.is_authenticated:
            return None
        if wants_json(request):
            return problem("sign_in_first", _("Your session has ended. Sign in again."), 401)
        return redirect_to_login(request.get_full_path())


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and not match.namespaces and match.url_name in OPEN_TO_ALL
