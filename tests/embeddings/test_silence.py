import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.silence import SilenceGate, deviation, is_silent

RATE_HZ = 1000


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE_HZ)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def sift(samples: np.ndarray, block: int = 700) -> tuple[np.ndarray, SilenceGate]:
    gate = SilenceGate(RATE_HZ)
    parts = [gate.sift(samples[at : at + block]) for at in range(0, samples.size, block)]
    return np.concatenate([*parts, gate.finish()]), gate


def test_sound_passes_whole() -> None:
    samples = sound(7.77)
    kept, gate = sift(samples)
    np.testing.assert_array_equal(kept, samples)
    assert gate.heard_samples == 7770
    assert [gate.position(at) for at in (0, 5000, 7769)] == [0, 5000, 7769]


def test_silence_at_the_beginning_goes_and_a_second_of_later_silence_stays() -> None:
    first, second = sound(3), sound(2, seed=1)
    kept, gate = sift(np.concatenate([silence(60), first, silence(30), second, silence(10)]))
    np.testing.assert_array_equal(kept, np.concatenate([first, silence(1), second, silence(1)]))
    assert gate.position(0) == 60_000
    assert gate.position(3999) == 63_999
    assert gate.position(4000) == 93_000
    assert gate.heard_samples == 105_000


def test_a_rest_within_the_music_stays() -> None:
    samples = np.concatenate([sound(2), silence(0.9), sound(2)])
    np.testing.assert_array_equal(sift(samples)[0], samples)


def test_of_nothing_but_silence_nothing_is_left() -> None:
    hiss = np.random.default_rng(1).normal(0, 1e-5, 20_000).astype(np.float32)
    for samples in (silence(20), hiss, hiss + np.float32(0.5), silence(0.05)):
        kept, gate = sift(samples)
        assert not kept.size
        assert gate.heard_samples == samples.size


@given(
    lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=8),
    blocks=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_what_is_left_is_where_it_is_said_to_be_in_any_blocks(lengths: list[int], blocks: tuple[int, int]) -> None:
    parts = [sound(n / RATE_HZ, seed=n) if i % 2 else silence(n / RATE_HZ) for i, n in enumerate(lengths)]
    samples = np.concatenate(parts)
    kept, gate = sift(samples, blocks[0])
    np.testing.assert_array_equal(kept, sift(samples, blocks[1])[0])
    places = [gate.position(at) for at in range(kept.size)]
    np.testing.assert_array_equal(samples[places], kept)
    assert (np.diff(places) > 0).all()
    assert gate.heard_samples == samples.size


@pytest.mark.parametrize(("level_dbfs", "expected"), [(-60, False), (-71, False), (-73, True), (-98, True)])
def test_silence_begins_below_72_db(level_dbfs: float, expected: bool) -> None:
    tone = np.sqrt(2) * 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * 50 * np.arange(RATE_HZ) / RATE_HZ)
    assert is_silent(deviation(tone.astype(np.float32))) is expected
