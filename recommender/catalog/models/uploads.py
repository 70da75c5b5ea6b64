"""Uploads: what a browser is sending or has sent, and how it ended."""

import uuid
from typing import Self

from django.db import models

from recommender.accounts.models import User
from recommender.catalog.models.music import Track


class UploadState(models.TextChoices):
    """RECEIVING -> ACCEPTED(track) | REFUSED(reason). How much has arrived is the size of the part file in staging."""

    RECEIVING = "receiving", "receiving"
    ACCEPTED = "accepted", "accepted"
    REFUSED = "refused", "refused"


class UploadQuerySet(models.QuerySet["Upload"]):
    def receiving(self) -> Self:
        return self.filter(state=UploadState.RECEIVING)


class Upload(models.Model):
    """One file on its way. `updated_at` is when bytes last arrived: what rests for too long is reaped."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField("SHA-256 announced by the sender", max_length=64, blank=True)
    metadata = models.TextField("Upload-Metadata, as the sender put it", blank=True)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.RECEIVING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    track = models.ForeignKey(Track, null=True, on_delete=models.CASCADE, related_name="uploads")
    is_duplicate = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state", "-created_at"], name="upload_of_owner"),
            models.Index(fields=["state", "updated_at"], name="upload_reaping"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportedFile(models.Model):
    """A file that `import_music` or the watched folder has met, so that the next walk need not read it again.

    Without a track and a refusal it was taken in and is deleted here since: the watched folder does not bring it back.
    """

    path = models.TextField(unique=True)
    size_bytes = models.PositiveBigIntegerField()
    modified_ns = models.BigIntegerField()
    track = models.ForeignKey(Track, null=True, on_delete=models.SET_NULL, related_name="imported_from")
    refusal = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.path
