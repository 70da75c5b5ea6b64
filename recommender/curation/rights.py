"""Who may do what at the curators' desk: rights follow the role."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from recommender.accounts.models import Role, User


class ByRole(admin.ModelAdmin):
    """Rights follow the role instead of Django's table of permissions. Nothing is added or deleted by form."""

    minimum_role = Role.CURATOR

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.role >= self.minimum_role

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
