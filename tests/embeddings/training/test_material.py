"""Windows of music and what becomes of them."""

import numpy as np
import pytest

from embeddings.encoders.cnn_spec import RATE_HZ, WINDOW_SAMPLES
from embeddings.training.effects import SHORT_SAMPLES
from embeddings.training.material import (
    DEGRADATIONS,
    Piece,
    Wave,
    colour,
    cut_window,
    degrade,
    draw_speeds,
    mix_windows,
    rms,
)


def tone(hertz: float, seconds: float = 20.0) -> Piece:
    clock = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return Piece("tone", (12_000 * np.sin(2 * np.pi * hertz * clock)).astype(np.int16))


def tone_wave(hertz: float) -> Wave:
    return cut_window(tone(hertz), np.random.default_rng(0))


def peak_hertz(wave: Wave) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(wave * np.hanning(len(wave)))))) * RATE_HZ / len(wave)


@pytest.mark.parametrize(
    ("speed", "stretch", "hertz"),
    [(1.0, 1.0, 440), (1.25, 1.0, 550), (1.25, 0.8, 550), (0.8, 1.25, 352), (1.0, 1.3, 440)],
)
@pytest.mark.parametrize("seconds", [20.0, 4.0], ids=["long", "shorter than a window"])
def test_pitch_follows_speed_alone(speed: float, stretch: float, hertz: float, seconds: float) -> None:
    window = cut_window(tone(440, seconds), np.random.default_rng(1), speed, stretch=stretch)
    assert window.shape == (WINDOW_SAMPLES,)
    assert peak_hertz(window) == pytest.approx(hertz, abs=1.0)
    assert rms(window) > 0.2


def test_drawn_speeds_have_every_kind() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_speeds(rng) for _ in range(300)]
    kinds = {(speed != 1, stretch != 1, abs(speed * stretch - 1) < 1e-9) for speed, stretch in drawn}
    assert kinds == {(False, False, True), (True, False, False), (True, True, True), (False, True, False)}
    assert all(0.75 < speed < 1.33 and 0.75 < stretch < 1.33 for speed, stretch in drawn)


def power_at(wave: Wave, hertz: float) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    place = round(hertz * len(wave) / RATE_HZ)
    return float(spectrum[place - 3 : place + 4].sum())


def test_a_mix_holds_all_of_its_windows_within_8_db() -> None:
    hertz = (220.0, 440.0, 880.0)
    for seed in range(5):
        mixed = mix_windows([tone_wave(value) for value in hertz], np.random.default_rng(seed))
        powers_db = [10 * np.log10(power_at(mixed, value)) for value in hertz]
        assert max(abs(power - powers_db[0]) for power in powers_db) < 8.1
        assert rms(mixed) == pytest.approx(0.1, rel=1e-3)
    pair = mix_windows([tone_wave(220), tone_wave(440)], np.random.default_rng(7))
    np.testing.assert_array_equal(pair, mix_windows([tone_wave(220), tone_wave(440)], np.random.default_rng(7)))


def noisy_music() -> Wave:
    rng = np.random.default_rng(5)
    beat = np.exp(-6 * (np.arange(WINDOW_SAMPLES) / RATE_HZ * 2 % 1))
    return np.asarray(0.2 * rng.normal(size=WINDOW_SAMPLES) * beat + 0.3 * tone_wave(300), np.float32)


@pytest.mark.parametrize("kind", DEGRADATIONS)
def test_a_degraded_copy_is_repeatable_changed_and_finite(kind: str) -> None:
    wave = noisy_music()
    before = wave.copy()
    copies = [degrade(wave, np.random.default_rng(seed), kind) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(copies[0], copies[1])
    assert not np.array_equal(copies[0], copies[2])
    assert not np.allclose(copies[0] / rms(copies[0]), wave / rms(wave), atol=1e-3)
    assert copies[0].shape == wave.shape
    assert copies[0].dtype == np.float32
    assert np.isfinite(copies[0]).all()
    np.testing.assert_array_equal(wave, before)


def test_noise_is_5_to_30_db_below_the_music() -> None:
    wave = noisy_music()
    clean = wave / rms(wave) * 0.1
    ratios_db = [
        20 * np.log10(0.1 / rms(degrade(wave, np.random.default_rng(seed), "noise") - clean)) for seed in range(20)
    ]
    assert 4.9 < min(ratios_db) < 15 < max(ratios_db) < 30.1


def test_a_limited_band_loses_its_top_but_not_its_middle() -> None:
    wave = noisy_music()
    for seed in range(5):
        changed = degrade(wave, np.random.default_rng(seed), "band")
        _, high_hz = (rng := np.random.default_rng(seed)).uniform(0, 150), rng.uniform(3500, 8000)
        gains_db = [
            10 * np.log10(power_at(changed, hertz) / power_at(wave, hertz)) - 20 * np.log10(0.1 / rms(wave))
            for hertz in (1000, 3000)
        ]
        assert gains_db == pytest.approx([0, 0], abs=0.1)
        lost_db = 10 * np.log10(power_at(changed, high_hz + 100) / power_at(wave, high_hz + 100))
        assert lost_db - 20 * np.log10(0.1 / rms(wave)) == pytest.approx(-30.5, abs=1)


def test_clipping_flattens_the_peaks() -> None:
    for seed in range(5):
        assert degrade(noisy_music(), np.random.default_rng(seed), "clipping").max() <= 0.6


def test_a_short_recording_is_heard_twice() -> None:
    short = degrade(noisy_music(), np.random.default_rng(3), "short")
    np.testing.assert_array_equal(short[:SHORT_SAMPLES], short[SHORT_SAMPLES : 2 * SHORT_SAMPLES])


def test_every_degradation_is_drawn_and_an_unknown_one_is_refused() -> None:
    wave = noisy_music()
    rng = np.random.default_rng(0)
    drawn = [degrade(wave, rng) for _ in range(60)]
    repeated = [bool(np.array_equal(copy[:SHORT_SAMPLES], copy[SHORT_SAMPLES : 2 * SHORT_SAMPLES])) for copy in drawn]
    clipped = [int(np.sum(np.abs(copy) == np.abs(copy).max())) > 10 for copy in drawn]
    assert 5 <= sum(repeated) <= 20
    assert 2 <= sum(clipped) <= 12
    assert sum(DEGRADATIONS.values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="no degradation; known are: noise"):
        degrade(wave, np.random.default_rng(0), "hiss")


def test_colours_differ_and_repeat() -> None:
    wave = noisy_music()

    def paint() -> list[Wave]:
        rng = np.random.default_rng(4)
        return [colour(wave, rng) for _ in range(8)]

    first, again = paint(), paint()
    np.testing.assert_array_equal(first, again)
    assert np.isfinite(first).all()
    assert len({copy.tobytes() for copy in first}) >= 5
