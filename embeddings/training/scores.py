"""A piece on paper: tempo, harmony, grooves, parts and melody of a style, drawn from a seed."""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from embeddings.training.harmony import SCALES, Chord, draw_melody, parse_chord
from embeddings.training.midi import Note
from embeddings.training.parts import PARTS, Plan
from embeddings.training.styles import Style

BEATS: Final = 4
SWAPPED_SHARE: Final = 0.25
PROGRAM_FAMILIES: Final = 14  # of eight each; the last two are sound effects
EVEN_SCALES: Final = {"major": "minor", "pentatonic": "minor"}
LOW_LEADS: Final = {32: 48, 40: 60, 57: 55, 60: 55, 66: 58, 67: 50, 70: 50, 42: 50, 43: 45}


@dataclass(frozen=True)
class Score:
    """``groove`` is what MMA shall play, source text, or empty; ``parts`` and ``melody`` are written out."""

    tempo_bpm: float
    plan: Plan
    groove: str
    kit: int
    parts: list[Note]
    melody: list[Note]


def write_score(style: Style, seconds: float, rng: np.random.Generator) -> Score:
    """A score of at least ``seconds``."""
    tempo_bpm = float(rng.uniform(*style.tempo_bpm))
    bars = int(np.ceil(seconds * tempo_bpm / 60 / BEATS))
    tonic = int(rng.integers(12))
    chords, is_minor = _draw_chords(style, tonic, bars, rng)
    name = EVEN_SCALES.get(style.scale, style.scale) if is_minor else style.scale
    plan = Plan(
        chords,
        [(tonic + step) % 12 for step in SCALES[name]],
        style.feel,
        int(rng.choice(style.comp)),
        int(rng.choice(style.bass)),
        tuple(rng.choice(style.lead + style.comp, 4).tolist()),
    )
    groove, parts = _draw_grooves(style, rng)
    return Score(
        tempo_bpm,
        plan,
        _write_groove(groove, plan, tempo_bpm, rng) if groove else "",
        int(rng.choice(style.kits)),
        [note for part in parts for note in PARTS[part](plan, rng)],
        _draw_lead(style, plan, rng),
    )


def _draw_chords(style: Style, tonic: int, bars: int, rng: np.random.Generator) -> tuple[list[Chord], bool]:
    """Verse and chorus, eight bars each or once around; and whether the tonic is minor."""
    verse, chorus = (str(rng.choice(style.progressions)).split() for _ in range(2))
    is_minor = _is_minor(verse)
    if _is_minor(chorus) != is_minor or rng.random() < 0.4:
        chorus = verse
    form: list[str] = []
    while len(form) < bars:
        for section in (verse, chorus):
            form += section * max(1, 8 // len(section))
    return [parse_chord(numeral, tonic) for numeral in form[:bars]], is_minor


def _is_minor(section: list[str]) -> bool:
    """Whether it holds a minor chord on the first degree: ``i7``, and neither ``ii7`` nor ``iv``."""
    return any(re.match(r"i(?![iv])", numeral) for numeral in section)


def _draw_grooves(style: Style, rng: np.random.Generator) -> tuple[str, list[str]]:
    """A groove or none, and the parts: all beside bare drums, some beside a groove that has its own instruments."""
    if style.grooves and not (style.drums and rng.random() < 0.5):
        return str(rng.choice(style.grooves)), [part for part in style.parts if rng.random() < 0.4]
    if style.drums:
        return str(rng.choice(style.drums)), list(style.parts)
    parts = [part for part in style.parts if rng.random() < 0.7]
    return "", parts or [str(rng.choice(style.parts))]


def _write_groove(groove: str, plan: Plan, tempo_bpm: float, rng: np.random.Generator) -> str:
    lines = [f"RndSeed {int(rng.integers(1 << 30))}", f"Tempo {tempo_bpm:.0f}", f"Groove {groove}"]
    return "\n".join([*lines, *(f"{bar + 1} {chord.name}" for bar, chord in enumerate(plan.chords))]) + "\n"


def _draw_lead(style: Style, plan: Plan, rng: np.random.Generator) -> list[Note]:
    """A melody that begins after two or four bars; some pieces change its instrument half way."""
    programs = rng.choice(style.lead, 2).tolist()
    half = len(plan.chords) // 2
    chords = [plan.chords[:half], plan.chords[half:]]
    notes: list[Note] = []
    for number, (program, section) in enumerate(zip(programs, chords, strict=True)):
        program = programs[0] if rng.random() < 0.6 else program
        line = draw_melody(section, plan.scale, style.feel, (program, LOW_LEADS.get(program, 70)), rng)
        notes += [replace(note, start=note.start + number * half * BEATS) for note in line]
    silence = int(rng.choice([0, 2, 4])) * BEATS
    return [note for note in notes if note.start >= silence]


def swap_programs(notes: list[Note], kit: int, keep: Container[int], rng: np.random.Generator) -> list[Note]:
    """Drums on ``kit``; a quarter of the other instruments exchanged for a relative of the same family of eight.

    Programs in ``keep`` stay.
    """
    relatives = {
        program: program // 8 * 8 + int(rng.integers(8))
        if program not in keep and program < 8 * PROGRAM_FAMILIES and rng.random() < SWAPPED_SHARE
        else program
        for program in sorted({note.program for note in notes if not note.is_drum})
    }
    return [replace(note, program=kit if note.is_drum else relatives[note.program]) for note in notes]
