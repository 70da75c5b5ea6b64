"""What makes one look twice at a track before others hear it: its sound, and what is not said of it."""

from pathlib import PurePosixPath
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy

from recommender.catalog.models import AnalysisState, Track
from recommender.ingest.file_names import UNTITLED

SHORT_SECONDS: Final = 30
LONG_SECONDS: Final = 20 * 60
# Loudness is measured in blocks of so long: of what is shorter there is none.
LEAST_MEASURED_SECONDS: Final = 0.4
# Whole tracks that are louder have lost their peaks: the loudest records, which give up much for it, stay below.
LOUDEST_LUFS: Final = -5.0


class Doubt(models.TextChoices):
    FAILED = "failed", gettext_lazy("could not be listened to")
    SILENT = "silent", gettext_lazy("silent")
    TRUNCATED = "truncated", gettext_lazy("the end cannot be read")
    CLIPPED = "clipped", gettext_lazy("so loud that its peaks are cut off")
    SHORT = "short", gettext_lazy("very short")
    LONG = "long", gettext_lazy("very long")
    NO_TITLE = "no_title", gettext_lazy("no title but the name of the file")
    NO_ARTIST = "no_artist", gettext_lazy("no artist")
    NO_RELEASE = "no_release", gettext_lazy("no release")
    NO_YEAR = "no_year", gettext_lazy("no year")
    NO_GENRE = "no_genre", gettext_lazy("no genre")
    NO_COVER = "no_cover", gettext_lazy("no cover")


def doubt_sound(track: Track) -> list[Doubt]:
    """What is the matter with the file itself. Needs `with_state()`."""
    seconds = track.duration_seconds
    found = {
        Doubt.FAILED: track.shown_state() == AnalysisState.FAILED,
        Doubt.SILENT: is_silent(track),
        Doubt.TRUNCATED: track.is_truncated,
        Doubt.CLIPPED: track.loudness_lufs is not None and track.loudness_lufs > LOUDEST_LUFS,
        Doubt.SHORT: seconds is not None and seconds < SHORT_SECONDS,
        Doubt.LONG: seconds is not None and seconds > LONG_SECONDS,
    }
    return [doubt for doubt, is_so in found.items() if is_so]


def doubt_description(track: Track) -> list[Doubt]:
    """What is not said of it, by its tags neither: nothing before a worker has read these. Reads artist, release and
    genres.
    """
    if not track.is_playable:
        return []
    year = track.year or (track.release.year if track.release else None)
    found = {
        Doubt.NO_TITLE: is_named_by_file(track),
        Doubt.NO_ARTIST: track.artist_id is None,
        Doubt.NO_RELEASE: track.release_id is None,
        Doubt.NO_YEAR: year is None,
        Doubt.NO_GENRE: not track.genres.all(),
        Doubt.NO_COVER: not track.has_cover,
    }
    return [doubt for doubt, is_so in found.items() if is_so]


def is_silent(track: Track) -> bool:
    """Loudness is measured wherever anything is loud enough to be heard."""
    is_measured = bool(track.waveform) and (track.duration_seconds or 0) >= LEAST_MEASURED_SECONDS
    return getattr(track, "reason", None) == "silent" or (is_measured and track.loudness_lufs is None)


def is_named_by_file(track: Track) -> bool:
    return track.title == UNTITLED or (track.artist_id is None and track.title == PurePosixPath(track.file_name).stem)
