"""What curators say about two tracks, for everybody."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class PairRuleQuerySet(models.QuerySet["PairRule"]):
    def unlike(self, track_ids: Collection[int]) -> frozenset[int]:
        """The tracks that are not similar to one of these."""
        pairs = self.values_list("first_id", "second_id")
        found = pairs.filter(first__in=track_ids).union(pairs.filter(second__in=track_ids))
        return frozenset(track_id for pair in found for track_id in pair) - frozenset(track_ids)


class PairRule(models.Model):
    """Two tracks that are not similar, whatever the encoder says: neither is recommended from the other."""

    first = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="rules_as_first")
    second = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="rules_as_second")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = PairRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_rule_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_rule_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id} are not similar"
