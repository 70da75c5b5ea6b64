"""Chords are what their numerals say, melodies stay in their scale."""

import numpy as np
import pytest

from embeddings.training.harmony import QUALITIES, RHYTHMS, SCALES, Chord, draw_melody, parse_chord
from embeddings.training.styles import STYLES


@pytest.mark.parametrize(
    ("numeral", "tonic", "name"),
    [("I", 0, "C"), ("ii7", 0, "Dm7"), ("bVII", 2, "C"), ("iih7", 9, "Bm7b5"), ("V7", 9, "E7"), ("bVI5", 4, "C5"),
     ("vi", 7, "Em"), ("IVM9", 11, "EM9"), ("iv6", 0, "Fm6"), ("Isus2", 1, "Dbsus2"), ("III7", 0, "E7")],
)  # fmt: skip
def test_numerals_name_chords(numeral: str, tonic: int, name: str) -> None:
    assert parse_chord(numeral, tonic).name == name


@pytest.mark.parametrize(("numeral", "words"), [("H", "not a chord"), ("I13", "unknown quality"), ("", "not a chord")])
def test_unknown_numerals_are_refused(numeral: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_chord(numeral, 0)


@pytest.mark.parametrize("quality", QUALITIES)
def test_voicings_hold_the_tones_of_the_chord(quality: str) -> None:
    for root in range(12):
        chord = Chord(root, quality)
        tones = {(root + interval) % 12 for interval in QUALITIES[quality]}
        assert {key % 12 for key in chord.keys(48)} == tones
        assert 48 <= chord.keys(48)[0] < 60
        assert {key % 12 for key in chord.near(64)} == tones
        assert all(58 <= key < 70 for key in chord.near(64))


@pytest.mark.parametrize("feel", RHYTHMS)
def test_a_melody_keeps_to_scale_chords_and_range(feel: str) -> None:
    chords = [parse_chord(numeral, 0) for numeral in ("I", "V7", "vi", "IV", "bVII", "I", "iv", "V")] * 4
    scale = list(SCALES["major"])
    notes = draw_melody(chords, scale, feel, (73, 70), np.random.default_rng(2))
    assert len(notes) > 10
    for note in notes:
        chord = chords[int(note.start // 4)]
        assert (note.key - chord.root) % 12 in [
            step % 12 for step in QUALITIES[chord.quality]
        ] or note.key % 12 in scale
        assert 58 <= note.key <= 82
        assert note.start % 4 + note.length <= 4.0 + 1e-9
        assert note.program == 73
    assert len({note.key for note in notes}) >= 4
    assert notes == draw_melody(chords, scale, feel, (73, 70), np.random.default_rng(2))
    assert notes != draw_melody(chords, scale, feel, (73, 70), np.random.default_rng(3))


def test_every_style_speaks_the_language_of_harmony() -> None:
    for style in STYLES.values():
        assert style.scale in SCALES
        assert style.feel in RHYTHMS
        for progression in style.progressions:
            assert all(parse_chord(numeral, 5).name for numeral in progression.split())
