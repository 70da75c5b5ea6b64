import numpy as np
import pytest

from embeddings.fingerprint import HEARD_SECONDS, SECONDS_PER_VALUE, FingerprintMeter, compute_fingerprint
from embeddings.synthesis import synthesise

RATE_HZ = 16_000
# What libchromaprint (through `ffmpeg -f chromaprint -fp_format raw`) says of ten seconds of `synthesise("rock", 3)`.
REFERENCE = np.frombuffer(
    bytes.fromhex(
        """
        795d315e 795d317a 795d37ea 78dd36ea f89f1efa f89b0eca f89b36ca d89926ca d89836da 989826fa 98b866fa 98f8567b
        99e8d6fb 9968f7fb 9f69f7b9 9f69d7b9 df6bf598 d669fd98 d668fdb8 d669dcb8 d66bdcb8 522a74b8 522b70b8 522bf098
        522ae0d8 132ae0c8 112ae458 316b7d5d 106b4d7d 116d4d7d 156d173d 15ff333d 15fb333c 1cff331c 1cfd371c 1cfd163c
        1cfd1e3c 18bd3e3c 18bd3e1c 18952e1d 0894661d 48c4e73d 49c4d73d 59c5977d 5b45957f 5bc7b55f 5ac7b55f 1a47b55f
        3a44b47f 3a45b47f 3a07b47e 3a07b47e 3a07b47e 3a06b4fe 2a0694de 2b0694fe 2906c4fe 294ec5fe 294f41de
        """
    ),
    ">u4",
)


def play(style: str, seed: int, seconds: float) -> np.ndarray:
    return synthesise(style, seed, seconds, RATE_HZ).mean(axis=0).astype(np.float32)


def listen(wave: np.ndarray, block_samples: int = RATE_HZ) -> np.ndarray:
    meter = FingerprintMeter()
    for start in range(0, wave.size, block_samples):
        meter.add(wave[start : start + block_samples])
    return meter.finish()


def test_it_is_what_chromaprint_says():
    wave = np.round(play("rock", 3, 10) * 32767) / np.float32(32768)  # the reference was given 16 bits
    found = listen(wave)
    assert found.dtype == np.uint32
    assert found.shape == REFERENCE.shape
    equal = 1 - np.bitwise_count(found ^ REFERENCE).sum() / (32 * REFERENCE.size)
    assert equal >= 0.995


@pytest.mark.parametrize("block_samples", [999, 50_000])
def test_the_size_of_the_blocks_does_not_matter(block_samples):
    wave = play("piano", 1, 6)
    assert np.array_equal(listen(wave, block_samples), compute_fingerprint(wave))


def test_two_minutes_are_heard_and_no_more():
    wave = np.tile(play("chiptune", 1, 5), 26)
    heard = round(HEARD_SECONDS * RATE_HZ)
    found = listen(wave)
    assert np.array_equal(found, compute_fingerprint(wave[:heard]))
    assert found.size * SECONDS_PER_VALUE == pytest.approx(HEARD_SECONDS, abs=3)


@pytest.mark.parametrize(("seconds", "is_empty"), [(0, True), (0.1, True), (2.5, True), (3, False)])
def test_less_than_three_seconds_have_none(seconds, is_empty):
    found = listen(play("techno", 1, 3)[: round(seconds * RATE_HZ)])
    assert (found.size == 0) is is_empty


def test_the_level_does_not_matter():
    wave = play("piano", 2, 8)
    loud, quiet = compute_fingerprint(wave), compute_fingerprint(wave * np.float32(0.1))
    assert np.bitwise_count(loud ^ quiet).mean() < 0.01 * 32


def test_silence_says_the_same_all_the_time():
    assert np.unique(compute_fingerprint(np.zeros(5 * RATE_HZ, np.float32))).size == 1
