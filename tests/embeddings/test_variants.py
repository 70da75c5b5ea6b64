"""Altered copies: each does what it says and nothing else."""

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from embeddings.decoding import decode_blocks
from embeddings.synthesis import synthesise, write_audio
from embeddings.variants import (
    LEFT,
    MONO,
    MP3,
    VARIANTS,
    WAVE_VARIANTS,
    add_pink_noise,
    attenuate,
    middle_seconds,
    narrow,
    read_channels,
    shift,
    write_copies,
)

RATE_HZ = 16_000
TIMES = np.arange(6 * RATE_HZ + 7) / RATE_HZ


def tone(pitch_hz: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * pitch_hz * TIMES)).astype(np.float32)


def test_wave_variants_are_finite_float32_and_repeatable() -> None:
    wave = synthesise("rock", 1, 6, RATE_HZ).mean(axis=0)
    for name, alter in WAVE_VARIANTS.items():
        altered = alter(wave, RATE_HZ)
        assert altered.dtype == np.float32, name
        assert np.isfinite(altered).all(), name
        np.testing.assert_array_equal(altered, alter(wave, RATE_HZ))
    assert set(WAVE_VARIANTS) | {MP3, MONO, LEFT} == set(VARIANTS)


def test_shift_and_level() -> None:
    wave = tone(440)
    np.testing.assert_array_equal(shift(wave, RATE_HZ), wave[19_200:])
    assert 20 * np.log10(np.std(attenuate(wave, RATE_HZ)) / np.std(wave)) == pytest.approx(-12, abs=0.01)


def test_noise_is_pink_and_ten_decibels_below() -> None:
    wave = tone(440)
    noise = add_pink_noise(wave, RATE_HZ) - wave
    assert 20 * np.log10(np.std(noise) / np.std(wave)) == pytest.approx(-10, abs=0.01)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE_HZ)
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].sum() for low in (125, 500, 2000)]
    assert max(octaves) < 1.2 * min(octaves)  # the same power in each octave


def test_narrow_takes_the_top_only() -> None:
    low, high = tone(1000), tone(6000)
    assert np.std(narrow(low + high, RATE_HZ) - low) < 0.01 * np.std(low)


@pytest.mark.parametrize(("seconds", "start", "kept"), [(20.0, 7.5, 5.0), (3.0, 0.0, 3.0)])
def test_the_middle_of_long_and_short(seconds: float, start: float, kept: float) -> None:
    wave = np.arange(round(seconds * RATE_HZ), dtype=np.float32)
    found = middle_seconds(wave, RATE_HZ)
    assert found[0] == start * RATE_HZ
    assert len(found) == kept * RATE_HZ


@pytest.fixture(scope="module")
def two_voices() -> np.ndarray:
    """Something else left and right."""
    return np.stack([synthesise("rock", 1, 8, 44_100)[0], synthesise("flute", 1, 8, 44_100)[1]])


def decode(path: Path) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, 44_100, max_seconds=60)))


def test_copies_of_a_stereo_file(two_voices: np.ndarray, tmp_path: Path) -> None:
    path = write_audio(tmp_path / "song.flac", two_voices, 44_100, container="flac")
    with write_copies(path) as copies:
        assert set(copies) == {MP3, MONO, LEFT}
        mono, left, mp3 = (decode(copies[name]) for name in (MONO, LEFT, MP3))
        with av.open(str(copies[MP3])) as container:
            stream = container.streams.audio[0]
            assert (stream.codec_context.codec.name, stream.codec_context.layout.name) == ("mp3float", "stereo")
        bit_rate = 8 * copies[MP3].stat().st_size / 8.0
    np.testing.assert_allclose(mono, two_voices.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(left, two_voices[0], atol=1e-3)
    assert bit_rate == pytest.approx(64_000, rel=0.05)
    count = min(len(mp3), two_voices.shape[1])
    correlation = np.corrcoef(mp3[:count], two_voices.mean(axis=0)[:count])[0, 1]
    assert 0.9 < correlation < 0.99999  # the same music, and something was lost
    assert not any(copy.exists() for copy in copies.values())


def test_a_mono_file_has_no_left_channel(two_voices: np.ndarray, tmp_path: Path) -> None:
    path = write_audio(tmp_path / "song.wav", two_voices[:1], 44_100)
    with write_copies(path) as copies:
        assert set(copies) == {MP3, MONO}
        np.testing.assert_allclose(decode(copies[MONO]), two_voices[0], atol=1e-3)


@pytest.mark.parametrize(
    ("channels", "rate_hz", "kept_hz"), [(1, 48_000, 48_000), (2, 96_000, 44_100), (6, 8_000, 8_000)]
)
def test_channels_are_read_at_a_rate_that_mp3_knows(channels: int, rate_hz: int, kept_hz: int, tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, (channels, rate_hz)).astype(np.float32)
    found, found_hz = read_channels(write_audio(tmp_path / "a.wav", samples, rate_hz))
    assert found_hz == kept_hz
    assert found.shape[0] == min(channels, 2)
    assert found.shape[1] == pytest.approx(kept_hz, rel=0.01)


@pytest.mark.parametrize(
    ("first", "second"),
    [((2, 44_100), (1, 44_100)), ((1, 44_100), (2, 44_100)), ((2, 48_000), (2, 24_000))],
)
def test_a_file_that_changes_midway_is_read_to_its_end(
    first: tuple[int, int], second: tuple[int, int], tmp_path: Path
) -> None:
    """Its second half has another number of channels or another rate; all comes back in the shape of the first."""
    halves = [
        write_audio(tmp_path / name, synthesise("rock", 1, 4, rate_hz)[:channels], rate_hz, container="aac-adts")
        for name, (channels, rate_hz) in (("first", first), ("second", second))
    ]
    (tmp_path / "both").write_bytes(b"".join(path.read_bytes() for path in halves))
    samples, rate_hz = read_channels(tmp_path / "both")
    assert (len(samples), rate_hz) == first
    assert samples.shape[1] / rate_hz == pytest.approx(8, abs=0.2)
    assert np.abs(samples[:, -rate_hz:]).max() > 0.05


def test_a_file_without_a_sample_is_a_value_error(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 16_000)
    with pytest.raises(ValueError, match="at least one array"):
        read_channels(tmp_path / "a.wav")


def test_what_is_no_audio_is_an_error_of_libav(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(av.error.FFmpegError), write_copies(tmp_path / "a.mp3"):
        pass
