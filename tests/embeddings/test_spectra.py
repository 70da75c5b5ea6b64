import numpy as np
import pytest

from embeddings.spectra import SpectrumStream


def transform(samples: np.ndarray, block: int, *, window: int = 512, hop: int = 160) -> np.ndarray:
    stream = SpectrumStream(window, hop, batch=7)
    parts = [part for at in range(0, samples.size, block) for part in stream.add(samples[at : at + block])]
    return np.concatenate([np.zeros((0, window // 2 + 1), np.float32), *parts, *stream.finish()])


def test_a_sine_of_full_scale_has_magnitude_one_in_its_bin():
    wave = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    spectra = transform(wave, 16_000)
    assert spectra.dtype == np.float32
    assert spectra.shape == ((16_000 - 512) // 160 + 1, 257)
    assert (spectra.argmax(axis=1) == 32).all()
    assert spectra[:, 32] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("block", [1, 99, 5000])
def test_blocks_do_not_matter_to_the_last_bit(block):
    wave = np.random.default_rng(1).normal(0, 0.1, 9_000).astype(np.float32)
    np.testing.assert_array_equal(transform(wave, block), transform(wave, 9_000))


def test_less_than_a_window_gives_nothing():
    assert not transform(np.ones(511, np.float32), 100).size
    assert len(transform(np.ones(512, np.float32), 100)) == 1
