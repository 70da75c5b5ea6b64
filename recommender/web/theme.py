"""Light, dark, or as the system has it: a cookie, so that the first byte of a page is right and nothing flashes."""

from enum import StrEnum
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from recommender.web.answers import find_page_before, wants_json
from recommender.web.refusals import BadAddressError

COOKIE: Final = "theme"
KEPT_SECONDS: Final = 365 * 86_400
# What browsers paint around an installed page: the ground of the dark theme in `static/css/base.css`.
DARK_GROUND: Final = "#131115"


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"

    @property
    def label(self) -> str:
        return str(_LABELS[self])

    @property
    def scheme(self) -> str:
        """The value of `color-scheme`."""
        return "light dark" if self is Theme.SYSTEM else self.value

    @property
    def light_media(self) -> str:
        """When the light colour of the browser's own bars holds, as a media query."""
        return _MEDIA[self][0]

    @property
    def dark_media(self) -> str:
        return _MEDIA[self][1]


_LABELS: Final = {
    Theme.SYSTEM: pgettext_lazy("theme", "System"),
    Theme.LIGHT: pgettext_lazy("theme", "Light"),
    Theme.DARK: pgettext_lazy("theme", "Dark"),
}
_MEDIA: Final = {
    Theme.SYSTEM: ("(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"),
    Theme.LIGHT: ("all", "not all"),
    Theme.DARK: ("not all", "all"),
}


def read_theme(request: HttpRequest) -> Theme:
    kept = request.COOKIES.get(COOKIE, "")
    return Theme(kept) if kept in set(Theme) else Theme.SYSTEM


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`theme` is system, light or dark. Scripts get no page: they change the one there is."""
    chosen = request.POST.get("theme", "")
    if chosen not in set(Theme):
        raise BadAddressError(_("A theme is one of: %(themes)s.") % {"themes": ", ".join(Theme)})
    answer = HttpResponse(status=204) if wants_json(request) else redirect(find_page_before(request))
    answer.set_cookie(COOKIE, chosen, max_age=KEPT_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return answer
