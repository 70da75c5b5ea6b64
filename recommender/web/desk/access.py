"""Who may come to the desk. Pages have `login_required` before it, so that who is a stranger may sign in."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommender.accounts.models import User


def require_curator(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not (isinstance(request.user, User) and request.user.is_curator):
        raise PermissionDenied(_("Only curators look after the catalog."))
    return request.user


def require_administrator(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    user = require_curator(request)
    if not user.is_administrator:
        raise PermissionDenied(_("Only administrators look after what the catalog runs on."))
    return user


def require_user(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in first."))
    return request.user
