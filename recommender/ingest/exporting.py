"""Copies with details (`ingest.tagging.copies`) for many tracks, in folders by artist and release.

Nothing that is there is written over. A run that was ended goes on when it is started again: what is there already is
compared, and only what is missing is written.
"""

import enum
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recommender.catalog.models import Track
from recommender.ingest.importing import MUSIC_SUFFIXES
from recommender.ingest.safe_names import make_safe
from recommender.ingest.tagging.copies import TaggedCopy, plan_copy, plan_original
from recommender.ingest.tagging.pieces import NotTaggableError
from recommender.ingest.tags import UNKNOWN_ARTIST
from recommender.ingest.validate import OUT_OF_SPACE

# What is being written, until it is whole.
PART: Final = "soundalike-export.part"
_FULL: Final = "There is no room left on the disk."
_OCCUPIED: Final = "there is another file already, or a copy with earlier details"
_LOST: Final = "its file is missing from the store"


class Outcome(enum.Enum):
    """PLAIN: written as it came, since its format takes no details. OCCUPIED: something else has its name."""

    WRITTEN = "written"
    PLAIN = "plain"
    SAME = "same"
    OCCUPIED = "occupied"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """`name` is the path below the folder."""

    name: str
    outcome: Outcome
    sentence: str = ""


class ExportStoppedError(Exception):
    """The disk is full. The message is a sentence for people."""


class MusicExport:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def put_out(self, tracks: Iterable[Track]) -> Iterator[Result]:
        """One result for each track, loaded with its audio file, artist and release. Raises ExportStoppedError; what
        was written before stays.
        """
        try:
            for track in tracks:
                yield self._put_out(track)
        finally:
            (self._folder / PART).unlink(missing_ok=True)

    def _put_out(self, track: Track) -> Result:
        name = self._find_name(track)
        try:
            outcome, copy = _plan(track)
        except FileNotFoundError:
            return Result(name, Outcome.REFUSED, _LOST)
        try:
            return self._place(copy, outcome, name)
        except (FileExistsError, NotADirectoryError):
            return Result(name, Outcome.OCCUPIED, _OCCUPIED)
        except NotTaggableError:
            return Result(name, Outcome.REFUSED, _LOST)
        except OSError as error:
            if error.errno in OUT_OF_SPACE:
                raise ExportStoppedError(_FULL) from error
            return Result(name, Outcome.REFUSED, f"it cannot be written: {error.strerror}")

    def _find_name(self, track: Track) -> str:
        """The same in every run over the same tracks: who comes later under the same name gets a number."""
        path = name_track(track)
        number, name = 1, path
        while name.casefold() in self._taken:
            number += 1
            name = f"{path.removesuffix(suffix_of(track))} ({number}){suffix_of(track)}"
        self._taken.add(name.casefold())
        return name

    def _place(self, copy: TaggedCopy, outcome: Outcome, name: str) -> Result:
        """Raises OSError, NotTaggableError."""
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            if not _is_same(copy, target):
                raise FileExistsError
            return Result(name, Outcome.SAME)
        part = self._folder / PART
        with part.open("wb") as file:
            file.writelines(copy.read())
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
        return Result(name, outcome)


def name_track(track: Track) -> str:
    """Artist/Release/NN Title.ext, with slashes; without a release Artist/Title.ext."""
    release = track.release
    by = release.artist.name if release else track.artist.name if track.artist else UNKNOWN_ARTIST
    number = f"{track.track_number:02} " if track.track_number else ""
    if track.disc_number and track.disc_number > 1:
        number = f"{track.disc_number}-{number}"
    folders = [by, *([release.title] if release else [])]
    return "/".join([*map(make_safe, folders), make_safe(f"{number}{track.title}") + suffix_of(track)])


def name_copy(track: Track) -> str:
    """What a single copy is called."""
    by = f"{track.artist.name} - " if track.artist else ""
    return make_safe(f"{by}{track.title}") + suffix_of(track)


def suffix_of(track: Track) -> str:
    """As the file was called, where that is a name for music: Opus is an Ogg file, too."""
    called = Path(track.file_name).suffix.lower()
    return called if called in MUSIC_SUFFIXES else track.audio_file.suffix


def _plan(track: Track) -> tuple[Outcome, TaggedCopy]:
    """Raises FileNotFoundError."""
    try:
        return Outcome.WRITTEN, plan_copy(track)
    except NotTaggableError:
        return Outcome.PLAIN, plan_original(track)


def _is_same(copy: TaggedCopy, target: Path) -> bool:
    if not target.is_file() or target.stat().st_size != copy.size:
        return False
    with target.open("rb") as file:
        return all(file.read(len(block)) == block for block in copy.read())
