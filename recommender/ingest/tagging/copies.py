"""A copy of a file whose tags say what the catalog says. The sound is taken over byte by byte, never encoded anew, and
the original stays as it came: its SHA-256 is its identity. No copy is kept: it is put together while it is sent.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Track
from recommender.ingest.covers import read_as_jpeg
from recommender.ingest.tagging.ape import tag_end
from recommender.ingest.tagging.asf import tag_asf
from recommender.ingest.tagging.details import Details, read_details
from recommender.ingest.tagging.flac import tag_flac
from recommender.ingest.tagging.mp4 import tag_mp4
from recommender.ingest.tagging.mpeg import tag_frames
from recommender.ingest.tagging.ogg import tag_ogg
from recommender.ingest.tagging.pieces import Kept, NotTaggableError, Piece, Source, measure
from recommender.ingest.tagging.riff import tag_aiff, tag_wav

logger = logging.getLogger(__name__)

# By the suffixes of `ingest.formats`. The others have no tags that programs agree on, or (Matroska) an index of places
# throughout the file.
_TAGGERS: Final[Mapping[str, Callable[[Source, Details], list[Piece]]]] = {
    ".mp3": tag_frames,
    ".aac": tag_frames,
    ".flac": tag_flac,
    ".ogg": tag_ogg,
    ".m4a": tag_mp4,
    ".wav": tag_wav,
    ".aiff": tag_aiff,
    ".wma": tag_asf,
    **dict.fromkeys((".wv", ".tta", ".ape", ".mpc"), tag_end),
}


@dataclass(frozen=True)
class TaggedCopy:
    """`size` in bytes."""

    path: Path
    pieces: Sequence[Piece]

    @property
    def size(self) -> int:
        return measure(self.pieces)

    def read(self) -> Iterator[bytes]:
        """Raises NotTaggableError, OSError."""
        with self.path.open("rb") as file:
            for piece in self.pieces:
                yield from piece.read(file)


def takes_details(suffix: str) -> bool:
    """Whether files of this suffix (`ingest.formats`) can be given tags, unless something in them is in the way."""
    return suffix in _TAGGERS


def plan_copy(track: Track) -> TaggedCopy:
    """Raises NotTaggableError for what takes no other tags, FileNotFoundError when the file is lost."""
    tagger = _TAGGERS.get(track.audio_file.suffix)
    if tagger is None:
        raise NotTaggableError(f"{track.audio_file.suffix} files take no details")
    path = path_of(track.audio_file.sha256)
    with path.open("rb") as file:
        return TaggedCopy(path, _tag(tagger, file, track))


def plan_original(track: Track) -> TaggedCopy:
    """The file as it came. Raises FileNotFoundError when it is lost."""
    path = path_of(track.audio_file.sha256)
    return TaggedCopy(path, [Kept(0, path.stat().st_size)])


def _tag(tagger: Callable[[Source, Details], list[Piece]], file: BinaryIO, track: Track) -> list[Piece]:
    try:
        return tagger(Source(file), read_details(track, read_as_jpeg))
    except NotTaggableError as error:
        logger.info("%s takes no details: %s", os.path.basename(file.name), error)  # noqa: PTH119
        raise
