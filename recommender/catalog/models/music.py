"""What music there is: artists, releases, stored files and tracks, and who may see which."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from recommender.accounts.models import User
from recommender.catalog.models.spaces import Analysis, AnalysisState

Viewer = User | AnonymousUser


class Artist(models.Model):
    name = models.CharField(max_length=500, unique=True)

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    title = models.CharField(max_length=500)
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="releases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artist", "title"], name="release_unique_per_artist")]

    def __str__(self) -> str:
        return self.title


class AudioFile(models.Model):
    """Bytes in the store, named by their SHA-256 (lower-case hex). Shared by every track that has the same bytes."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=50)
    suffix = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.sha256


class Visibility(models.TextChoices):
    """PRIVATE -> SUBMITTED -> PUBLISHED <-> WITHDRAWN. Only the owner sees a private track."""

    PRIVATE = "private", "private"
    SUBMITTED = "submitted", "waiting for review"
    PUBLISHED = "published", "published"
    WITHDRAWN = "withdrawn", "withdrawn"


class TrackQuerySet(models.QuerySet["Track"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """What `viewer` may know of. Every page, stream and search result goes through here."""
        alive = self.filter(is_deleting=False)
        heard = Q(visibility=Visibility.PUBLISHED, is_playable=True)
        if isinstance(viewer, AnonymousUser) or not viewer.is_active:
            return alive.filter(heard)
        if viewer.is_administrator:
            return alive
        own = Q(owner=viewer)
        if viewer.is_curator:
            return alive.filter(own | ~Q(visibility=Visibility.PRIVATE))
        return alive.filter(own | heard)

    def editable_by(self, viewer: Viewer) -> Self:
        """Tracks whose file `viewer` may take away or try again: their own; an administrator's reach is everything."""
        if isinstance(viewer, AnonymousUser) or not viewer.is_active:
            return self.none()
        alive = self.filter(is_deleting=False)
        return alive if viewer.is_administrator else alive.filter(owner=viewer)

    def playable(self) -> Self:
        return self.filter(is_playable=True, is_deleting=False)

    def recommendable(self) -> Self:
        return self.playable().filter(is_recommendable=True)

    def search(self, text: str) -> Self:
        """Tracks whose title, artist or release contains every word of `text`.

        Upper and lower case are the same; on SQLite that goes for ASCII letters only.
        """
        found = self
        for word in text.replace("\0", "").split()[:10]:
            found = found.filter(
                Q(title__icontains=word) | Q(artist__name__icontains=word) | Q(release__title__icontains=word)
            )
        return found

    def with_state(self) -> Self:
        """Adds `state`, `reason` and `detail`: those of the analysis in the active space."""
        active = Analysis.objects.filter(track=OuterRef("pk"), space__is_active=True)
        return self.annotate(
            state=Subquery(active.values("state")[:1]),
            reason=Subquery(active.values("reason")[:1]),
            detail=Subquery(active.values("detail")[:1]),
        )

    def for_listing(self) -> Self:
        return self.select_related("artist", "release", "audio_file").defer("waveform").with_state()


class Track(models.Model):
    """A playable recording of one owner. Its identity is owner + SHA-256 of the file.

    `is_playable` becomes true once the file has been decoded and stays true while it is analysed for another space.
    `is_deleting` hides it at once; the row is the tombstone that lasts until vector and file are gone.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tracks")
    audio_file = models.ForeignKey(AudioFile, on_delete=models.PROTECT, related_name="tracks")
    file_name = models.CharField(max_length=255)
    title = models.CharField(max_length=500)
    artist = models.ForeignKey(Artist, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    duration_seconds = models.FloatField(null=True, blank=True)
    waveform = models.BinaryField(default=b"", editable=False)
    has_cover = models.BooleanField(default=False, editable=False)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PRIVATE)
    is_recommendable = models.BooleanField("recommend", default=True, help_text="Off: playable, never recommended.")
    is_playable = models.BooleanField(default=False, editable=False)
    is_truncated = models.BooleanField(default=False, editable=False)
    is_deleting = models.BooleanField(default=False, editable=False)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = TrackQuerySet.as_manager()

    class Meta:
        ordering = [F("id").desc()]
        constraints = [models.UniqueConstraint(fields=["owner", "audio_file"], name="track_unique_per_owner")]
        indexes = [
            models.Index(fields=["visibility", "is_playable", "-id"], name="track_listing"),
            models.Index(fields=["is_deleting"], condition=Q(is_deleting=True), name="track_tombstones"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def artist_name(self) -> str:
        return self.artist.name if self.artist else "Unknown artist"

    def shown_state(self) -> str:
        """The state people see; needs `with_state()`. A track no worker has met yet is queued."""
        if self.is_deleting:
            return "deleting"
        found: Any = getattr(self, "state", None)
        return str(found or AnalysisState.QUEUED)
