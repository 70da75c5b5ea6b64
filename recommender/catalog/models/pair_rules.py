"""What curators say about two tracks, for everybody."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class PairSaying(models.TextChoices):
    """UNLIKE: neither is recommended from the other, whatever they sound like. TOGETHER: each is, before all others."""

    UNLIKE = "unlike", _("not similar")
    TOGETHER = "together", _("belong together")


class PairRuleQuerySet(models.QuerySet["PairRule"]):
    def unlike(self) -> Self:
        return self.filter(says=PairSaying.UNLIKE)


class PairRule(models.Model):
    """What is said of two tracks. It holds in both directions, and of two tracks one thing is said."""

    first = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="rules_as_first")
    second = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="rules_as_second")
    says = models.CharField(max_length=10, choices=PairSaying, default=PairSaying.UNLIKE)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = PairRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_rule_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_rule_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.says}"
