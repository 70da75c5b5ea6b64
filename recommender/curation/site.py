"""The curators' desk: Django's admin, opened to curators and administrators by role."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class CurationSite(AdminSite):
    site_header = gettext_lazy("Soundalike catalog")
    site_title = "Soundalike"
    index_title = gettext_lazy("Look after the catalog")
    site_url = "/"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one way to sign in. Who has done so and is no curator has no business here."""
        if request.user.is_authenticated:
            raise PermissionDenied(_("Only curators look after the catalog."))
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "is_curator", False)
