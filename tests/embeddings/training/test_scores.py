"""Scores of every style are complete, playable and repeatable."""

from dataclasses import replace

import numpy as np
import pytest

from embeddings.training.harmony import parse_chord
from embeddings.training.midi import Note
from embeddings.training.parts import PARTS, Plan
from embeddings.training.scores import _draw_chords, swap_programs, write_score
from embeddings.training.styles import STYLES


def is_playable(note: Note) -> bool:
    return 0 <= note.key < 128 and 1 <= note.velocity < 128 and 0 <= note.program < 128 and note.length > 0


@pytest.mark.parametrize("name", STYLES)
def test_a_score_has_sound_from_its_grooves_or_parts(name: str) -> None:
    style = STYLES[name]
    assert style.grooves or style.drums or style.parts
    for seed in range(4):
        score = write_score(style, 40.0, np.random.default_rng(seed))
        assert style.tempo_bpm[0] <= score.tempo_bpm <= style.tempo_bpm[1]
        assert len(score.plan.chords) * 4 * 60 / score.tempo_bpm >= 40.0
        assert score.groove or score.parts
        assert score.melody
        assert all(is_playable(note) for note in [*score.parts, *score.melody])
        assert {note.program for note in score.melody} <= set(style.lead)
        assert score == write_score(style, 40.0, np.random.default_rng(seed))


@pytest.mark.parametrize("name", PARTS)
def test_a_part_follows_the_harmony(name: str) -> None:
    chords = [parse_chord(numeral, 2) for numeral in ("i", "bVII", "bVI", "V")] * 2
    plan = Plan(chords, [2, 4, 5, 7, 9, 10, 0], "straight", 29, 33, (40, 41, 42, 71))
    for seed in range(3):
        notes = PARTS[name](plan, np.random.default_rng(seed))
        other = PARTS[name](replace(plan, chords=[parse_chord("bII", 2)] * 8), np.random.default_rng(seed))
        assert notes
        assert all(is_playable(note) for note in notes)
        assert {note.key % 12 for note in notes} != {note.key % 12 for note in other}
        assert max(note.start for note in notes) < 32


def test_every_style_names_parts_that_exist() -> None:
    named = {part for style in STYLES.values() for part in style.parts}
    assert named == set(PARTS)


def test_programs_are_swapped_within_their_family_only() -> None:
    notes = [Note(float(program), 1.0, 60, 90, program) for program in range(128)]
    swapped = swap_programs([*notes, Note(0, 1, 36, 90, 0, is_drum=True)], 25, range(26, 32), np.random.default_rng(1))
    changed = [new.program != old.program for new, old in zip(swapped, notes, strict=False)]
    assert all(new.program // 8 == old.program // 8 for new, old in zip(swapped, notes, strict=False))
    assert 10 <= sum(changed) <= 45
    assert not any(changed[26:32])
    assert not any(changed[112:])
    assert swapped[-1].program == 25


@pytest.mark.parametrize(
    ("progression", "is_minor"),
    [("ii7 V7 IM7 vi7", False), ("IM7 IM7 iii7 iii7", False), ("I IV iv I", False), ("iih7 V7 i6 i6", True)],
)
def test_a_minor_tonic_is_told_from_other_minor_chords(progression: str, is_minor: bool) -> None:
    style = replace(STYLES["jazz"], progressions=(progression,))
    chords, found = _draw_chords(style, 0, 8, np.random.default_rng(0))
    assert found is is_minor
    assert len(chords) == 8
