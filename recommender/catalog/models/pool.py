"""What is kept out of recommendations although it may be heard: by artist, release, genre, tag or length."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.accounts.models import User


class PoolKind(models.TextChoices):
    ARTIST = "artist", _("artist")
    RELEASE = "release", _("release")
    GENRE = "genre", _("genre")
    TAG = "tag", _("tag")
    LENGTH = "length", _("length")


class PoolRule(models.Model):
    """Exactly what its kind names is set. A length is from `least_seconds` to below `most_seconds`.

    `from_day` and `to_day` say when in the year it holds, both inclusive, as month * 100 + day; None for always.
    A rule that is not on keeps nothing out: what it would hit can be looked at first.
    """

    kind = models.CharField(max_length=10, choices=PoolKind)
    artist = models.ForeignKey("catalog.Artist", null=True, on_delete=models.CASCADE, related_name="pool_rules")
    release = models.ForeignKey("catalog.Release", null=True, on_delete=models.CASCADE, related_name="pool_rules")
    genre = models.ForeignKey("catalog.Genre", null=True, on_delete=models.CASCADE, related_name="pool_rules")
    tag = models.CharField(max_length=50, blank=True)
    least_seconds = models.FloatField(null=True)
    most_seconds = models.FloatField(null=True)
    from_day = models.PositiveSmallIntegerField(null=True)
    to_day = models.PositiveSmallIntegerField(null=True)
    is_on = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_day=None, to_day=None) | Q(from_day__isnull=False, to_day__isnull=False),
                name="pool_rule_season_has_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.artist_id or self.release_id or self.genre_id or self.tag}"


class PoolHit(models.Model):
    """A view (`catalog.pool`): the tracks of each rule, also of one that is off. `holds`: it is on, and in season."""

    # Not unique: a track may be hit by several rules. No row is ever written or fetched by it.
    track = models.OneToOneField("catalog.Track", primary_key=True, on_delete=models.DO_NOTHING, related_name="+")
    rule = models.ForeignKey(PoolRule, on_delete=models.DO_NOTHING, related_name="hits")
    holds = models.BooleanField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.track_id} by {self.rule_id}"
