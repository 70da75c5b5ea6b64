import numpy as np
import pytest

from embeddings.character import BrightnessMeter, measure_energy
from embeddings.rhythm import Rhythm


def brightness(*frames: tuple[float, float]) -> float:
    """Of frames of (magnitude, hertz)."""
    meter = BrightnessMeter()
    for magnitude, hertz in frames:
        meter.add(np.float32([magnitude]), np.float32([magnitude * hertz]))
    return meter.finish()


def test_brightness_grows_with_the_octaves():
    assert [brightness((1, hertz)) for hertz in (100, 300, 4000, 8000)] == pytest.approx([0, 0, 1, 1])
    middle = brightness((1, np.sqrt(300 * 4000)))
    assert middle == pytest.approx(0.5)
    assert brightness((1, 500)) < middle < brightness((1, 2000))


def test_what_is_loud_counts_for_more_and_silence_for_nothing():
    assert brightness((1, 4000), (0.1, 300)) == pytest.approx(1 / 1.1, abs=1e-3)
    assert brightness((1, 4000), (1e-6, 300)) == pytest.approx(1)
    assert brightness() == brightness((0, 0)) == 0


def energy(loudness: float | None = -14.0, onsets: float = 3.0, rise: float = 0.2) -> float:
    return measure_energy(loudness, Rhythm(120.0, 1.0, onsets, rise))


def test_energy_grows_with_each_of_its_parts():
    assert energy(-40, 0, 0) == 0
    assert energy(-5, 10, 0.4) == 1
    assert energy(-20) < energy(-14) < energy(-9)
    assert energy(onsets=1) < energy(onsets=3) < energy(onsets=7)
    assert energy(rise=0.1) < energy(rise=0.2) < energy(rise=0.29)
    assert energy(None) == 0
