"""Somebody has to be able to sign in after the first start."""

import secrets

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q

from recommender.accounts.models import Role, User


@transaction.atomic
def ensure_first_admin(name: str, password: str) -> str | None:
    """Make an administrator when there is none yet; returns the password if it was generated, to be shown once."""
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return None
    chosen = password or secrets.token_urlsafe(12)
    user = User.objects.create_superuser(username=name, password=chosen)
    user.groups.add(Group.objects.get(name=Role.ADMIN.label))
    return None if password else chosen


def find_first_admin() -> User | None:
    """The administrator who has been here longest."""
    active = User.objects.filter(is_active=True)
    admins = active.filter(Q(is_superuser=True) | Q(groups__name=Role.ADMIN.label))
    return admins.order_by("pk").first()
