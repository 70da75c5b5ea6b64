"""The store: sound, covers and renditions, named by SHA-256, put in place by an atomic rename and taken away with their
last reference.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import transaction

from recommender.catalog.models import AudioFile, Cover

# Side lengths in pixels of the squares that covers are kept in.
COVER_SIDES = (64, 300, 1000)


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
    rendition_path_of(held.sha256).unlink(missing_ok=True)
    held.delete()


def rendition_path_of(sha256: str) -> Path:
    """The playable copy of the file of this hash."""
    return Path(settings.STORAGE.renditions) / sha256[:2] / sha256[2:4] / sha256


def cover_path_of(sha256: str, side: int) -> Path:
    """The cover of this hash as WebP, at most `side` (of COVER_SIDES) pixels wide and high."""
    return Path(settings.STORAGE.covers) / sha256[:2] / f"{sha256}-{side}.webp"


def store_cover(pictures: Mapping[int, bytes]) -> Cover:
    """Keep one picture, given as WebP for each of COVER_SIDES. Call it inside the transaction that refers to it.

    Raises OSError when the disk refuses.
    """
    sha256 = hashlib.sha256(pictures[max(COVER_SIDES)]).hexdigest()
    cover, _ = Cover.objects.select_for_update().get_or_create(sha256=sha256)
    for side in COVER_SIDES:
        target = cover_path_of(sha256, side)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(pictures[side])
        fresh.replace(target)
    return cover


@transaction.atomic
def drop_cover_if_unused(sha256: str) -> None:
    """Delete a cover unless a track still shows it; files first, so that a crash can leave nothing but the row."""
    held = Cover.objects.select_for_update().filter(sha256=sha256).first()
    if held is None or held.tracks.exists():
        return
    for side in COVER_SIDES:
        cover_path_of(sha256, side).unlink(missing_ok=True)
    held.delete()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
