"""Chords, scales and melodies, drawn from a seed."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from embeddings.training.midi import Note

DEGREES: Final = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
QUALITIES: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "M7": (0, 4, 7, 11),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "M9": (0, 4, 7, 11, 14),
    "m6": (0, 3, 7, 9),
    "m7b5": (0, 3, 6, 10),
    "sus2": (0, 2, 7),
}
MINOR_SUFFIXES: Final = {"": "m", "7": "m7", "9": "m9", "6": "m6", "M7": "M7", "5": "5", "h7": "m7b5"}
SCALES: Final = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 4, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "pentatonic": (0, 2, 4, 7, 9),
}
NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# Where the notes of a bar of four beats begin.
RHYTHMS: Final = {
    "straight": (
        (0, 1, 2, 3), (0, 1.5, 2, 3), (0, 0.5, 1, 2, 2.5, 3), (0, 2, 3, 3.5), (0, 1, 1.5, 2.5, 3), (0.5, 1, 1.5, 3),
    ),
    "swing": (
        (0, 0.67, 1, 2, 2.67, 3), (0.67, 1, 1.67, 3), (0, 1, 1.67, 2.67, 3.67), (0, 0.67, 1, 1.67, 2, 3),
        (1, 1.67, 2, 2.67, 3),
    ),
    "busy": (
        (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 0.25, 0.5, 1, 1.5, 2, 2.25, 2.5, 3), (0, 0.5, 0.75, 1, 2, 2.5, 2.75, 3),
        (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3),
    ),
    "sparse": ((0,), (0, 2.5), (1, 3), (0, 1.5), (2,)),
}  # fmt: skip


@dataclass(frozen=True)
class Chord:
    """``root`` 0-11 (0 is C), ``quality`` a key of ``QUALITIES``."""

    root: int
    quality: str

    @property
    def name(self) -> str:
        """As MMA spells it."""
        return NAMES[self.root] + self.quality

    def keys(self, lowest: int) -> list[int]:
        """MIDI keys in close position, the root being the first at or above ``lowest``."""
        root = lowest + (self.root - lowest) % 12
        return [root + interval for interval in QUALITIES[self.quality]]

    def near(self, centre: int) -> list[int]:
        """Its tones within the octave around ``centre``: neighbouring chords then move little."""
        return sorted({centre - 6 + (self.root + interval - centre + 6) % 12 for interval in QUALITIES[self.quality]})


def parse_chord(numeral: str, tonic: int) -> Chord:
    """``bVII``, ``ii7``, ``iih7`` (half-diminished), ``IM9``, ``i5`` over the tonic 0-11. ValueError if unknown."""
    match = re.fullmatch(r"(b?)(vii|vi|iv|v|iii|ii|i|VII|VI|IV|V|III|II|I)(.*)", numeral)
    if match is None:
        raise ValueError(f"{numeral!r} is not a chord: expected a roman numeral such as bVII or ii7.")
    flat, degree, suffix = match.groups()
    quality = MINOR_SUFFIXES.get(suffix, suffix) if degree.islower() else suffix
    if quality not in QUALITIES:
        raise ValueError(f"{numeral!r} has an unknown quality; known are: {', '.join(QUALITIES)}.")
    return Chord((tonic + DEGREES[degree.lower()] - len(flat)) % 12, quality)


def draw_melody(
    chords: list[Chord], scale: list[int], feel: str, programs: tuple[int, int], rng: np.random.Generator
) -> list[Note]:
    """A line over one chord a bar of four beats: motifs of two bars that come back, rests between phrases.

    ``scale`` holds pitch classes; ``programs`` are (program, middle key).
    """
    program, centre = programs
    motifs = [[RHYTHMS[feel][int(rng.integers(len(RHYTHMS[feel])))] for _ in range(2)] for _ in range(2)]
    rests = rng.random(4) < (0.05, 0.1, 0.15, 0.4)
    notes: list[Note] = []
    key = centre
    for bar, chord in enumerate(chords):
        if rests[bar % 4]:
            continue
        starts = motifs[bar // 4 % 2][bar % 2]
        ends = (*starts[1:], 4.0)
        for start, end in zip(starts, ends, strict=True):
            pitches = QUALITIES[chord.quality] if start in (0, 2) else None
            allowed = {(chord.root + pitch) % 12 for pitch in pitches} if pitches else set(scale)
            key = _step(key, allowed, centre, rng)
            length = (end - start) * rng.uniform(0.6, 1.0)
            notes.append(Note(4 * bar + start, length, key, int(rng.integers(75, 112)), program))
    return notes


def _step(key: int, allowed: set[int], centre: int, rng: np.random.Generator) -> int:
    """The next key: mostly by step, now and then a leap, drawn back to the centre."""
    reach = 3 if rng.random() < 0.75 else 8
    wanted = key + rng.integers(-reach, reach + 1) + 0.15 * (centre - key)
    choices = [choice for choice in range(centre - 12, centre + 13) if choice % 12 in allowed]
    return min(choices, key=lambda choice: abs(choice - wanted))
