"""In which language pages speak: the one that was chosen, kept in a cookie, else what the browser asks for."""

from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import to_locale
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import JavaScriptCatalog, set_language

from recommender.web.answers import find_page_before

# What has words in it. Sound and pictures are the same for everybody, and caches may know that.
SPOKEN: Final = ("text/html", "application/json", "application/problem+json", "application/manifest+json")
KEPT_SECONDS: Final = 365 * 86_400

_write_script = JavaScriptCatalog.as_view(packages=["recommender.web"])


class LanguageMiddleware(LocaleMiddleware):
    """Django's, for answers with words; it forgets to say that they depend on the cookie."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").partition(";")[0] not in SPOKEN:
            return response
        patch_vary_headers(response, ["Cookie"])
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`language` is the code of one, as `settings.LANGUAGES` has it; any other changes nothing."""
    answer: HttpResponse = set_language(request)
    if answer.has_header("Location"):
        answer["Location"] = find_page_before(request)
    return answer


@require_safe
def words(request: HttpRequest, language: str, version: str) -> HttpResponseBase:
    """What scripts say in a language, as a script: `static/js/words.js` reads it."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        answer = _write_script(request)
    if version == version_of(language):
        patch_cache_control(answer, public=True, max_age=KEPT_SECONDS, immutable=True)
    else:
        patch_cache_control(answer, no_cache=True)
    return answer


def address_of_words() -> str:
    """Where the script is for the language of this page; empty for English, which needs none."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE:
        return ""
    return reverse("words", args=[language, version_of(language)])


def version_of(language: str) -> str:
    """Another one whenever the words of the scripts change."""
    catalogue = settings.LOCALE_PATHS[0] / to_locale(language) / "LC_MESSAGES" / "djangojs.mo"
    return f"{catalogue.stat().st_mtime_ns:x}" if catalogue.is_file() else "none"
