"""What people listened to, and what they say of it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import Track

# An older skip says nothing of what somebody likes now.
SKIPS_COUNT_FOR = dt.timedelta(days=90)


class PlayQuerySet(models.QuerySet["Play"]):
    def counting_skips(self, listener: User) -> Self:
        """The skips that say something: recent, of tracks not heard since and not judged by a like or dislike."""
        own = self.filter(listener=listener, is_skipped=True, started_at__gte=timezone.now() - SKIPS_COUNT_FOR)
        same_track = {"listener": listener, "track": OuterRef("track")}
        heard_since = Play.objects.filter(**same_track, is_skipped=False, started_at__gt=OuterRef("started_at"))
        return own.exclude(Exists(heard_since)).exclude(Exists(Opinion.objects.filter(**same_track)))


class Play(models.Model):
    """A track that somebody started. `is_skipped`: left early, and on purpose."""

    listener = models.ForeignKey(User, on_delete=models.CASCADE, related_name="plays")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="plays")
    heard_seconds = models.FloatField(default=0.0)
    is_skipped = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=timezone.now)

    objects = PlayQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["listener", "-started_at"], name="play_history")]

    def __str__(self) -> str:
        return f"{self.listener_id} heard {self.track_id}"


class Verdict(models.TextChoices):
    LIKE = "like", "like"
    DISLIKE = "dislike", "dislike"


class Opinion(models.Model):
    """What a listener thinks of a track. The last word counts."""

    listener = models.ForeignKey(User, on_delete=models.CASCADE, related_name="opinions")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="opinions")
    verdict = models.CharField(max_length=8, choices=Verdict)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listener", "track"], name="opinion_once")]
        indexes = [models.Index(fields=["listener", "-given_at"], name="opinion_list")]

    def __str__(self) -> str:
        return f"{self.listener_id} {self.verdict}s {self.track_id}"


class Unlikeness(models.Model):
    """A listener says that `track`, recommended from `seed`, does not sound like it."""

    listener = models.ForeignKey(User, on_delete=models.CASCADE, related_name="unlikenesses")
    seed = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="unlike_as_seed")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="unlike_as_found")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "unlikenesses"
        constraints = [models.UniqueConstraint(fields=["listener", "seed", "track"], name="unlikeness_once")]

    def __str__(self) -> str:
        return f"{self.track_id} is not like {self.seed_id} to {self.listener_id}"
