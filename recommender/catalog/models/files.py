"""What is stored: sound and covers, named by the SHA-256 of their bytes and shared by all tracks that have the same."""

from typing import Final

from django.db import models

_LOSSLESS: Final = frozenset({"flac", "alac", "wavpack", "tta", "ape", "wmalossless"})


class Rendition(models.TextChoices):
    """A copy in a format that browsers play, of a file that they do not.

    NEEDLESS: browsers play the file itself. UNKNOWN until the file was decoded. WANTED -> MADE | FAILED.
    """

    UNKNOWN = "unknown", "unknown"
    NEEDLESS = "needless", "not needed"
    WANTED = "wanted", "wanted"
    MADE = "made", "made"
    FAILED = "failed", "failed"


class AudioFile(models.Model):
    """Bytes in the store, named by their SHA-256 (lower-case hex). Shared by every track that has the same bytes.

    `audio_sha256` is of the decoded samples, so that the same master in WAV and FLAC, or one file with other tags, has
    the same; empty until the file was decoded.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=50)
    suffix = models.CharField(max_length=10)
    codec = models.CharField(max_length=30, blank=True)
    rate_hz = models.PositiveIntegerField(default=0)
    channels = models.PositiveSmallIntegerField(default=0)
    bit_rate = models.PositiveIntegerField(default=0)
    audio_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    rendition = models.CharField(max_length=10, choices=Rendition, default=Rendition.UNKNOWN)
    rendition_failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["rendition"], condition=models.Q(rendition=Rendition.WANTED), name="audio_file_renditions"
            )
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def is_lossless(self) -> bool:
        return self.codec in _LOSSLESS or self.codec.startswith("pcm_")


class Cover(models.Model):
    """A picture in the store, as WebP in fixed sizes; `sha256` is that of its largest size."""

    sha256 = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.sha256


class Fingerprint(models.Model):
    """The acoustic fingerprint (Chromaprint) of a file: little-endian uint32, about eight a second of the start.

    `compared_at` is empty until it was compared with the others: those are the work list of `ingest.duplicates`.
    """

    audio_file = models.OneToOneField(AudioFile, on_delete=models.CASCADE, primary_key=True, related_name="fingerprint")
    values = models.BinaryField()
    duration_seconds = models.FloatField(db_index=True)
    compared_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return str(self.audio_file_id)


class Spectrogram(models.Model):
    """What a file sounds like as a picture (WebP): time from left to right, low notes at the bottom; empty where there
    is nothing to see. Files that an older version analysed have no row.
    """

    audio_file = models.OneToOneField(AudioFile, on_delete=models.CASCADE, primary_key=True, related_name="spectrogram")
    picture = models.BinaryField()

    def __str__(self) -> str:
        return str(self.audio_file_id)
