"""Which tracks may be one recording: proposed by comparison, judged by curators."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class Evidence(models.TextChoices):
    """From certain to likely: the same file, the same decoded sound, the same acoustic fingerprint."""

    BYTES = "bytes", gettext_lazy("same file")
    AUDIO = "audio", gettext_lazy("same sound, sample by sample")
    FINGERPRINT = "fingerprint", gettext_lazy("same fingerprint")


class PairVerdict(models.TextChoices):
    """PROPOSED -> SAME | DIFFERENT, by a curator only."""

    PROPOSED = "proposed", gettext_lazy("to be judged")
    SAME = "same", gettext_lazy("same recording")
    DIFFERENT = "different", gettext_lazy("different")


class RecordingPair(models.Model):
    """Two tracks that may be one recording. `score` is the share of equal bits where both sound, 1 for the same sound;
    `second` starts `offset_seconds` later than `first`.
    """

    first = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="pairs_as_first")
    second = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="pairs_as_second")
    evidence = models.CharField(max_length=12, choices=Evidence)
    score = models.FloatField()
    offset_seconds = models.FloatField(default=0.0)
    verdict = models.CharField(max_length=10, choices=PairVerdict, default=PairVerdict.PROPOSED)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("possible duplicate")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="recording_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="recording_pair_ordered"),
        ]
        indexes = [models.Index(fields=["verdict", "-found_at"], name="recording_pair_list")]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.verdict}"
