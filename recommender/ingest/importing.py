"""Music that lies on this machine already: what is new of it is taken in, each file in a transaction of its own.

A file whose path, size and time of change are known is not even opened again, so that an import can be ended and
started anew at any moment. Files are left where they are.
"""

import contextlib
import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import transaction

from recommender.accounts.models import User
from recommender.catalog.models import ImportedFile, Track
from recommender.ingest.covers import find_folder_cover, set_cover, shrink_cover
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.folder_walk import FoundFile, key_of, printable
from recommender.ingest.intake import receive_file
from recommender.ingest.quota import check_room
from recommender.ingest.staging import hash_file, look_at, open_file, stage_copy, stage_link
from recommender.ingest.validate import StagedFile

BATCH: Final = 200
# A refusal because of the file itself: it holds until the file changes.
_LASTING: Final = frozenset({"empty_file", "not_audio", "too_large"})
# Who has such a name and is no music is worth a word; other files that lie beside music are not.
MUSIC_SUFFIXES: Final = frozenset(
    {
        *(".mp3", ".mp2", ".mp1", ".m4a", ".m4b", ".mp4", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wav", ".w64"),
        *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".wma", ".asf", ".wv", ".tta", ".mka", ".webm", ".ac3"),
        *(".eac3", ".ape", ".mpc", ".rf64", ".bwf", ".alac"),
    }
)
_NO_MUSIC_SUFFIXES: Final = frozenset(
    {
        *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf", ".txt", ".nfo", ".log", ".cue"),
        *(".m3u", ".m3u8", ".pls", ".xspf", ".sfv", ".md5", ".ffp", ".db", ".ini", ".url", ".html", ".json", ".xml"),
        *(".lrc", ".part", ".crdownload", ".tmp", ".zip", ".rar", ".7z"),
    }
)


class Outcome(enum.Enum):
    """KNOWN: seen by an earlier import, not opened. DUPLICATE: the owner has a track of the same bytes.

    OTHER: no music and not called so. WAITING: not ready to be read yet.
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    KNOWN = "known"
    REFUSED = "refused"
    OTHER = "other"
    WAITING = "waiting"


@dataclass(frozen=True)
class Result:
    path: Path
    outcome: Outcome
    sentence: str = ""


class ImportStoppedError(Exception):
    """The disk is full. The message is a sentence for people."""


class MusicImport:
    """Takes files in for `owner`, who may upload.

    `is_linked`: a hard link instead of a copy. `is_dry_run`: nothing is changed. `is_watching`: what was refused, or
    was deleted here since, is left alone until it changes. `is_ready` is asked of files that are not known.
    """

    def __init__(
        self,
        owner: User,
        *,
        is_linked: bool = False,
        is_dry_run: bool = False,
        is_watching: bool = False,
        is_ready: Callable[[FoundFile], bool] = lambda _found: True,
    ) -> None:
        self._owner = owner
        self._is_linked = is_linked
        self._is_dry_run = is_dry_run
        self._is_watching = is_watching
        self._is_ready = is_ready
        self._cover = _FolderCover()

    def take_in(self, files: Iterable[FoundFile]) -> Iterator[Result]:
        """One result for each file. Raises ImportStoppedError; what was taken in before stays."""
        remaining = iter(files)
        while batch := list(islice(remaining, BATCH)):
            rows = ImportedFile.objects.filter(path__in=[key_of(found.path) for found in batch])
            known = {row.path: row for row in rows.select_related("track")}
            for found in batch:
                row = known.get(key_of(found.path))
                outcome, sentence = self._judge(found, row)
                yield Result(found.path, outcome, sentence)

    def _judge(self, found: FoundFile, row: ImportedFile | None) -> tuple[Outcome, str]:
        if found.problem:
            return Outcome.REFUSED, found.problem
        if row is not None and self._is_known(found, row):
            return Outcome.KNOWN, ""
        if not found.is_asked_for and found.path.suffix.lower() in _NO_MUSIC_SUFFIXES:
            return Outcome.OTHER, ""
        if not self._is_ready(found):
            return Outcome.WAITING, ""
        try:
            return self._import(found), ""
        except UploadRefusedError as refusal:
            return self._refuse(found, refusal)

    def _is_known(self, found: FoundFile, row: ImportedFile) -> bool:
        if (row.size_bytes, row.modified_ns) != (found.size_bytes, found.modified_ns):
            return False
        track = row.track
        return self._is_watching or (track is not None and track.owner_id == self._owner.pk and not track.is_deleting)

    def _import(self, found: FoundFile) -> Outcome:
        """Raises UploadRefusedError."""
        with open_file(found.path) as file:
            audio_format = look_at(file, found)
            if self._is_dry_run:
                return self._find(hash_file(file))
            check_room(self._owner, found.size_bytes)
            stage = stage_link if self._is_linked else stage_copy
            with stage(file, found) as (path, sha256):
                staged = StagedFile(path, sha256, found.size_bytes, audio_format, printable(found.name))
                return self._receive(found, staged)

    def _find(self, sha256: str) -> Outcome:
        has_it = Track.objects.filter(owner=self._owner, audio_file_id=sha256).exists()
        return Outcome.DUPLICATE if has_it else Outcome.ACCEPTED

    def _receive(self, found: FoundFile, staged: StagedFile) -> Outcome:
        with transaction.atomic():
            receipt = receive_file(self._owner, staged)
            _remember(found, track=receipt.track)
            if receipt.is_new and (pictures := self._cover.of(found.path.parent)):
                set_cover(receipt.track, pictures, only_if_missing=True)
        return Outcome.ACCEPTED if receipt.is_new else Outcome.DUPLICATE

    def _refuse(self, found: FoundFile, refusal: UploadRefusedError) -> tuple[Outcome, str]:
        if refusal.code == "disk_full":
            raise ImportStoppedError(str(refusal)) from refusal
        if refusal.code in _LASTING and not self._is_dry_run:
            _remember(found, refusal=str(refusal))
        is_other = refusal.code == "not_audio" and found.path.suffix.lower() not in MUSIC_SUFFIXES
        if is_other and not found.is_asked_for:
            return Outcome.OTHER, ""
        return Outcome.REFUSED, str(refusal)


class _FolderCover:
    """The picture of the folder that was asked for last, made small once."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._pictures: dict[int, bytes] | None = None

    def of(self, folder: Path) -> dict[int, bytes] | None:
        if folder != self._folder:
            self._folder, self._pictures = folder, None
            with contextlib.suppress(UploadRefusedError, OSError):
                picture = find_folder_cover(folder)
                self._pictures = shrink_cover(picture) if picture else None
        return self._pictures


def _remember(found: FoundFile, *, track: Track | None = None, refusal: str = "") -> None:
    described = {
        "size_bytes": found.size_bytes,
        "modified_ns": found.modified_ns,
        "track": track,
        "refusal": refusal,
    }
    ImportedFile.objects.update_or_create(path=key_of(found.path), defaults=described)
