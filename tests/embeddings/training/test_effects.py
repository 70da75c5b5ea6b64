"""Each effect does what its name says, measured on sounds whose answer is known."""

from collections.abc import Callable

import numpy as np
import pytest

from embeddings.encoders.cnn_spec import RATE_HZ, WINDOW_SAMPLES
from embeddings.training.effects import (
    BIT_RATES,
    CODECS,
    SHORT_SAMPLES,
    Wave,
    compress,
    encode_lossily,
    repeat_short,
    resample_speed,
    stretch_tempo,
)

CLOCK = np.arange(2 * WINDOW_SAMPLES) / RATE_HZ


def sine(hertz: float) -> Wave:
    return (0.5 * np.sin(2 * np.pi * hertz * CLOCK)).astype(np.float32)


def clicks(per_second: float) -> Wave:
    """Short bursts of 1 kHz."""
    return (sine(1000) * ((CLOCK * per_second) % 1 < 0.05)).astype(np.float32)


def peak_hertz(wave: Wave) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.argmax(spectrum)) * RATE_HZ / len(wave)


def count_bursts(wave: Wave) -> int:
    frames = np.abs(wave[: len(wave) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.2
    return int(np.sum(frames[1:] & ~frames[:-1]))


@pytest.mark.parametrize("factor", [0.75, 0.9, 1.0, 1.2, 1.35])
def test_a_stretched_tone_keeps_its_pitch_and_level(factor: float) -> None:
    stretched = stretch_tempo(sine(440), factor, WINDOW_SAMPLES)
    assert stretched.shape == (WINDOW_SAMPLES,)
    assert peak_hertz(stretched) == pytest.approx(440, abs=0.5)
    assert float(np.std(stretched)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize("factor", [0.75, 1.35])
def test_stretching_changes_how_many_beats_fit(factor: float) -> None:
    envelope = np.abs(stretch_tempo(clicks(4), factor, WINDOW_SAMPLES))
    assert peak_hertz(envelope - envelope.mean()) == pytest.approx(4 * factor, abs=0.1)


def test_stretching_beyond_the_end_gives_silence_not_an_error() -> None:
    stretched = stretch_tempo(sine(440)[:8000], 1.0, 32_000)
    assert float(np.abs(stretched[:7000]).max()) > 0.4
    assert float(np.abs(stretched[12_000:]).max()) == 0.0


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_speed_moves_pitch_and_tempo_together(factor: float) -> None:
    assert peak_hertz(resample_speed(sine(440), factor, WINDOW_SAMPLES)) == pytest.approx(440 * factor, abs=0.5)
    bursts = count_bursts(resample_speed(clicks(4), factor, WINDOW_SAMPLES))
    assert bursts == pytest.approx(4 * factor * WINDOW_SAMPLES / RATE_HZ, abs=1)


def crest(wave: Wave) -> float:
    return float(np.abs(wave).max() / np.std(wave))


def test_compression_lowers_the_crest_factor_and_keeps_the_level() -> None:
    loud_and_soft = (sine(300) * np.where(CLOCK % 1 < 0.1, 1.0, 0.05)).astype(np.float32)
    before = loud_and_soft.copy()
    crests = [crest(compress(loud_and_soft, -30, ratio)) for ratio in (1, 2, 8)]
    assert crests[0] == pytest.approx(crest(loud_and_soft), rel=1e-3)
    assert crests[2] < crests[1] < crests[0]
    assert crests[2] < 0.8 * crests[0]
    assert float(np.std(compress(loud_and_soft, -30, 8))) == pytest.approx(float(np.std(loud_and_soft)), rel=1e-3)
    np.testing.assert_array_equal(loud_and_soft, before)


def test_compression_leaves_silence_silent() -> None:
    assert not compress(np.zeros(8000, np.float32), -20, 4).any()


def music() -> Wave:
    rng = np.random.default_rng(0)
    chord = sum(sine(hertz) for hertz in (220, 277, 330, 1320)) / 4
    decay = np.exp(-3 * (CLOCK * 2 % 1))
    return ((chord + 0.05 * rng.normal(size=CLOCK.size)) * decay)[:WINDOW_SAMPLES].astype(np.float32)


@pytest.mark.parametrize("codec", range(len(CODECS)), ids=[codec[0] for codec in CODECS])
def test_a_codec_gives_nearly_the_same_back_at_the_same_place(codec: int) -> None:
    wave = music()
    likeness = []
    for bit_rate in (min(BIT_RATES), max(BIT_RATES)):
        back = encode_lossily(wave, codec, bit_rate)
        assert back.shape == wave.shape
        likeness.append(float(np.corrcoef(wave, back)[0, 1]))
        assert not np.array_equal(wave, back)
    assert 0.9 < likeness[0] < likeness[1]


@pytest.mark.parametrize("scale", [0.01, 10.0])
def test_a_codec_keeps_the_level_of_quiet_and_of_too_loud_waves(scale: float) -> None:
    wave = (music() * scale).astype(np.float32)
    assert float(np.std(encode_lossily(wave, 0, 128_000))) == pytest.approx(float(np.std(wave)), rel=0.1)


def test_five_seconds_are_repeated() -> None:
    wave = np.arange(WINDOW_SAMPLES, dtype=np.float32)
    short = repeat_short(wave, 1000)
    assert short.shape == wave.shape
    np.testing.assert_array_equal(short[:SHORT_SAMPLES], wave[1000 : 1000 + SHORT_SAMPLES])
    np.testing.assert_array_equal(short[SHORT_SAMPLES : 2 * SHORT_SAMPLES], short[:SHORT_SAMPLES])


@pytest.mark.parametrize(
    "effect",
    [
        lambda wave: stretch_tempo(wave, 1.1, WINDOW_SAMPLES // 2),
        lambda wave: compress(wave, -20, 4),
        lambda wave: encode_lossily(wave, 0, 64_000),
    ],
    ids=["stretch", "compress", "codec"],
)
def test_effects_repeat_exactly(effect: Callable[[Wave], Wave]) -> None:
    np.testing.assert_array_equal(effect(music()), effect(music()))
