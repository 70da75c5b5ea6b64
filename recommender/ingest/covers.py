"""Covers: made small and harmless, kept once for all tracks that show them, found beside the files of a folder."""

import base64
import json
import logging
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommender.catalog.audio_files import COVER_SIDES, cover_path_of, drop_cover_if_unused, store_cover
from recommender.catalog.models import Track
from recommender.ingest.errors import UploadRefusedError

logger = logging.getLogger(__name__)

WALL_SECONDS = 20
_SHRINKER = Path(__file__).with_name("cover_shrinker.py")
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
# In the order in which they are preferred.
_NAMES = tuple(re.compile(name, re.IGNORECASE) for name in ("cover", "folder", "front", "album", "albumart.*"))


def shrink_cover(path: Path) -> dict[int, bytes]:
    """The picture in the file `path` as WebP for each of COVER_SIDES, without its metadata.

    Raises UploadRefusedError for what is no plain picture of sane size, OSError when the file cannot be read.
    """
    with path.open("rb") as picture:
        return _shrink(picture)


def shrink_picture(picture: bytes) -> dict[int, bytes]:
    """As `shrink_cover`, of a picture in memory."""
    return _shrink(picture)


def read_as_jpeg(sha256: str) -> bytes:
    """The largest we have of this cover, as players of all ages know pictures; empty when it is lost."""
    side = max(COVER_SIDES)
    try:
        with cover_path_of(sha256, side).open("rb") as picture:
            return _shrink(picture, "JPEG", (side,))[side]
    except (UploadRefusedError, FileNotFoundError):
        logger.warning("the cover %s is lost or broken", sha256)
        return b""


def set_cover(track: Track, pictures: Mapping[int, bytes], *, only_if_missing: bool = False) -> None:
    """Have `track` show these pictures of `shrink_cover`; its former cover goes unless others show it.

    Call it inside a transaction. Raises OSError when the disk refuses.
    """
    former = Track.objects.select_for_update().filter(pk=track.pk).values_list("cover", flat=True).first()
    if only_if_missing and former is not None:
        return
    track.cover = store_cover(pictures)
    track.save(update_fields=["cover"])
    if former is not None and former != track.cover.pk:
        _drop_later(former)


def choose_cover(track: Track, pictures: Mapping[int, bytes]) -> None:
    """As `set_cover`, because somebody wants it: no cover of the file takes its place."""
    set_cover(track, pictures)
    Track.objects.filter(pk=track.pk).update(cover_chosen_at=timezone.now())


def remove_cover(track: Track) -> None:
    """Have `track` show no picture, whatever its file holds. Call it inside a transaction."""
    former, track.cover = track.cover_id, None
    track.cover_chosen_at = timezone.now()
    track.save(update_fields=["cover", "cover_chosen_at"])
    if former is not None:
        _drop_later(former)


def find_folder_cover(folder: Path) -> Path | None:
    """The picture that is meant for all files of `folder`: by its name, or because it is the only one there."""
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    for name in _NAMES:
        for picture in pictures:
            if name.fullmatch(picture.stem):
                return picture
    return pictures[0] if len(pictures) == 1 else None


def _drop_later(sha256: str) -> None:
    """Only after the commit: until then the track may still get its former cover back."""
    transaction.on_commit(partial(drop_cover_if_unused, sha256), robust=True)


def _shrink(picture: BinaryIO | bytes, kind: str = "WEBP", sides: Sequence[int] = COVER_SIDES) -> dict[int, bytes]:
    command = [sys.executable, "-I", str(_SHRINKER), kind, *map(str, sides)]
    try:
        if isinstance(picture, bytes):
            answer = subprocess.run(command, input=picture, capture_output=True, timeout=WALL_SECONDS, check=True)
        else:
            answer = subprocess.run(command, stdin=picture, capture_output=True, timeout=WALL_SECONDS, check=True)
        made = json.loads(answer.stdout)
        return {side: base64.b64decode(made[str(side)]) for side in sides}
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        logger.info("a picture was refused: %s", error)
        raise _not_a_picture() from error


def _not_a_picture() -> UploadRefusedError:
    sentence = gettext_noop(
        "This is no picture we can use: a cover is a JPEG, PNG, WebP or GIF of at most 10 MB and 25 megapixels."
    )
    return UploadRefusedError("not_a_picture", sentence, 415)
