"""Who may do what. A user's role is the highest of the groups they are in; every right is a comparison of roles."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Role(models.IntegerChoices):
    """Each role may all that the one before it may. A role is held through the group of its name."""

    LISTENER = 0, "listener"
    UPLOADER = 1, "uploader"
    CURATOR = 2, "curator"
    ADMIN = 3, "admin"


class User(AbstractUser):
    quota_bytes = models.PositiveBigIntegerField(
        _("quota in bytes"),
        null=True,
        blank=True,
        help_text=_("Empty: what the settings say for the role. 0: no limit."),
    )

    @cached_property
    def role(self) -> Role:
        if self.is_superuser:
            return Role.ADMIN
        if "held_role" in vars(self):
            return Role(vars(self)["held_role"])
        held = set(self.groups.values_list("name", flat=True))
        return max((role for role in Role if role.label in held), default=Role.LISTENER)

    @property
    def is_uploader(self) -> bool:
        return self.is_active and self.role >= Role.UPLOADER

    @property
    def is_curator(self) -> bool:
        return self.is_active and self.role >= Role.CURATOR

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role >= Role.ADMIN
