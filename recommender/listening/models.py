"""What people listened to, what they say of it, and the playlists they make of it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer

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


class Sharing(models.TextChoices):
    PRIVATE = "private", gettext_lazy("only for me")
    SHARED = "shared", gettext_lazy("for everybody here")


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """What is shared and what is the viewer's own; an administrator's reach is everything."""
        shared = Q(visibility=Sharing.SHARED)
        if not isinstance(viewer, User) or not viewer.is_active:
            return self.filter(shared)
        return self if viewer.is_administrator else self.filter(shared | Q(owner=viewer))

    def editable_by(self, viewer: Viewer) -> Self:
        if not isinstance(viewer, User) or not viewer.is_active:
            return self.none()
        return self if viewer.is_administrator else self.filter(owner=viewer)


class Playlist(models.Model):
    """Tracks that somebody put in an order. Sharing it shows no track to those who may not see that track."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="playlists")
    name = models.CharField(max_length=200)
    description = models.TextField(max_length=2000, blank=True)
    visibility = models.CharField(gettext_lazy("who sees it"), max_length=10, choices=Sharing, default=Sharing.PRIVATE)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlaylistQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-changed_at"], name="playlist_own"),
            models.Index(fields=["visibility", "-changed_at"], name="playlist_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaylistEntryQuerySet(models.QuerySet["PlaylistEntry"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Those whose tracks the viewer may know of."""
        return self.filter(Exists(Track.objects.visible_to(viewer).filter(pk=OuterRef("track"))))

    def in_order(self) -> Self:
        return self.order_by("position", "pk")


class PlaylistEntry(models.Model):
    """A track's place in a playlist; it may have several. Positions say which comes first, and have gaps."""

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="entries")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="playlist_entries")
    position = models.PositiveIntegerField()
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlaylistEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "playlist entries"
        indexes = [models.Index(fields=["playlist", "position"], name="playlist_order")]

    def __str__(self) -> str:
        return f"{self.track_id} in {self.playlist_id}"


class PlaylistRefusal(models.Model):
    """A track that was suggested for a playlist and does not belong there.

    That says nothing of how tracks sound, so it is no `Unlikeness`, which would follow the listener everywhere.
    """

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="refusals")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="playlist_refusals")
    refused_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["playlist", "track"], name="playlist_refusal_once")]

    def __str__(self) -> str:
        return f"{self.track_id} not in {self.playlist_id}"
