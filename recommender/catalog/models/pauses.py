"""Whether the analysis of tracks is held up, by whom and since when."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils import timezone

from recommender.accounts.models import User

_ONLY: Final = 1


class PauseQuerySet(models.QuerySet["Pause"]):
    def begin(self, by: User) -> bool:
        """Whether it began now; false where it is on already."""
        return self.get_or_create(pk=_ONLY, defaults={"by": by})[1]

    def end(self) -> bool:
        return bool(self.all().delete()[0])


class Pause(models.Model):
    """While there is a row workers begin no analysis: what waits stays waiting, what is under way is finished."""

    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PauseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"paused since {self.at:%Y-%m-%d %H:%M}"
