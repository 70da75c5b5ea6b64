"""The curators' desk: Django's admin, opened to curators and administrators by role."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.curation.reach_page import ADDRESS, TITLE, show_reach


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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("reach/", self.admin_view(self.show_reach), name="reach"), *super().get_urls()]

    def show_reach(self, request: HttpRequest) -> HttpResponse:
        return show_reach(request, self.each_context(request))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """With the pages that belong to no table."""
        listed = super().get_app_list(request, app_label)
        if app_label is not None or not self.has_permission(request):
            return listed
        page = {"name": _(TITLE), "object_name": "Reach", "admin_url": reverse(ADDRESS), "add_url": None}
        pages = [{**page, "view_only": True, "perms": {"view": True}}]
        return [
            *listed,
            {"name": _("Similarity"), "app_label": "similarity", "app_url": reverse(ADDRESS), "models": pages},
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "is_curator", False)
