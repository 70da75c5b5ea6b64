"""Where tracks went that were merged into another one of the same recording."""

from django.db import models
from django.utils import timezone

from recommender.catalog.models.music import Track


class MergedTrack(models.Model):
    """The address of a track that was merged leads to `kept`, also when the track itself is gone for good; but
    only if everybody could hear that.
    """

    old_id = models.BigIntegerField(primary_key=True)
    kept = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="merged")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.old_id} is {self.kept_id}"
