"""What a file says of itself: who plays what, on which release, with which cover. Missing or hostile tags never fail a
track.
"""

import base64
import binascii
import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recommender.catalog.credits import (
    credit_artists,
    drop_unused,
    find_artist,
    find_release,
    mentions_of,
    set_genres,
)
from recommender.catalog.models import Release, Track, TrackEdit
from recommender.ingest import tag_values
from recommender.ingest.covers import set_cover, shrink_picture
from recommender.ingest.errors import UploadRefusedError

logger = logging.getLogger(__name__)

WALL_SECONDS = 20
LARGEST_TRACK_NUMBER = 9999
LARGEST_DISC_NUMBER = 999
UNKNOWN_ARTIST = "Unknown artist"
_READER = Path(__file__).with_name("tag_reader.py")
# The fields that FileTags and Track have under one name.
_PLAIN = ("title", "track_number", "disc_number", "year", "isrc", "musicbrainz_id", "replaygain_db")


@dataclass(frozen=True)
class FileTags:
    """Text is fit to be shown and stored; what the file does not say is empty or None.

    `artist_ids` are of MusicBrainz, in the order of `artists`, or there are none; `musicbrainz_id` is of the recording.
    `pictures` is the cover as `covers.shrink_cover` gives it.
    """

    title: str = ""
    artists: tuple[str, ...] = ()
    artist_ids: tuple[str, ...] = ()
    album_artist: str = ""
    release: str = ""
    release_id: str = ""
    is_compilation: bool = False
    track_number: int | None = None
    disc_number: int | None = None
    year: int | None = None
    genres: tuple[str, ...] = ()
    isrc: str = ""
    musicbrainz_id: str = ""
    replaygain_db: float | None = None
    pictures: Mapping[int, bytes] = field(default_factory=dict)


def read_tags(path: Path) -> FileTags:
    """The tags of `path`, read by a limited process of its own; nothing when that fails, whatever the reason."""
    said, picture = _read_answer(_run_reader(path))
    artists = tag_values.read_names(said.get("artists") or said.get("artist", []))
    artist_ids = tag_values.read_musicbrainz_ids(said.get("artist_id", []))
    return FileTags(
        title=tag_values.read_name(said.get("title", [])),
        artists=artists,
        artist_ids=artist_ids if len(artist_ids) == len(artists) else (),
        album_artist=tag_values.read_album_artist(said.get("albumartist", [])),
        release=tag_values.read_name(said.get("album", [])),
        release_id=next(iter(tag_values.read_musicbrainz_ids(said.get("release_id", []))), ""),
        is_compilation=tag_values.is_yes(said.get("compilation", [])),
        track_number=tag_values.read_number(said.get("track", []), LARGEST_TRACK_NUMBER),
        disc_number=tag_values.read_number(said.get("disc", []), LARGEST_DISC_NUMBER),
        year=tag_values.read_year([*said.get("originaldate", []), *said.get("date", [])]),
        genres=tag_values.read_genres(said.get("genre", [])),
        isrc=tag_values.read_isrc(said.get("isrc", [])),
        musicbrainz_id=next(iter(tag_values.read_musicbrainz_ids(said.get("recording_id", []))), ""),
        replaygain_db=tag_values.read_gain(said.get("replaygain", []), said.get("r128", [])),
        pictures=_shrink_quietly(picture),
    )


def apply_tags(track: Track, tags: FileTags, *, only_missing: bool = False) -> None:
    """Put what the tags say on `track`; where they are silent, or people have changed it, it stays as it is.

    `only_missing`: whatever is said already stays. Call it inside a transaction. Raises OSError when the disk refuses
    the cover.
    """
    # The file was read for a while, and people may have edited meanwhile.
    track.refresh_from_db(fields=[*_PLAIN, "artist", "release", "cover", "cover_chosen_at"])
    edited = _edited_fields(track) | (_filled_fields(track) if only_missing else set())
    before = mentions_of([track])
    if tags.artists and "artists" not in edited:
        credit_artists(track, tags.artists, tags.artist_ids)
    found: dict[str, Any] = {name: getattr(tags, name) for name in _PLAIN if name not in edited}
    found = {name: value for name, value in found.items() if value not in ("", None)}
    if tags.release and not edited & {"release", "album_artist"}:
        found["release"] = _find_release(track, tags)
    for name, value in found.items():
        setattr(track, name, value)
    track.save(update_fields=[*found, *(["title_key"] if "title" in found else [])])
    if tags.genres and "genres" not in edited:
        set_genres(track, tags.genres)
    if tags.pictures and "cover" not in edited:
        set_cover(track, tags.pictures)
    drop_unused(before)


def _edited_fields(track: Track) -> set[str]:
    """What people have changed by hand: a file that is read again does not know better."""
    changes = TrackEdit.objects.filter(track=track, undone_at=None).values_list("after", flat=True)
    return {name for after in changes for name in after} | ({"cover"} if track.cover_chosen_at else set())


def _filled_fields(track: Track) -> set[str]:
    said: dict[str, object] = {name: getattr(track, name) for name in (*_PLAIN, "release", "cover")}
    said |= {"artists": track.artist, "genres": track.genres.first()}
    return {name for name, value in said.items() if value not in ("", None)}


def _find_release(track: Track, tags: FileTags) -> Release:
    name = tags.album_artist or (tag_values.VARIOUS_ARTISTS if tags.is_compilation else "")
    artist = find_artist(name or UNKNOWN_ARTIST) if name or track.artist is None else track.artist
    return find_release(tags.release, artist, year=tags.year, musicbrainz_id=tags.release_id)


def _run_reader(path: Path) -> bytes:
    """What the reader has said, also when it died in the middle."""
    command = [sys.executable, "-I", str(_READER), str(path)]
    try:
        ended = subprocess.run(
            command, capture_output=True, timeout=WALL_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        logger.warning("reading the tags of %s takes too long", path.name)
        return error.stdout or b""
    if ended.returncode:
        logger.warning("the reader of the tags of %s ended with status %d", path.name, ended.returncode)
    return ended.stdout


def _read_answer(answer: bytes) -> tuple[dict[str, list[str]], bytes]:
    """(values by name, picture) out of the lines of the reader: the first line that has a name says what it is."""
    said: dict[str, list[str]] = {}
    for line in answer.splitlines():
        try:
            found = json.loads(line)
            if "picture" in found:
                return said, base64.b64decode(found["picture"])
            said = found | said
        except (ValueError, binascii.Error):
            logger.warning("the reader of tags was cut short")
    return said, b""


def _shrink_quietly(picture: bytes) -> dict[int, bytes]:
    try:
        return shrink_picture(picture) if picture else {}
    except UploadRefusedError:
        return {}
