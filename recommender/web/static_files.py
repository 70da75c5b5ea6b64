"""Static files under names that carry their hash, so that browsers may keep them for ever."""

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


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look on pages that name no icon, such as the admin's."""
    return redirect(static("img/favicon.svg"))
