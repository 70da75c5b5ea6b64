"""Static files under names that carry their hash, so that browsers may keep them for ever."""

from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleAwareStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Also rewrites the imports between our ES modules to the hashed names."""

    support_js_module_import_aggregation = True
    # One pass for each module in the longest chain of imports, and one that finds nothing more to rename.
    max_post_process_passes = 20

    @cached_property
    def _urls(self) -> dict[str, str]:
        return {}

    def url(self, name: str, force: bool = False) -> str:
        """Names stay while a process lives, and a page asks for that of its icons a hundred times."""
        if name not in self._urls:
            self._urls[name] = str(super().url(name, force))
        return self._urls[name]


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look on pages that name no icon, such as the admin's."""
    return redirect(static("img/favicon.svg"))
