"""The curators' desk: Django's admin, opened to curators and administrators by role."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class CurationSite(AdminSite):
    site_header = "Soundalike catalog"
    site_title = "Soundalike"
    index_title = "Look after the catalog"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "is_curator", False)
