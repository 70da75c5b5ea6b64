"""What was thrown away and can still be brought back."""

from django.db import models
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class TrashedTrack(models.Model):
    """A track in the trash: its `is_deleting` hides it everywhere, and until `purge_at` it is not taken away."""

    track = models.OneToOneField(Track, primary_key=True, on_delete=models.CASCADE, related_name="trashed")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    purge_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.track_id} until {self.purge_at:%Y-%m-%d}"
