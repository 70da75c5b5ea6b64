from math import gcd

import numpy as np
import pytest
from scipy.signal import resample_poly

from embeddings.resampling import ResampledStream


def resample(wave: np.ndarray, source_hz: int, target_hz: int, sizes: list[int]) -> np.ndarray:
    stream, parts, at = ResampledStream(source_hz, target_hz), [], 0
    for size in sizes * (wave.size // sum(sizes) + 1):
        parts.append(stream.add(wave[at : at + size]))
        at += size
    return np.concatenate([*parts, stream.finish()])


@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(48_000, 16_000), (24_000, 16_000), (44_100, 16_000), (8_000, 16_000)]
)
def test_it_is_what_scipy_makes_of_the_whole_wave(source_hz, target_hz):
    wave = np.random.default_rng(1).normal(0, 0.2, 2 * source_hz + 77).astype(np.float32)
    divisor = gcd(source_hz, target_hz)
    expected = resample_poly(wave, target_hz // divisor, source_hz // divisor)
    for sizes in ([wave.size], [1, 5000, 3, 777]):
        found = resample(wave, source_hz, target_hz, sizes)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_nothing_gives_nothing():
    stream = ResampledStream(48_000, 16_000)
    assert not stream.add(np.zeros(0, np.float32)).size
    assert not stream.finish().size
