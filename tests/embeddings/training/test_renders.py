"""Pieces rendered by the real programs; without them only what is said about it is tested."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.errors import EmbeddingError
from embeddings.training import instruments
from embeddings.training.effects import Wave
from embeddings.training.instruments import (
    STUDIO_RATE_HZ,
    MissingInstrumentError,
    check_instruments,
    fit,
    play_groove,
    play_notes,
    say,
)
from embeddings.training.material import rms
from embeddings.training.midi import Note
from embeddings.training.renders import render_pieces
from embeddings.training.styles import STYLES
from embeddings.training.voices import sing, speak


def is_installed() -> bool:
    try:
        check_instruments()
    except MissingInstrumentError:
        return False
    return True


needs_instruments = pytest.mark.skipif(
    not is_installed(), reason="needs the Debian packages fluidsynth fluid-soundfont-gm mma espeak-ng"
)


def test_what_is_missing_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(instruments, "SOUND_FONTS", (tmp_path / "none.sf2",))
    with pytest.raises(MissingInstrumentError, match="apt-get install mma fluidsynth espeak-ng fluid-soundfont-gm"):
        render_pieces(tmp_path / "cache", count=1, seed=0)
    assert list((tmp_path / "cache").iterdir()) == []
    with pytest.raises(MissingInstrumentError, match="apt-get install mma"):
        play_groove("Groove Swing\n1 C\n")


def test_fit_cuts_and_fills() -> None:
    np.testing.assert_array_equal(fit(np.ones(4, np.float32), 2), [1, 1])
    np.testing.assert_array_equal(fit(np.ones(2, np.float32), 4), [1, 1, 0, 0])


def peak_hertz(wave: Wave) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.argmax(spectrum)) * STUDIO_RATE_HZ / len(wave)


@needs_instruments
def test_notes_sound_at_their_pitch_and_time() -> None:
    wave = play_notes([Note(2.0, 4.0, 69, 100, 73)], 120.0, 4.0)
    assert wave.shape == (4 * STUDIO_RATE_HZ,)
    assert rms(wave[: STUDIO_RATE_HZ * 9 // 10]) < 1e-4
    assert rms(wave[STUDIO_RATE_HZ * 11 // 10 : 2 * STUDIO_RATE_HZ]) > 1e-3
    tone = wave[STUDIO_RATE_HZ * 3 // 2 : STUDIO_RATE_HZ * 5 // 2]
    assert min(abs(peak_hertz(tone) / harmonic - 440) for harmonic in (1, 2, 3)) < 5


@needs_instruments
def test_grooves_follow_their_chords_and_bad_ones_are_reported() -> None:
    source = "RndSeed 3\nTempo 120\nGroove JazzCombo\n1 Cm7\n2 Cm7\n"
    notes = play_groove(source)
    assert any(note.is_drum for note in notes)
    assert {0, 3, 7} & {note.key % 12 for note in notes if not note.is_drum}
    assert 4 < max(note.start for note in notes) < 8
    assert notes == play_groove(source)
    with pytest.raises(EmbeddingError, match=r"(?s)mma failed.*NOSUCHGROOVE"):
        play_groove("Groove NoSuchGroove\n1 C\n")


@needs_instruments
def test_a_voice_sings_the_melody() -> None:
    notes = [Note(0.0, 3.0, 69, 90, 0), Note(4.0, 3.0, 74, 90, 0)]
    sung = sing([notes], 120.0, 4.0, "sing", np.random.default_rng(0))
    assert sung.shape == (4 * STUDIO_RATE_HZ,)
    pitches = []
    for start in (0.5, 2.5):
        part = sung[int(start * STUDIO_RATE_HZ) : int((start + 0.8) * STUDIO_RATE_HZ)]
        likeness = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * len(part))) ** 2)
        lags = np.arange(STUDIO_RATE_HZ // 600, STUDIO_RATE_HZ // 90)
        pitches.append(12 * np.log2(STUDIO_RATE_HZ / lags[np.argmax(likeness[lags])] / 440))
    # A fourth up, in whatever octave the singer has.
    assert (pitches[1] - pitches[0]) % 12 == pytest.approx(5, abs=1)
    assert pitches[0] % 12 == pytest.approx(0, abs=1) or pitches[0] % 12 == pytest.approx(12, abs=1)
    silence = sung[round(1.6 * STUDIO_RATE_HZ) : round(1.9 * STUDIO_RATE_HZ)]
    assert rms(silence) < 0.1 * rms(sung)
    assert rms(speak("rap", 90.0, 12.0, np.random.default_rng(1))) > 0.01
    assert rms(say("hello", "en-us+f2", 150, 60)) > 0.01


@needs_instruments
def test_pieces_are_kept_repeatable_and_heard(tmp_path: Path) -> None:
    pieces = render_pieces(tmp_path / "one", count=2, seed=5)
    again = render_pieces(tmp_path / "two", count=1, seed=5)
    other = render_pieces(tmp_path / "two", count=1, seed=6)
    assert [piece.name for piece in pieces] == [
        f"render/{style}/{number}" for number, style in enumerate(list(STYLES)[:2])
    ]
    for piece in pieces:
        assert piece.samples.dtype == np.int16
        assert piece.samples.shape == (40 * 16_000,)
        assert 0.02 < rms(piece.samples.astype(np.float32) / 32767) < 0.7
    np.testing.assert_array_equal(pieces[0].samples, again[0].samples)
    assert not np.array_equal(pieces[0].samples, other[0].samples)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()}
    render_pieces(tmp_path / "one", count=2, seed=5)
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "one").iterdir()}
    assert len(kept) == 2
