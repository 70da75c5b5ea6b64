"""What music there is: artists, releases, genres and tracks, and who may see which."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.accounts.models import User
from recommender.catalog.models.files import AudioFile, Cover
from recommender.catalog.models.pool import PoolHit
from recommender.catalog.models.spaces import Analysis, AnalysisState
from recommender.catalog.names import FoldedField

Viewer = User | AnonymousUser
VISITOR = ("visitor", 0)


class Artist(models.Model):
    """Artists are one when their names are equal once folded (`catalog.names.fold`)."""

    name = models.CharField(max_length=500)
    name_key = FoldedField("name", unique=True)
    musicbrainz_id = models.CharField(max_length=36, blank=True)

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """`artist` is the album artist."""

    title = models.CharField(max_length=500)
    title_key = FoldedField("title")
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="releases")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    musicbrainz_id = models.CharField(max_length=36, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artist", "title_key"], name="release_unique_per_artist")]
        indexes = [
            models.Index(fields=["title_key"], name="release_by_title"),
            models.Index(fields=["year", "id"], name="release_by_year"),
        ]

    def __str__(self) -> str:
        return self.title


class Genre(models.Model):
    name = models.CharField(max_length=100)
    name_key = FoldedField("name", unique=True)

    def __str__(self) -> str:
        return self.name


class Visibility(models.TextChoices):
    """PRIVATE -> SUBMITTED -> PUBLISHED <-> WITHDRAWN. Only the owner sees a private track."""

    PRIVATE = "private", gettext_lazy("private")
    SUBMITTED = "submitted", gettext_lazy("waiting for review")
    PUBLISHED = "published", gettext_lazy("published")
    WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")


def may_know_of(viewer: Viewer) -> Q:
    """The rule of `visible_to`, for tables that repeat the columns it reads."""
    return Q(is_deleting=False) & might_know_of(viewer)


def might_know_of(viewer: Viewer) -> Q:
    """The same for what is in the trash, as if it were not."""
    heard = Q(visibility=Visibility.PUBLISHED, is_playable=True)
    if isinstance(viewer, AnonymousUser) or not viewer.is_active:
        return heard
    if viewer.is_administrator:
        return Q()
    own = Q(owner=viewer)
    return own | (~Q(visibility=Visibility.PRIVATE) if viewer.is_curator else heard)


def sight_of(viewer: Viewer) -> tuple[str, int]:
    """What that rule goes by: equal for those who see the same."""
    if isinstance(viewer, AnonymousUser) or not viewer.is_active:
        return VISITOR
    if viewer.is_administrator:
        return "all", 0
    return "curated" if viewer.is_curator else "own", viewer.pk


class TrackQuerySet(models.QuerySet["Track"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """What `viewer` may know of. Every page, stream and search result goes through here."""
        return self.filter(may_know_of(viewer))

    def editable_by(self, viewer: Viewer) -> Self:
        """Tracks whose file `viewer` may take away or try again: their own; an administrator's reach is everything."""
        if isinstance(viewer, AnonymousUser) or not viewer.is_active:
            return self.none()
        alive = self.filter(is_deleting=False)
        return alive if viewer.is_administrator else alive.filter(owner=viewer)

    def describable_by(self, viewer: Viewer) -> Self:
        """Tracks whose metadata `viewer` may change: their own, and for curators what is published."""
        if isinstance(viewer, AnonymousUser) or not viewer.is_curator or viewer.is_administrator:
            return self.editable_by(viewer)
        return self.filter(Q(owner=viewer) | Q(visibility=Visibility.PUBLISHED), is_deleting=False)

    def playable(self) -> Self:
        return self.filter(is_playable=True, is_deleting=False)

    def recommendable(self) -> Self:
        """What curators keep out of the pool, by name or by rule, is playable and never recommended."""
        left_out = PoolHit.objects.filter(holds=True).values("track")
        return self.playable().filter(is_recommendable=True).exclude(pk__in=left_out)

    def with_state(self) -> Self:
        """Adds `state`, `reason` and `detail`: those of the analysis in the active space."""
        active = Analysis.objects.filter(track=OuterRef("pk"), space__is_active=True)
        return self.annotate(
            state=Subquery(active.values("state")[:1]),
            reason=Subquery(active.values("reason")[:1]),
            detail=Subquery(active.values("detail")[:1]),
        )

    def for_listing(self) -> Self:
        listed = self.select_related("artist", "release", "audio_file").defer("waveform")
        credited = models.Prefetch("credits", Credit.objects.select_related("artist"))
        return listed.prefetch_related(credited).with_state()


class Described(models.Model):
    """What the tags of a file say of it, and what people made of that."""

    track_number = models.PositiveSmallIntegerField(null=True, blank=True)
    disc_number = models.PositiveSmallIntegerField(null=True, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    isrc = models.CharField("ISRC", max_length=12, blank=True)
    musicbrainz_id = models.CharField(gettext_lazy("MusicBrainz recording"), max_length=36, blank=True)
    replaygain_db = models.FloatField(gettext_lazy("ReplayGain of the file's tags"), null=True, blank=True)

    class Meta:
        abstract = True


class Measured(models.Model):
    """What was measured of the sound (`embeddings.Descriptors` says how). `key`: 0-11 C to B major, 12-23 minor."""

    duration_seconds = models.FloatField(null=True, blank=True)
    waveform = models.BinaryField(default=b"", editable=False)
    loudness_lufs = models.FloatField(null=True, editable=False)
    tempo_bpm = models.FloatField(null=True, editable=False)
    tempo_confidence = models.FloatField(null=True, editable=False)
    key = models.PositiveSmallIntegerField(null=True, editable=False)
    key_confidence = models.FloatField(null=True, editable=False)
    energy = models.FloatField(null=True, editable=False)
    brightness = models.FloatField(null=True, editable=False)

    class Meta:
        abstract = True


class Track(Described, Measured):
    """A playable recording of one owner. Its identity is owner + SHA-256 of the file.

    `artist` is the first of those it is credited to. A sort or a filter reads it; what people read is `artist_name`.
    `is_playable` becomes true once the file has been decoded and stays true while it is analysed for another space.
    `is_deleting` hides it at once; the row is the tombstone that lasts until vector and file are gone.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tracks")
    audio_file = models.ForeignKey(AudioFile, on_delete=models.PROTECT, related_name="tracks")
    file_name = models.CharField(max_length=255)
    title = models.CharField(max_length=500)
    title_key = FoldedField("title")
    artist = models.ForeignKey(Artist, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    artists = models.ManyToManyField(Artist, through="Credit", related_name="credited_tracks")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    genres = models.ManyToManyField(Genre, blank=True, related_name="tracks")
    cover = models.ForeignKey(Cover, null=True, blank=True, on_delete=models.SET_NULL, related_name="tracks")
    # When a person gave it a cover or took it away: what is in the file counts no more then.
    cover_chosen_at = models.DateTimeField(null=True, editable=False)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PRIVATE)
    is_recommendable = models.BooleanField(
        gettext_lazy("recommend"), default=True, help_text=gettext_lazy("Off: playable, never recommended.")
    )
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
            models.Index(fields=["title_key", "id"], name="track_by_title"),
            models.Index(fields=["year", "id"], name="track_by_year"),
            models.Index(fields=["tempo_bpm", "id"], name="track_by_tempo"),
            models.Index(fields=["duration_seconds", "id"], name="track_by_duration"),
            models.Index(fields=["energy", "id"], name="track_by_energy"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def artist_name(self) -> str:
        """All who are credited, in their order. Lists prefetch `credits__artist`."""
        credited = [credit.artist.name for credit in self.credits.all()]
        return ", ".join(credited) or (self.artist.name if self.artist else _("Unknown artist"))

    @property
    def has_cover(self) -> bool:
        return self.cover_id is not None

    def shown_state(self) -> str:
        """The state people see; needs `with_state()`. A track no worker has met yet is queued."""
        if self.is_deleting:
            return "deleting"
        found: Any = getattr(self, "state", None)
        return str(found or AnalysisState.QUEUED)


class Credit(models.Model):
    """One of the artists of a track, in the order the file names them."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="credits")
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="credits")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["track", "artist"], name="credit_once")]

    def __str__(self) -> str:
        return f"{self.track_id} by {self.artist_id}"


class TrackTag(models.Model):
    """A word the encoder finds for a track ("piano", "sad"), with its probability; only what is likely is kept. Or one
    that a person said of it: that has a probability of 1, and `heard` is what the encoder found, if it found it at all.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=50)
    probability = models.FloatField()
    is_given = models.BooleanField(default=False)
    heard = models.FloatField(null=True)

    class Meta:
        ordering = ["-is_given", "-probability", "name"]
        constraints = [models.UniqueConstraint(fields=["track", "name"], name="track_tag_once")]
        indexes = [models.Index(fields=["name", "track"], name="track_tag_by_name")]

    def __str__(self) -> str:
        return self.name
