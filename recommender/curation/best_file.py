"""Which of several files of one recording is worth keeping, and why."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.catalog.models import Track

# Encoders add up to some frames of silence: what differs by less is equally long.
LENGTH_STEP_SECONDS: Final = 0.5


class Merit(models.TextChoices):
    """What speaks for a file, most important first."""

    WHOLE = "whole", _("its end can be read")
    PLAYABLE = "playable", _("it can be played")
    LOSSLESS = "lossless", _("it is lossless")
    BIT_RATE = "bit_rate", _("its bit rate is the highest")
    RATE = "rate", _("its sampling rate is the highest")
    CHANNELS = "channels", _("it has the most channels")
    LENGTH = "length", _("it is the longest")
    PLAYS = "plays", _("it was played most often")
    AGE = "age", _("it was here first")


class Best(NamedTuple):
    """`merit`: the first that it has before all others; None where there is only one file."""

    track: Track
    merit: Merit | None


Measure = Callable[[Track, int], float]

# Larger is better. The second value is how often the track was played.
_MEASURES: Final[Mapping[Merit, Measure]] = {
    Merit.WHOLE: lambda track, plays: not track.is_truncated,
    Merit.PLAYABLE: lambda track, plays: track.is_playable,
    Merit.LOSSLESS: lambda track, plays: track.audio_file.is_lossless,
    # How far sound was squeezed without loss says nothing.
    Merit.BIT_RATE: lambda track, plays: float("inf") if track.audio_file.is_lossless else track.audio_file.bit_rate,
    Merit.RATE: lambda track, plays: track.audio_file.rate_hz,
    Merit.CHANNELS: lambda track, plays: track.audio_file.channels,
    Merit.LENGTH: lambda track, plays: round((track.duration_seconds or 0) / LENGTH_STEP_SECONDS),
    Merit.PLAYS: lambda track, plays: plays,
    Merit.AGE: lambda track, plays: -track.pk,
}


def choose_best(tracks: Sequence[Track], plays: Mapping[int, int]) -> Best:
    """Of at least one track, with its file. `plays` has how often each was played, where it was."""
    ranked = sorted(tracks, key=lambda track: _rank(track, plays), reverse=True)
    if len(ranked) < 2:
        return Best(ranked[0], None)
    best, second = _rank(ranked[0], plays), _rank(ranked[1], plays)
    return Best(ranked[0], next(merit for merit, one, two in zip(Merit, best, second, strict=True) if one != two))


def find_better(merit: Merit, tracks: Collection[Track], plays: Mapping[int, int]) -> frozenset[int]:
    """Those that are best in this one respect; none where all are alike."""
    measured = {track.pk: _MEASURES[merit](track, plays.get(track.pk, 0)) for track in tracks}
    most = max(measured.values())
    found = frozenset(pk for pk, value in measured.items() if value == most)
    return found if len(found) < len(measured) else frozenset()


def _rank(track: Track, plays: Mapping[int, int]) -> tuple[float, ...]:
    return tuple(measure(track, plays.get(track.pk, 0)) for measure in _MEASURES.values())
