"""Tempo against music whose tempo is known, and against sound that has none."""

import numpy as np
import pytest

from embeddings.descriptors import DescriptorMeter, Descriptors
from embeddings.rhythm import FRAMES_PER_SECOND, Rhythm, RhythmMeter
from embeddings.synthesis import list_styles, synthesise

RATE_HZ = 16_000
RNG_SEED = 5


def measure(wave: np.ndarray) -> Descriptors:
    meter = DescriptorMeter()
    meter.add(wave.astype(np.float32))
    return meter.finish(-14.0)


def clicks(bpm: float, seconds: float = 20, late: float = 0.0) -> np.ndarray:
    """A struck sound on each beat, each up to ``late`` of a beat behind its time."""
    rng = np.random.default_rng(RNG_SEED)
    wave = np.zeros(round(seconds * RATE_HZ))
    hit = rng.normal(0, 0.3, 1600) * np.exp(-np.arange(1600) / 300)
    for beat in np.arange(0, seconds - 0.5, 60 / bpm):
        at = round((beat + late * rng.random() * 60 / bpm) * RATE_HZ)
        wave[at : at + hit.size] += hit
    return wave


@pytest.mark.parametrize("bpm", [62, 81.5, 100, 128, 150])
def test_the_tempo_of_a_beat_up_to_its_octave(bpm):
    found = measure(clicks(bpm))
    assert found.tempo_bpm is not None
    assert min(abs(found.tempo_bpm / (factor * bpm) - 1) for factor in (0.5, 1, 2)) < 0.005
    assert found.tempo_confidence > 0.7


def known_tempos() -> list[tuple[str, int, float]]:
    """Style, seed and tempo of synthesised pieces: their first draws are the key note, the progression, the tempo."""
    found = []
    for style, span in (("rock", (125, 155)), ("techno", (122, 132)), ("chiptune", (140, 165))):
        for seed in range(1, 3 if style == "rock" else 2):
            rng = np.random.default_rng([list_styles().index(style), seed])
            rng.integers(12), rng.integers(4)
            found.append((style, seed, float(rng.uniform(*span))))
    return found


@pytest.mark.parametrize(("style", "seed", "bpm"), known_tempos())
def test_the_tempo_of_music_up_to_its_octave(style, seed, bpm):
    found = measure(synthesise(style, seed, 16, RATE_HZ).mean(axis=0))
    assert found.tempo_bpm is not None
    assert min(abs(found.tempo_bpm / (factor * bpm) - 1) for factor in (0.5, 1, 2)) < 0.01
    assert found.tempo_confidence > 0.3


def bursts(rng: np.random.Generator) -> np.ndarray:
    """Syllables of any length at any time, as in speech."""
    wave, at = np.zeros(30 * RATE_HZ), 0.0
    while at < 29.5:
        size = round(rng.uniform(0.05, 0.25) * RATE_HZ)
        start = round(at * RATE_HZ)
        wave[start : start + size] += rng.normal(0, rng.uniform(0.05, 0.3), size) * np.hanning(size)
        at += rng.uniform(0.08, 0.5)
    return wave


def held_chord(_: np.random.Generator) -> np.ndarray:
    clock = np.arange(30 * RATE_HZ) / RATE_HZ
    return 0.1 * np.sum([np.sin(2 * np.pi * hertz * clock) for hertz in (220, 220.7, 277.2, 329.6)], axis=0)


WITHOUT_PULSE = {
    "noise": lambda rng: rng.normal(0, 0.1, 30 * RATE_HZ),
    "hiss": lambda rng: rng.normal(0, 0.001, 30 * RATE_HZ),
    "rumble": lambda rng: np.cumsum(rng.normal(0, 1e-3, 30 * RATE_HZ)),
    "held chord": held_chord,
    "syllables": bursts,
    "silence": lambda _: np.zeros(30 * RATE_HZ),
}


@pytest.mark.parametrize("kind", WITHOUT_PULSE)
def test_what_has_no_pulse_has_no_tempo(kind):
    found = measure(WITHOUT_PULSE[kind](np.random.default_rng(RNG_SEED)))
    assert (found.tempo_bpm, found.tempo_confidence) == (None, 0)


def test_a_loose_beat_is_less_certain():
    tight, loose, looser = (measure(clicks(110, 30, late=late)).tempo_confidence for late in (0, 0.15, 0.4))
    assert tight > loose > looser


def test_less_than_three_seconds_have_no_tempo():
    assert measure(clicks(120, 2.9)).tempo_bpm is None
    assert measure(clicks(120, 6)).tempo_bpm == pytest.approx(120, abs=2)


def test_onsets_are_counted():
    beats = np.full((30 * FRAMES_PER_SECOND, 4), 0.1, np.float32)
    beats[::50] = 3.0
    meter = RhythmMeter()
    for part in np.array_split(beats, 7):
        meter.add(part)
    found = meter.finish()
    assert found.onsets_per_second == pytest.approx(2, abs=0.1)
    assert found.tempo_bpm == pytest.approx(120, abs=0.5)


def test_nothing_has_no_rhythm():
    assert RhythmMeter().finish() == Rhythm(None, 0.0, 0.0, 0.0)


def test_memory_does_not_grow():
    meter = RhythmMeter()
    part = np.random.default_rng(1).normal(1, 0.1, (10_000, 2)).astype(np.float32)
    for _ in range(20):
        meter.add(part)
    assert meter._strengths.size < 20 * FRAMES_PER_SECOND
