"""The store of audio: one file per SHA-256, put in place by an atomic rename and taken away with its last reference."""

import os
from pathlib import Path

from django.conf import settings

from recommender.catalog.models import AudioFile


def path_of(sha256: str) -> Path:
    return Path(settings.STORAGE.audio) / sha256[:2] / sha256[2:4] / sha256


def store(staged: Path, sha256: str) -> None:
    """Move a staged, fsynced file into the store. Call it inside the transaction that refers to the file, after
    `lock_or_create`, so that nobody takes the last reference away in between.

    Raises OSError when the disk refuses.
    """
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)
    _sync_folder(target.parent)


def lock_or_create(sha256: str, **described: object) -> AudioFile:
    """The row of these bytes, locked until the transaction ends (SQLite holds its one write lock anyway)."""
    return AudioFile.objects.select_for_update().get_or_create(sha256=sha256, defaults=described)[0]


def drop_if_unused(audio_file: AudioFile) -> None:
    """Delete row and file unless a track still refers to them. Call it inside a transaction.

    The file goes before the commit: a crash in between leaves a row whose track is being deleted anyway, and the same
    bytes uploaded anew put the file back.
    """
    held = AudioFile.objects.select_for_update().get(sha256=audio_file.sha256)
    if held.tracks.exists():
        return
    path_of(held.sha256).unlink(missing_ok=True)
    cover_path_of(held.sha256).unlink(missing_ok=True)
    held.delete()


def cover_path_of(sha256: str) -> Path:
    """The cover found in the file of this hash, re-encoded as WebP."""
    return Path(settings.STORAGE.covers) / sha256[:2] / f"{sha256}.webp"


def store_cover(sha256: str, webp: bytes) -> None:
    target = cover_path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(webp)
    fresh.replace(target)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
