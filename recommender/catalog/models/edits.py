"""What people have changed in the metadata of tracks, so that each change can be taken back."""

from django.db import models

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class TrackEdit(models.Model):
    """One change: the changed fields of `track` before and after, as plain values (names, not ids)."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="edits")
    editor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.track_id}: {', '.join(self.after)}"
