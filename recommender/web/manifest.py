"""What lets a browser install the site as an app."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recommender.web.theme import DARK_GROUND

# File, side in pixels, whether the system may cut its corners off.
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


@require_safe
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> HttpResponse:
    home = reverse("home")
    described = {
        "id": home,
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "name": "Soundalike",
        "short_name": "Soundalike",
        "description": _("What sounds like what in your own music"),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": DARK_GROUND,
        "theme_color": DARK_GROUND,
        "categories": ["music"],
        "icons": [
            {"src": static(f"img/{name}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in ICONS
        ],
        "shortcuts": [
            {"name": pgettext("menu", "Library"), "url": reverse("library")},
            {"name": pgettext("menu", "Discover"), "url": reverse("discover")},
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")
