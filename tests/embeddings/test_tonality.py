"""Keys of cadences and of pieces whose key note is known, and of sound that has none."""

import numpy as np
import pytest

from embeddings.descriptors import DescriptorMeter, Descriptors
from embeddings.synthesis import list_styles, synthesise

RATE_HZ = 16_000
MINOR = 12
MAJOR_CADENCE = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))
MINOR_CADENCE = ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7))


def measure(wave: np.ndarray) -> Descriptors:
    meter = DescriptorMeter()
    meter.add(wave.astype(np.float32))
    return meter.finish(-14.0)


def play(chords: tuple[tuple[int, ...], ...], tonic: int, *, a4_hz: float = 440.0, seconds: float = 2.0) -> np.ndarray:
    """Chords of semitones above ``tonic`` (0 is C), plucked strings with overtones, over a bass note each."""
    clock = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    parts = []
    for chord in chords:
        hertz = [
            a4_hz * 2 ** ((tonic + note - 9 + shift) / 12)
            for note, shift in [(chord[0], -24), *((n, 0) for n in chord)]
        ]
        tones = [np.sin(2 * np.pi * k * tone * clock) / k**1.5 for tone in hertz for k in range(1, 6)]
        parts.append(0.05 * np.sum(tones, axis=0) * np.exp(-clock))
    return np.concatenate(parts)


@pytest.mark.parametrize("tonic", range(12))
def test_every_key_is_found(tonic):
    major, minor = (measure(play(cadence, tonic)) for cadence in (MAJOR_CADENCE, MINOR_CADENCE))
    assert (major.key, minor.key) == (tonic, tonic + MINOR)
    assert min(major.key_confidence, minor.key_confidence) > 0.3


@pytest.mark.parametrize("a4_hz", [415.0, 430.0, 446.0, 451.0])
def test_the_tuning_is_taken_out(a4_hz):
    """Nearly half a semitone either way; at 415 all is a semitone lower."""
    expected = 4 if a4_hz == 415 else 5
    assert measure(play(MAJOR_CADENCE, 5, a4_hz=a4_hz)).key == expected


@pytest.mark.parametrize(("style", "mode"), [("piano", 0), ("ambient", 0), ("techno", MINOR)])
def test_the_key_of_music(style, mode):
    seed = 1
    root = int(np.random.default_rng([list_styles().index(style), seed]).integers(12))
    assert measure(synthesise(style, seed, 24, RATE_HZ).mean(axis=0)).key == root + mode


def test_what_has_no_pitch_has_no_key():
    rng = np.random.default_rng(1)
    hits = rng.normal(0, 0.3, (40, RATE_HZ // 2)) * np.exp(-np.arange(RATE_HZ // 2) / 800)
    for wave in (np.zeros(10 * RATE_HZ), rng.normal(0, 0.1, 30 * RATE_HZ), hits.ravel(), np.zeros(10)):
        found = measure(wave)
        assert found.key is None
        assert found.key_confidence == 0


def test_a_drone_says_less_than_a_cadence():
    drone = measure(play(((0, 7, 12),) * 4, 2))
    assert drone.key_confidence < 0.75 * measure(play(MAJOR_CADENCE, 2)).key_confidence


def test_the_level_hardly_matters():
    wave = play(MINOR_CADENCE, 9)
    assert {measure(gain * wave).key for gain in (0.02, 0.2, 2.0)} == {9 + MINOR}
