"""Why a track is recommended, from what was measured of both. What is not known well gives no reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recommender.catalog.models import Track
from recommender.catalog.models.shelves import LEAST_CONFIDENCE
from recommender.similarity.sounds import Sound

MOST_WORDS: Final = 3
# Tempi within 4 % are one tempo to a listener; a deejay's pitch control reaches about twice that.
TEMPO_TOLERANCE: Final = 0.04
# Energy and brightness 0-1: alike within this, and worth a word towards either end only.
NEAR: Final = 0.12
LOW, HIGH = 0.35, 0.65
KEYS: Final = 12
LEAST_MOVED: Final = 0.02


class ReasonKind(StrEnum):
    RECORDING = "recording"
    WORDS = "words"
    TEMPO = "tempo"
    KEY = "key"
    ENERGY = "energy"
    BRIGHTNESS = "brightness"
    TASTE = "taste"
    TOGETHER = "together"


@dataclass(frozen=True)
class Reason:
    """`values`: the words both have; both tempi in BPM; both keys (0-23); the level of both (0-1). TASTE: what
    the listener's feedback adds to the similarity. RECORDING, that both are one, and TOGETHER, that curators say they
    belong together, have none.
    """

    kind: ReasonKind
    values: tuple[str, ...] | tuple[float, float] | tuple[int, int] | tuple[float] = ()


def explain(seed: Track | Sound, other: Track) -> list[Reason]:
    """The reasons there are, the most telling first. Tracks need their tags prefetched."""
    found = (
        _share_words(seed, other),
        _share_tempo(seed, other),
        _share_key(seed, other),
        _share_level(ReasonKind.ENERGY, seed.energy, other.energy),
        _share_level(ReasonKind.BRIGHTNESS, seed.brightness, other.brightness),
    )
    return [reason for reason in found if reason is not None]


def explain_taste(moved: float) -> list[Reason]:
    """A reason where what the listener said before moved a track as far as can be seen."""
    return [Reason(ReasonKind.TASTE, (moved,))] if abs(moved) >= LEAST_MOVED else []


def is_same_pace(first_bpm: float, second_bpm: float) -> bool:
    """The same tempo, or its half or double, which are easily taken for one another."""
    return any(abs(first_bpm * factor / second_bpm - 1) <= TEMPO_TOLERANCE for factor in (1.0, 0.5, 2.0))


def compatible_keys(key: int) -> frozenset[int]:
    """The key itself, its relative and its neighbours on the circle of fifths; 0-11 C to B major, 12-23 minor."""
    tonic, is_minor = key % KEYS, key >= KEYS
    relative = (tonic + 3) % KEYS if is_minor else (tonic + 9) % KEYS + KEYS
    own = KEYS if is_minor else 0
    return frozenset({key, relative, (tonic + 7) % KEYS + own, (tonic + 5) % KEYS + own})


def _share_words(seed: Track | Sound, other: Track) -> Reason | None:
    ours = seed.words if isinstance(seed, Sound) else {tag.name: tag.probability for tag in seed.tags.all()}
    both = [(tag.probability * ours[tag.name], tag.name) for tag in other.tags.all() if tag.name in ours]
    words = tuple(name for _, name in sorted(both, key=lambda pair: (-pair[0], pair[1]))[:MOST_WORDS])
    return Reason(ReasonKind.WORDS, words) if words else None


def _share_tempo(seed: Track | Sound, other: Track) -> Reason | None:
    tempi = _sure([(track.tempo_bpm, track.tempo_confidence) for track in (seed, other)])
    if tempi is None or not is_same_pace(*tempi):
        return None
    return Reason(ReasonKind.TEMPO, tempi)


def _share_key(seed: Track | Sound, other: Track) -> Reason | None:
    keys = _sure([(track.key, track.key_confidence) for track in (seed, other)])
    if keys is None or int(keys[1]) not in compatible_keys(int(keys[0])):
        return None
    return Reason(ReasonKind.KEY, (int(keys[0]), int(keys[1])))


def _share_level(kind: ReasonKind, ours: float | None, theirs: float | None) -> Reason | None:
    if ours is None or theirs is None or abs(ours - theirs) > NEAR:
        return None
    is_telling = max(ours, theirs) <= LOW or min(ours, theirs) >= HIGH
    return Reason(kind, (ours, theirs)) if is_telling else None


def _sure(measured: Sequence[tuple[float | None, float | None]]) -> tuple[float, float] | None:
    """Both values, unless one of them is a guess."""
    known = [value for value, confidence in measured if value is not None and (confidence or 0) >= LEAST_CONFIDENCE]
    return (known[0], known[1]) if len(known) == 2 else None
