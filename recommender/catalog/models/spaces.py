"""Where tracks stand in the spaces of the encoders: the list of work, and the vectors themselves."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final, Self

from django.db import models
from django.db.models import DateTimeField, F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy

from recommender.conf import Analysis as Terms


def new_generation() -> str:
    return uuid.uuid4().hex[:12]


class Space(models.Model):
    """The vectors of one encoder signature.

    `generation` names the collection of the vector index that holds them. When that collection is lost or is to be
    made anew, a fresh generation marks every embedding as behind, and nothing has to be analysed again. The space that
    was chosen last is filled beside the active one and takes its place when it is complete.
    """

    signature = models.CharField(max_length=64, unique=True)
    encoder_name = models.CharField(max_length=100)
    dimension = models.PositiveIntegerField()
    generation = models.CharField(max_length=12, default=new_generation)
    is_active = models.BooleanField(default=False)
    chosen_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="space_one_active")
        ]

    def __str__(self) -> str:
        return f"{self.encoder_name} {self.signature[:8]}"


# The reason of an analysis whose stored file is missing; the same bytes uploaded again mend it.
MEDIA_LOST = "media_lost"


class AnalysisState(models.TextChoices):
    """Where the analysis of a track stands in one space.

        QUEUED --claim--> ANALYSING --vector in SQL--> INDEXING --finds itself--> READY
        ANALYSING --bad audio--> FAILED(reason)             tried again only when a person asks
        ANALYSING --lease lost, decoder died--> QUEUED      a capped number of times, then FAILED
        ANALYSING --silent, too short--> UNINDEXED(reason)  playable, on purpose without a vector

    Every change is one conditional UPDATE, so that of two workers with the same track one wins.
    """

    QUEUED = "queued", gettext_lazy("queued")
    ANALYSING = "analysing", gettext_lazy("analysing")
    INDEXING = "indexing", gettext_lazy("indexing")
    READY = "ready", gettext_lazy("ready")
    FAILED = "failed", gettext_lazy("failed")
    UNINDEXED = "unindexed", gettext_lazy("playable, not recommended")


# How long a state lasted is kept when it is left, by the state that comes then.
_KEPT_BY: Final = {
    AnalysisState.INDEXING: "analysed_for",
    AnalysisState.UNINDEXED: "analysed_for",
    AnalysisState.READY: "indexed_for",
}


def _since_change(now: dt.datetime) -> Any:
    return Value(now, output_field=DateTimeField()) - F("state_changed_at")


class AnalysisQuerySet(models.QuerySet["Analysis"]):
    def waiting(self) -> Self:
        """Queued and not held back by an earlier failure."""
        return self.filter(state=AnalysisState.QUEUED, not_before__lte=timezone.now(), track__is_deleting=False)

    def expired(self) -> Self:
        return self.filter(state=AnalysisState.ANALYSING, lease_expires_at__lt=timezone.now())

    def claim(self, analysis_id: int, lease_owner: str, terms: Terms) -> Analysis | None:
        """Take a waiting analysis, or None when somebody else has it or nothing waits.

        A redelivery of the same message takes up its own claim again at once. Its worker died, so that counts as a lost
        lease; at the limit the claim is left to run out, and the sweeper gives the track up.
        """
        now = timezone.now()
        lease = {
            "state": AnalysisState.ANALYSING,
            "lease_owner": lease_owner,
            "lease_expires_at": now + dt.timedelta(seconds=terms.lease_seconds),
            "state_changed_at": now,
        }
        own = self.filter(pk=analysis_id, state=AnalysisState.ANALYSING, lease_owner=lease_owner)
        waiting = self.filter(pk=analysis_id, state=AnalysisState.QUEUED, not_before__lte=now)
        redelivered = own.filter(lost_leases__lt=terms.max_lost_leases)
        won = waiting.update(reason="", detail="", queued_for=_since_change(now), **lease) or redelivered.update(
            lost_leases=F("lost_leases") + 1, **lease
        )
        claimed = self.select_related("track__audio_file", "space").get(pk=analysis_id) if won else None
        return None if claimed is None or claimed.track.is_deleting else claimed

    def held_by(self, analysis: Analysis) -> Self:
        """The row, as long as the claim of `analysis` still stands."""
        return self.filter(pk=analysis.pk, state=AnalysisState.ANALYSING, lease_owner=analysis.lease_owner)

    def renew(self, lease_seconds: int) -> int:
        return self.update(lease_expires_at=timezone.now() + dt.timedelta(seconds=lease_seconds))

    def move_to(self, state: AnalysisState, *, reason: str = "", detail: str = "") -> int:
        now = timezone.now()
        lasted = {_KEPT_BY[state]: _since_change(now)} if state in _KEPT_BY else {}
        return self.update(
            state=state, reason=reason, detail=detail[:500], lease_expires_at=None, state_changed_at=now, **lasted
        )

    def requeue(self, after_seconds: float, *, reason: str = "", detail: str = "") -> int:
        not_before = timezone.now() + dt.timedelta(seconds=after_seconds)
        self.update(not_before=not_before)
        return self.move_to(AnalysisState.QUEUED, reason=reason, detail=detail)

    def restart(self) -> int:
        """Ask for another try, with the counts of earlier failures forgotten."""
        return self.filter(state__in=[AnalysisState.FAILED, AnalysisState.UNINDEXED]).start_anew()

    def ended(self) -> Self:
        return self.filter(state__in=[AnalysisState.READY, AnalysisState.FAILED, AnalysisState.UNINDEXED])

    def start_anew(self) -> int:
        """Queue again what has ended, however it ended."""
        return self.ended().update(
            state=AnalysisState.QUEUED,
            reason="",
            detail="",
            decoder_failures=0,
            lost_leases=0,
            not_before=timezone.now(),
            state_changed_at=timezone.now(),
        )


class Analysis(models.Model):
    """`queued_for`, `analysed_for` and `indexed_for`: how long each of these states lasted when it was left last."""

    track = models.ForeignKey("Track", on_delete=models.CASCADE, related_name="analyses")
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="analyses")
    state = models.CharField(max_length=10, choices=AnalysisState, default=AnalysisState.QUEUED)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(default=timezone.now)
    decoder_failures = models.PositiveSmallIntegerField(default=0)
    lost_leases = models.PositiveSmallIntegerField(default=0)
    state_changed_at = models.DateTimeField(default=timezone.now)
    queued_for = models.DurationField(null=True, editable=False)
    analysed_for = models.DurationField(null=True, editable=False)
    indexed_for = models.DurationField(null=True, editable=False)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [models.UniqueConstraint(fields=["track", "space"], name="analysis_unique_per_space")]
        indexes = [
            models.Index(fields=["state", "not_before"], name="analysis_work_list"),
            models.Index(fields=["space", "state", "track"], name="analysis_by_state"),
            models.Index(fields=["space", "-state_changed_at"], name="analysis_lately"),
        ]

    def __str__(self) -> str:
        return f"{self.track_id} in {self.space_id}: {self.state}"


class AnalysisRetry(models.Model):
    """Somebody asked for another try of a track. Uploaders may do so only so often."""

    track = models.ForeignKey("Track", on_delete=models.CASCADE, related_name="retries")
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "analysis retries"

    def __str__(self) -> str:
        return f"{self.track_id} at {self.asked_at}"


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    def behind(self, space: Space) -> Self:
        """What the index does not hold yet in the current generation of `space`, oldest first."""
        lacking = self.filter(space=space, track__is_deleting=False).exclude(indexed_generation=space.generation)
        return lacking.order_by("pk")

    def indexed(self, space: Space) -> Self:
        return self.filter(space=space, indexed_generation=space.generation, track__is_deleting=False)


class Embedding(models.Model):
    """One unit-length vector, little-endian float32 of `space.dimension` values. The index is derived from these."""

    track = models.ForeignKey("Track", on_delete=models.CASCADE, related_name="embeddings")
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="embeddings")
    vector = models.BinaryField()
    indexed_generation = models.CharField(max_length=12, blank=True)

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "space"], name="embedding_unique_per_space")]
        indexes = [models.Index(fields=["space", "indexed_generation"], name="embedding_index_list")]

    def __str__(self) -> str:
        return f"{self.track_id} in {self.space_id}"


class SegmentVectors(models.Model):
    """The vectors of a track's segments: `vectors` little-endian float16 (n, dimension), `starts` float32 (n,) seconds,
    ascending. Tracks that an older version analysed have no row.
    """

    embedding = models.OneToOneField(Embedding, on_delete=models.CASCADE, primary_key=True, related_name="segments")
    vectors = models.BinaryField()
    starts = models.BinaryField()

    class Meta:
        verbose_name_plural = "segment vectors"

    def __str__(self) -> str:
        return f"segments of {self.embedding_id}"
