"""The parts that a rendered piece may have beside its grooves: guitars, basses, keys, strings, drones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from embeddings.training.harmony import Chord, draw_melody
from embeddings.training.midi import Note

MUTED_GUITAR: Final = 28


@dataclass(frozen=True)
class Plan:
    """What all parts of a piece share: a chord for each bar of ``beats`` beats, pitch classes and programs."""

    chords: list[Chord]
    scale: list[int]
    feel: str
    comp: int
    bass: int
    ensemble: tuple[int, ...]
    beats: int = 4


def _pattern(plan: Plan, starts: tuple[float, ...], play: Callable[[Chord, float], list[Note]]) -> list[Note]:
    """``play(chord, beat)`` at each of ``starts`` of every bar."""
    return [
        note
        for bar, chord in enumerate(plan.chords)
        for start in starts
        for note in play(chord, bar * plan.beats + start)
    ]


def _draw(rng: np.random.Generator, density: float, steps: int = 16) -> tuple[float, ...]:
    """A rhythm of sixteenths that always has the first."""
    hits = rng.random(steps) < density
    hits[0] = True
    return tuple(float(step) / 4 for step in np.flatnonzero(hits))


def _strike(keys: list[int], start: float, length: float, velocity: int, program: int) -> list[Note]:
    return [Note(start, length, key, velocity, program) for key in keys]


def _fifth(chord: Chord) -> list[int]:
    root = 38 + (chord.root - 2) % 12
    return [root, root + 7, root + 12]


def power(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 1.5, 2, 3.5), (0, 1, 2, 3), (0, 0.5, 1.5, 2, 3))[
        int(rng.integers(4))
    ]
    length = 4 / len(starts) * rng.uniform(0.7, 1.0)
    return _pattern(plan, starts, lambda chord, beat: _strike(_fifth(chord), beat, length, 100, plan.comp))


def chug(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Muted low notes in sixteenths or gallops, open chords on the accents."""
    rhythm = _draw(rng, rng.uniform(0.5, 0.95))
    accents = {0.0, *rng.choice([1.0, 1.5, 2.0, 2.5, 3.0, 3.5], 2, replace=False).tolist()}

    def play(chord: Chord, beat: float) -> list[Note]:
        if beat % plan.beats in accents:
            return _strike(_fifth(chord), beat, 0.45, 115, plan.comp)
        return _strike(_fifth(chord)[:1], beat, 0.2, 105, MUTED_GUITAR if rng.random() < 0.6 else plan.comp)

    return _pattern(plan, rhythm, play)


def riff(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """A line of low guitar notes around the root that comes back every bar."""
    rhythm = _draw(rng, 0.4)
    steps = rng.choice([0, 0, 0, 3, 5, 7, 10, 12], len(rhythm))
    offset = dict(zip(rhythm, steps.tolist(), strict=True))

    def play(chord: Chord, beat: float) -> list[Note]:
        low = _fifth(chord)[0] + offset[beat % plan.beats]
        return _strike([low, low + 7], beat, 0.4, 108, plan.comp)

    return _pattern(plan, rhythm, play)


def strum(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0, 1, 1.5, 2.5, 3, 3.5), (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 1, 2, 2.5, 3))[int(rng.integers(3))]

    def play(chord: Chord, beat: float) -> list[Note]:
        keys = chord.keys(48) + chord.keys(60)[:2]
        keys = keys if rng.random() < 0.5 else keys[::-1]
        loudness = int(rng.integers(65, 95))
        return [Note(beat + 0.02 * number, 0.6, key, loudness, plan.comp) for number, key in enumerate(keys)]

    return _pattern(plan, starts, play)


def picking(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Broken chords with an alternating thumb."""
    step = float(rng.choice([0.5, 0.25])) if plan.feel == "busy" else 0.5
    order = rng.integers(0, 5, round(plan.beats / step)).tolist()

    def play(chord: Chord, beat: float) -> list[Note]:
        number = round(beat % plan.beats / step)
        upper = [*chord.keys(57), *chord.keys(69)][:5]
        bottom = [chord.keys(45)[0] + (7 if number * step % 2 else 0)] if number * step % 1 == 0 else []
        keys = [*bottom, upper[order[number] % len(upper)]]
        return _strike(keys, beat, 0.9, int(rng.integers(65, 95)), plan.comp)

    return _pattern(plan, tuple(np.arange(0, plan.beats, step).tolist()), play)


def skank(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Chords off the beat, short."""
    starts = ((1.0, 3.0), (0.5, 1.5, 2.5, 3.5))[int(rng.random() < 0.4)]
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(64), beat, 0.15, 95, plan.comp))


def bubble(plan: Plan, rng: np.random.Generator) -> list[Note]:
    program = int(rng.choice([16, 17, 18]))
    starts = (0.5, 0.75, 1.5, 1.75, 2.5, 2.75, 3.5, 3.75)
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(60), beat, 0.12, 62, program))


def _bass_line(plan: Plan, starts: tuple[float, ...], steps: list[int], length: float) -> list[Note]:
    offsets = dict(zip(starts, steps, strict=True))

    def play(chord: Chord, beat: float) -> list[Note]:
        low = 28 + (chord.root - 4) % 12
        return [Note(beat, length, low + offsets[beat % plan.beats], 105, plan.bass)]

    return _pattern(plan, starts, play)


def bass(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), (0, 1.5, 2, 3.5), (0, 1, 2, 3))[int(rng.integers(3))]
    return _bass_line(plan, starts, [0, *rng.choice([0, 0, 0, 7, 12], len(starts) - 1).tolist()], 0.45)


def dub(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """A slow, syncopated bass that leaves the first beat now and then."""
    starts = ((0, 0.75, 1.5, 2, 3), (1, 1.5, 2, 3, 3.5), (0, 1.5, 2, 2.75))[int(rng.integers(3))]
    return _bass_line(plan, starts, rng.choice([0, 0, 7, 10, 12, 5], len(starts)).tolist(), 0.6)


def sub(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = _draw(rng, 0.22)
    return _bass_line(plan, starts, rng.choice([0, 0, 0, 3, 7, 10], len(starts)).tolist(), 0.9)


def slap(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = _draw(rng, 0.45)
    return _bass_line(plan, starts, [0, *rng.choice([0, 12, 10, 7, 3], len(starts) - 1).tolist()], 0.2)


def octaves(plan: Plan, rng: np.random.Generator) -> list[Note]:
    if rng.random() < 0.5:
        return _bass_line(plan, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), [0, 12] * 4, 0.4)
    return _bass_line(plan, (0.5, 1.5, 2.5, 3.5), [0] * 4, 0.4)


def scratch(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """A damped guitar in sixteenths."""
    starts = _draw(rng, 0.6)
    return _pattern(
        plan, starts, lambda chord, beat: _strike(chord.near(66), beat, 0.1, int(rng.integers(60, 100)), 28)
    )


def keys(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0, 2.5), (0, 1.5, 3), (0.5, 2), (0,))[int(rng.integers(4))]
    length = 3.5 / len(starts)
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(62), beat, length, 82, plan.comp))


def stabs(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = _draw(rng, 0.25)
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(66), beat, 0.2, 100, plan.comp))


def brass(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0, 0.5), (1.5, 3.5), (2, 2.5, 3.5), (0, 1.5))[int(rng.integers(4))]
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(67), beat, 0.3, 100, plan.comp))


def loop(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Two bars of a sampled phrase that never change, whatever the harmony."""
    short = Plan(plan.chords[:2], plan.scale, "sparse", plan.comp, plan.bass, plan.ensemble)
    phrase = keys(short, rng) + draw_melody(short.chords, plan.scale, "straight", (plan.comp, 67), rng)
    return [
        Note(note.start + 8 * turn, note.length, note.key, note.velocity, note.program)
        for turn in range(len(plan.chords) // 2)
        for note in phrase
    ]


def sequence(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """An arpeggiator in sixteenths."""
    order = rng.integers(0, 6, 16).tolist()
    gaps = rng.random(16) < rng.uniform(0.0, 0.4)

    def play(chord: Chord, beat: float) -> list[Note]:
        step = round(beat % plan.beats * 4)
        tones = [*chord.keys(60), *chord.keys(72)]
        return [] if gaps[step] else [Note(beat, 0.2, tones[order[step] % len(tones)], 95, plan.comp)]

    return _pattern(plan, tuple(step / 4 for step in range(16)), play)


def pad(plan: Plan, rng: np.random.Generator) -> list[Note]:
    velocity = int(rng.integers(60, 90))
    return _pattern(plan, (0,), lambda chord, beat: _strike(chord.near(62), beat, plan.beats, velocity, plan.comp))


def sweep(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Strings above, from a chord every bar to a counter-melody."""
    program = int(rng.choice([48, 49, 50]))
    return _pattern(plan, (0,), lambda chord, beat: _strike(chord.near(72)[-2:], beat, plan.beats, 75, program))


def drone(plan: Plan, rng: np.random.Generator) -> list[Note]:
    root, program = plan.chords[0].keys(40)[0], int(rng.choice([89, 95, 104, 109, 92]))
    length = 4 * plan.beats
    return [
        note
        for start in range(0, len(plan.chords) * plan.beats, length)
        for note in _strike([root, root + 7], start, length, 80, program)
    ]


def choir(plan: Plan, rng: np.random.Generator) -> list[Note]:
    program = int(rng.choice([52, 53]))
    return _pattern(plan, (0,), lambda chord, beat: _strike(chord.near(66), beat, plan.beats, 85, program))


def chorale(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Four voices in half and whole notes that rise and fall over eight bars."""
    starts: tuple[float, ...] = (0, 2) if rng.random() < 0.6 else (0,)
    centres = (45, 57, 64, 71)

    def play(chord: Chord, beat: float) -> list[Note]:
        velocity = int(62 + 38 * np.sin(np.pi * (beat / plan.beats % 8) / 8))
        voices = [chord.keys(38)[0], *(int(rng.choice(chord.near(centre))) for centre in centres[1:])]
        return [
            Note(beat, plan.beats / len(starts), key, velocity, plan.ensemble[number % len(plan.ensemble)])
            for number, key in enumerate(voices)
        ]

    return _pattern(plan, starts, play)


def counterpoint(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Three melodies at once, each in its own register."""
    feels = ("straight", "busy" if plan.feel == "busy" else "straight", "sparse")
    lines = zip(feels, plan.ensemble, (72, 64, 48), strict=False)
    return [
        note
        for feel, program, centre in lines
        for note in draw_melody(plan.chords, plan.scale, feel, (program, centre), rng)
    ]


def ostinato(plan: Plan, rng: np.random.Generator) -> list[Note]:
    program = int(rng.choice([45, 48, 44]))
    starts = tuple(step / 2 for step in range(8)) if rng.random() < 0.5 else (0, 0.75, 1.5, 2, 2.75, 3.5)
    return _pattern(plan, starts, lambda chord, beat: _strike(chord.near(57)[:2], beat, 0.4, 80, program))


def timpani(plan: Plan, rng: np.random.Generator) -> list[Note]:
    starts = ((0,), (0, 3, 3.5), (0, 2))[int(rng.integers(3))]
    return _pattern(plan, starts, lambda chord, beat: [Note(beat, 1.0, 40 + chord.root, 95, 47)])


def horns(plan: Plan, rng: np.random.Generator) -> list[Note]:
    program = int(rng.choice([60, 56, 57, 61]))
    half = plan.chords[: len(plan.chords) // 2]
    return draw_melody(half, plan.scale, "sparse", (program, 60), rng)


def alberti(plan: Plan, _rng: np.random.Generator) -> list[Note]:
    """The left hand of the classical piano: low, high, middle, high."""
    order = (0, 2, 1, 2)

    def play(chord: Chord, beat: float) -> list[Note]:
        tones = chord.keys(48)
        return [Note(beat, 0.5, tones[order[round(beat * 2) % 4] % len(tones)], 70, plan.comp)]

    return _pattern(plan, tuple(step / 2 for step in range(2 * plan.beats)), play)


def broken(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Chords up and down over two octaves."""
    step = float(rng.choice([0.5, 0.25]))

    def play(chord: Chord, beat: float) -> list[Note]:
        tones = [*chord.keys(45), *chord.keys(57), *chord.keys(69)]
        turn = [*tones, *tones[-2:0:-1]]
        return [
            Note(beat, 1.0, turn[round(beat % plan.beats / step) % len(turn)], int(rng.integers(60, 90)), plan.comp)
        ]

    return _pattern(plan, tuple(np.arange(0, plan.beats, step).tolist()), play)


Part = Callable[[Plan, np.random.Generator], list[Note]]
_ALL: Final = (
    power, chug, riff, strum, picking, skank, bubble, bass, dub, sub, slap, octaves, scratch, keys, stabs, brass, loop,
    sequence, pad, sweep, drone, choir, chorale, counterpoint, ostinato, timpani, horns, alberti, broken,
)  # fmt: skip
PARTS: Final[Mapping[str, Part]] = {part.__name__: part for part in _ALL}
