"""Which of several files of one recording is worth keeping, and why."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.catalog.models import Track

# Encoders add some frames of silence, and rips differ by a moment: what is shorter by less is complete.
TOLERATED_SECONDS: Final = 2.0


class Merit(models.TextChoices):
    """What speaks for a file, most important first."""

    WHOLE = "whole", _("its end can be read")
    PLAYABLE = "playable", _("it can be played")
    LOSSLESS = "lossless", _("it is lossless")
    LENGTH = "length", _("it is the longest")
    BIT_RATE = "bit_rate", _("its bit rate is the highest")
    RATE = "rate", _("its sampling rate is the highest")
    CHANNELS = "channels", _("it has the most channels")
    PLAYS = "plays", _("it was played most often")
    AGE = "age", _("it was here first")


class Best(NamedTuple):
    """`merit`: the first that it has before all others; None where there is only one file."""

    track: Track
    merit: Merit | None


class _File(NamedTuple):
    """`missing_seconds`: by how much it is shorter than the longest."""

    track: Track
    plays: int
    missing_seconds: float


Measure = Callable[[_File], float]

# Larger is better.
_MEASURES: Final[Mapping[Merit, Measure]] = {
    Merit.WHOLE: lambda file: not file.track.is_truncated,
    Merit.PLAYABLE: lambda file: file.track.is_playable,
    Merit.LOSSLESS: lambda file: file.track.audio_file.is_lossless,
    Merit.LENGTH: lambda file: -file.missing_seconds if file.missing_seconds > TOLERATED_SECONDS else 0,
    # How far sound was squeezed without loss says nothing.
    Merit.BIT_RATE: lambda file: float("inf") if file.track.audio_file.is_lossless else file.track.audio_file.bit_rate,
    Merit.RATE: lambda file: file.track.audio_file.rate_hz,
    Merit.CHANNELS: lambda file: file.track.audio_file.channels,
    Merit.PLAYS: lambda file: file.plays,
    Merit.AGE: lambda file: -file.track.pk,
}


def choose_best(tracks: Sequence[Track], plays: Mapping[int, int]) -> Best:
    """Of at least one track, with its file. `plays` has how often each was played, where it was."""
    ranked = _sort(tracks, plays)
    if len(ranked) < 2:
        return Best(ranked[0].track, None)
    best, second = _rank(ranked[0]), _rank(ranked[1])
    return Best(ranked[0].track, next(merit for merit, one, two in zip(Merit, best, second, strict=True) if one != two))


def rank_files(tracks: Sequence[Track], plays: Mapping[int, int]) -> list[Track]:
    """Best first."""
    return [file.track for file in _sort(tracks, plays)]


def find_better(merit: Merit, tracks: Sequence[Track], plays: Mapping[int, int]) -> frozenset[int]:
    """Those that are best in this one respect; none where all are alike."""
    measured = {file.track.pk: _MEASURES[merit](file) for file in _look_at(tracks, plays)}
    most = max(measured.values())
    found = frozenset(pk for pk, value in measured.items() if value == most)
    return found if len(found) < len(measured) else frozenset()


def _sort(tracks: Sequence[Track], plays: Mapping[int, int]) -> list[_File]:
    return sorted(_look_at(tracks, plays), key=_rank, reverse=True)


def _look_at(tracks: Sequence[Track], plays: Mapping[int, int]) -> list[_File]:
    longest = max((track.duration_seconds or 0 for track in tracks), default=0)
    return [_File(track, plays.get(track.pk, 0), longest - (track.duration_seconds or 0)) for track in tracks]


def _rank(file: _File) -> tuple[float, ...]:
    return tuple(_MEASURES[merit](file) for merit in Merit)
