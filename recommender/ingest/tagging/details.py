"""What the catalog says of a track, as tags say it: lists of texts by names that every format has its own words for."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from recommender.catalog.models import Track
from recommender.ingest.tag_values import LONGEST_GENRE, LONGEST_NAME, is_various
from recommender.ingest.text import make_readable

Own = TypeVar("Own")
Values = dict[str, list[str]]

# Where a format has room for one text only: our reader, and many players, take several apart there.
SEPARATOR: Final = "; "
# All names, without spaces, dashes and underscores, that `ingest.tag_reader` takes for something we write: such tags of
# the original give way, or the copy would say two things.
_OURS: Final = frozenset(
    {
        *("title", "tit2", "artist", "author", "tpe1", "artists", "albumartist", "tpe2", "album", "talb"),
        *("compilation", "itunescompilation", "iscompilation", "cpil", "tcmp", "track", "tracknumber", "trck"),
        *("disc", "discnumber", "partofset", "tpos", "date", "year", "tdrc", "tyer", "originaldate", "originalyear"),
        *("tdor", "tory", "genre", "tcon", "isrc", "tsrc", "musicbrainztrackid", "musicbrainzrecordingid"),
        *("musicbrainzalbumid", "musicbrainzreleaseid", "musicbrainzartistid", "replaygaintrackgain", "r128trackgain"),
        *("tt2", "tp1", "tp2", "tal", "tcp", "trk", "tpa", "tye", "tor", "tco", "trc", "albumtitle"),
    }
)
# Nothing reads these when a file comes: they stay until people say some.
_MOODS: Final = frozenset({"mood", "tmoo"})
_SPACES: Final = re.compile(r"[\s_/-]+")


@dataclass(frozen=True, kw_only=True)
class Details:
    """`values` by the names title, artist, album, albumartist, compilation, track, disc, date, genre, mood, isrc,
    recording_id, artist_id and release_id; what is not known is not there. `gain_db`: ReplayGain.

    `read_cover` gives the cover of the catalog as JPEG, empty where there is none. `is_cover_chosen`: a person chose
    it, or took it away, so that pictures of the original give way; else they are better than the smaller one we keep.
    """

    values: Values
    gain_db: float | None
    is_cover_chosen: bool
    read_cover: Callable[[], bytes]

    @property
    def gain(self) -> str:
        return "" if self.gain_db is None else f"{self.gain_db:+g} dB"

    def replaces(self, name: str) -> bool:
        """Whether a tag of this name gives way, since it says what we say."""
        plain = _SPACES.sub("", name.lower().removeprefix("wm/"))
        return plain in _OURS or (plain in _MOODS and "mood" in self.values)

    def choose_pictures(self, own: Sequence[Own]) -> tuple[Sequence[Own], bytes]:
        """Which pictures of the original stay, and the one that is added, if any."""
        if own and not self.is_cover_chosen:
            return own, b""
        return (), self.read_cover()


def read_details(track: Track, read_cover: Callable[[str], bytes]) -> Details:
    """`read_cover` makes a JPEG of the cover of that hash. In five queries."""
    cover = track.cover_id
    return Details(
        values={name: texts for name, texts in _read_values(track).items() if texts},
        gain_db=track.replaygain_db,
        is_cover_chosen=track.cover_chosen_at is not None,
        read_cover=lambda: read_cover(cover) if cover else b"",
    )


def _read_values(track: Track) -> Values:
    credited = [credit.artist for credit in track.credits.select_related("artist")]
    artists = credited or ([track.artist] if track.artist else [])
    artist_ids = [artist.musicbrainz_id for artist in artists]
    release = track.release
    album_artist = release.artist.name if release else ""
    return {
        "title": _clean([track.title]),
        "artist": _clean(artist.name for artist in artists),
        "album": _clean([release.title] if release else []),
        "albumartist": _clean([album_artist]),
        "compilation": ["1"] if album_artist and is_various(album_artist) else [],
        "track": _write_numbers(track.track_number),
        "disc": _write_numbers(track.disc_number),
        "date": _write_numbers(track.year),
        "genre": _clean(track.genres.order_by("name_key").values_list("name", flat=True), LONGEST_GENRE),
        "mood": _clean(track.tags.filter(is_given=True).order_by("name").values_list("name", flat=True)),
        "isrc": _clean([track.isrc]),
        "recording_id": _clean([track.musicbrainz_id]),
        "artist_id": _clean(artist_ids) if all(artist_ids) else [],
        "release_id": _clean([release.musicbrainz_id] if release else []),
    }


def _write_numbers(number: int | None) -> list[str]:
    return [] if number is None else [str(number)]


def _clean(texts: Iterable[str], longest: int = LONGEST_NAME) -> list[str]:
    """Forms see to it that texts can be shown; what came another way may hold what ends a tag in the middle."""
    return [clean for text in texts if (clean := make_readable(text, longest))]
