"""What a file says of itself: title, artist, release, cover. Missing or hostile tags never fail a track."""

import base64
import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from recommender.catalog.audio_files import store_cover
from recommender.catalog.models import Artist, Release, Track
from recommender.ingest.text import make_readable

logger = logging.getLogger(__name__)

WALL_SECONDS = 20
LONGEST_TEXT = 500
_READER = Path(__file__).with_name("tag_reader.py")


@dataclass(frozen=True)
class FileTags:
    """Readable text of at most 500 characters each, empty where the file says nothing; `cover` is WebP."""

    title: str = ""
    artist: str = ""
    release: str = ""
    cover: bytes = b""


def read_tags(path: Path) -> FileTags:
    """The tags of `path`, read by a limited process of its own; nothing when that fails, whatever the reason."""
    command = [sys.executable, "-I", str(_READER), str(path)]
    try:
        answer = subprocess.run(
            command, capture_output=True, timeout=WALL_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
        found = json.loads(answer.stdout)
        words = {name: make_readable(found.get(name, ""), LONGEST_TEXT) for name in ("title", "artist", "release")}
        return FileTags(**words, cover=base64.b64decode(found.get("cover", "")))
    except (subprocess.SubprocessError, ValueError) as error:
        logger.warning("the tags of %s cannot be read: %s", path.name, error)
        return FileTags()


def apply_tags(track: Track, tags: FileTags) -> None:
    """Put what the tags say on `track`; where they are silent the row stays as it is. Call it inside a transaction."""
    found: dict[str, object] = {}
    if tags.title:
        found["title"] = tags.title
    if tags.artist:
        artist, _ = Artist.objects.get_or_create(name=tags.artist)
        found["artist"] = artist
        if tags.release:
            found["release"], _ = Release.objects.get_or_create(title=tags.release, artist=artist)
    if tags.cover:
        store_cover(track.audio_file_id, tags.cover)
        found["has_cover"] = True
    if found:
        Track.objects.filter(pk=track.pk).update(**found)
