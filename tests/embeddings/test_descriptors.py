import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.descriptors import BAR_COUNT, FLOOR_DBFS, DescriptorMeter, Descriptors


def measure(samples: np.ndarray, block: int = 16_000) -> Descriptors:
    meter = DescriptorMeter()
    for at in range(0, samples.size, block):
        meter.add(samples[at : at + block])
    return meter.finish(-14.0)


def test_levels_of_a_sine():
    sine = (0.5 * np.sin(0.1 * np.arange(160_000))).astype(np.float32)
    found = measure(sine)
    assert found.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert found.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert found.waveform_peaks.shape == (BAR_COUNT,)
    assert found.waveform_peaks.dtype == np.uint8
    assert found.waveform_peaks.min() > 240


@pytest.mark.parametrize("seconds", [1, 30, 200, 600])
def test_bars_follow_the_music(seconds):
    samples = np.linspace(0, 0.9, seconds * 16_000, dtype=np.float32)
    found = measure(samples)
    expected = np.linspace(0, 255, BAR_COUNT)
    assert np.abs(found.waveform_peaks - expected).max() < 3
    assert found.waveform_peaks.max() == 255


def test_the_second_half_is_the_second_half():
    samples = np.zeros(16_000 * 61, np.float32)
    samples[samples.size // 2 :] = 0.3
    bars = measure(samples).waveform_peaks
    assert not bars[:499].any()
    assert (bars[501:] == 255).all()


@given(samples=st.integers(1, 400_000), block=st.integers(50, 30_000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_blocks_do_not_matter(samples, block):
    sound = np.random.default_rng(samples).uniform(-0.7, 0.7, samples).astype(np.float32)
    whole, parts = measure(sound, samples), measure(sound, block)
    np.testing.assert_array_equal(whole.waveform_peaks, parts.waveform_peaks)
    assert whole.rms_dbfs == pytest.approx(parts.rms_dbfs)
    assert (whole.tempo_bpm, whole.key, whole.brightness) == (parts.tempo_bpm, parts.key, parts.brightness)
    assert whole.peak_dbfs == parts.peak_dbfs == pytest.approx(20 * np.log10(np.abs(sound).max()), abs=1e-3)


def test_silence_and_nothing_at_all():
    for samples in (np.zeros(50_000, np.float32), np.zeros(0, np.float32)):
        found = measure(samples)
        assert not found.waveform_peaks.any()
        assert found.rms_dbfs == found.peak_dbfs == FLOOR_DBFS
        assert (found.tempo_bpm, found.key, found.tempo_confidence, found.key_confidence) == (None, None, 0, 0)
        assert found.brightness == 0


def test_memory_does_not_grow():
    meter = DescriptorMeter()
    block = np.ones(16_000, np.float32)
    for _ in range(600):
        meter.add(block)
    assert meter._levels._bins.size <= 16 * BAR_COUNT
    assert (meter.finish(None).waveform_peaks == 255).all()


def test_loudness_is_passed_on_and_makes_energy():
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, 50_000).astype(np.float32)
    found = {}
    for loudness in (None, -30.0, -10.0):
        meter = DescriptorMeter()
        meter.add(sound)
        found[loudness] = meter.finish(loudness)
        assert found[loudness].loudness_lufs == loudness
    assert 0 == found[None].energy < found[-30.0].energy < found[-10.0].energy <= 1


def test_hiss_is_brighter_than_a_drone():
    clock = np.arange(80_000) / 16_000
    drone = measure(np.sin(2 * np.pi * 110 * clock).astype(np.float32))
    hiss = measure(np.random.default_rng(1).normal(0, 0.1, 80_000).astype(np.float32))
    assert drone.brightness < 0.1
    assert hiss.brightness > 0.9
