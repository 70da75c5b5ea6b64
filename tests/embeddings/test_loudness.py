import numpy as np
import pyloudnorm
import pytest

from embeddings.loudness import LoudnessMeter, weigh_channels
from embeddings.synthesis import synthesise

STEREO = np.ones(2)


def measure(samples: np.ndarray, rate_hz: int, weights: np.ndarray | None = None, block: int = 44_100) -> float | None:
    """``samples`` (channels, n)."""
    meter = LoudnessMeter()
    meter.start(rate_hz, np.ones(len(samples)) if weights is None else weights)
    for at in range(0, samples.shape[1], block):
        meter.add(samples.T[at : at + block].astype(np.float32))
    return meter.finish()


def sine(rate_hz: int, *parts: tuple[float, float], hertz: float = 1000) -> np.ndarray:
    """A stereo sine at these levels for so many seconds each: (peak in dBFS, seconds)."""
    gains = np.concatenate([np.full(round(seconds * rate_hz), 10 ** (level / 20)) for level, seconds in parts])
    wave = gains * np.sin(2 * np.pi * hertz * np.arange(gains.size) / rate_hz)
    return np.stack([wave, wave])


# EBU Tech 3341, table 1: the cases that a meter of integrated loudness has to pass, within 0.1 LU.
EBU_CASES = {
    "1": (((-23.0, 20),), -23.0),
    "2": (((-33.0, 20),), -33.0),
    "3": (((-36.0, 10), (-23.0, 60), (-36.0, 10)), -23.0),
    "4": (((-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)), -23.0),
    "5": (((-26.0, 20), (-20.0, 20.1), (-26.0, 20)), -23.0),
}


@pytest.mark.parametrize("case", EBU_CASES)
def test_the_cases_of_the_ebu(case):
    parts, expected = EBU_CASES[case]
    assert measure(sine(48_000, *parts), 48_000) == pytest.approx(expected, abs=0.1)


def test_case_6_of_the_ebu_surround_counts_more_and_the_subwoofer_nothing():
    names = ["FL", "FR", "FC", "LFE", "SL", "SR"]
    levels = [-28.0, -28.0, -24.0, 0.0, -30.0, -30.0]
    channels = np.stack([sine(48_000, (level, 20))[0] for level in levels])
    assert measure(channels, 48_000, weigh_channels(names, 6)) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_a_full_scale_sine_in_one_channel_is_3_01_below_whatever_the_rate(rate_hz):
    assert measure(sine(rate_hz, (0.0, 3), hertz=997)[:1], rate_hz) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("style", ["rock", "piano"])
def test_it_agrees_with_pyloudnorm(style, rate_hz):
    """Their filter is that of the standard for 48 kHz under the name of De Man, else one 0.03 LU beside it."""
    music = synthesise(style, 2, 4, rate_hz)
    music = np.concatenate([music, 0.01 * music[:, : 2 * rate_hz]], axis=1)
    for channels in (music, music[:1]):
        for name, tolerance in (("DeMan", 0.01), ("K-weighting", 0.1)):
            expected = pyloudnorm.Meter(rate_hz, name).integrated_loudness(channels.T.astype(np.float64))
            assert measure(channels, rate_hz) == pytest.approx(expected, abs=tolerance)


def test_blocks_do_not_matter():
    music = synthesise("techno", 1, 5)
    whole = measure(music, 44_100, block=1_000_000)
    assert [measure(music, 44_100, block=block) for block in (1_000, 30_011)] == pytest.approx([whole] * 2, abs=1e-4)


def test_where_nothing_is_loud_enough_there_is_no_loudness():
    assert measure(np.zeros((2, 100_000)), 44_100) is None
    assert measure(sine(44_100, (-72.0, 5)), 44_100) is None
    assert measure(sine(44_100, (-10.0, 0.3)), 44_100) is None
    assert measure(np.zeros((1, 0)), 44_100) is None
    assert measure(np.ones((1, 100_000)), 44_100, np.zeros(1)) is None


def test_the_rate_and_the_channels_may_change_midway():
    meter = LoudnessMeter()
    for rate_hz, channels in ((44_100, 2), (22_050, 1), (8_000, 6), (192_000, 2)):
        meter.start(rate_hz, np.full(channels, 2 / channels))
        for _ in range(5):
            meter.add(np.tile(sine(rate_hz, (-23.0, 1))[:1].T, (1, channels)).astype(np.float32))
    assert meter.finish() == pytest.approx(-23, abs=0.1)


def test_numbers_that_vanish_stay_numbers():
    fading = sine(44_100, (-6.0, 1), (-700.0, 5))
    assert measure(fading, 44_100) == pytest.approx(measure(sine(44_100, (-6.0, 1)), 44_100), abs=1.5)


def test_weights_of_layouts():
    def weigh(names: str) -> list[float]:
        return weigh_channels(names.split(), len(names.split())).tolist()

    assert weigh("FL FR") == [1, 1]
    assert weigh("FL FR FC LFE BL BR") == [1, 1, 1, 0, 1.41, 1.41]
    assert weigh("FL FR FC LFE BL BR SL SR") == [1, 1, 1, 0, 1, 1, 1.41, 1.41]
    assert weigh_channels([], 3).tolist() == [1, 1, 1]
