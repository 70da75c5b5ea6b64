import gc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.errors import SilentError, TooShortError
from embeddings.segments import Segments, SegmentSpec, _Window, collect_segments

SPEC = SegmentSpec(window_seconds=3.0, hop_seconds=1.5, max_segments=8, rate_hz=1000)


def tone(seconds: float, gain: float = 0.5) -> np.ndarray:
    return (gain * np.sin(0.3 * np.arange(round(seconds * 1000)))).astype(np.float32)


def cut(samples: np.ndarray, spec: SegmentSpec = SPEC, block: int = 1000) -> Segments:
    return collect_segments((samples[at : at + block] for at in range(0, samples.size, block)), spec)


def test_windows_start_every_hop_and_hold_what_was_there():
    samples = np.random.default_rng(1).normal(0, 0.1, 9000).astype(np.float32)
    segments = cut(samples)
    np.testing.assert_allclose(segments.starts_seconds, [0, 1.5, 3, 4.5, 6])
    assert segments.waveforms.shape == (5, 3000)
    assert segments.waveforms.dtype == segments.starts_seconds.dtype == np.float32
    for start, waveform in zip(segments.starts_seconds, segments.waveforms, strict=True):
        at = round(float(start) * 1000)
        np.testing.assert_array_equal(waveform, samples[at : at + 3000])
    assert segments.duration_seconds == 9


def test_the_end_gets_a_window_of_its_own():
    samples = tone(10.2)
    segments = cut(samples)
    assert segments.starts_seconds[-1] == pytest.approx(7.2)
    np.testing.assert_array_equal(segments.waveforms[-1], samples[-3000:])


@given(
    samples=st.integers(500, 60_000),
    blocks=st.lists(st.integers(1, 9000), min_size=1, max_size=5),
    window=st.integers(20, 4000),  # of a single sample nothing sounds
    hop=st.integers(1, 4000),
    count=st.integers(1, 9),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_length_in_any_blocks(samples, blocks, window, hop, count):
    spec = SegmentSpec(window / 1000, hop / 1000, count, 1000)
    sound = np.random.default_rng(samples).normal(0, 0.1, samples).astype(np.float32)
    segments = cut(sound, spec)
    again = cut(sound, spec, block=blocks[0])

    np.testing.assert_array_equal(segments.waveforms, again.waveforms)
    assert segments.duration_seconds == samples / 1000
    assert 1 <= len(segments.starts_seconds) <= count
    assert segments.waveforms.shape[1] == window
    assert (np.diff(segments.starts_seconds) > 0).all()
    for start, waveform in zip(segments.starts_seconds, segments.waveforms, strict=True):
        at = round(float(start) * 1000)
        assert at >= 0
        if samples >= window:
            np.testing.assert_array_equal(waveform, sound[at : at + window])


@pytest.mark.parametrize("minutes", [1, 7, 60])
def test_long_tracks_are_covered_evenly(minutes):
    seconds = minutes * 60
    block = tone(10)
    segments = collect_segments((block for _ in range(seconds // 10)), SPEC)
    starts = segments.starts_seconds
    assert len(starts) == SPEC.max_segments
    assert starts[0] < 0.2 * seconds
    assert starts[-1] > 0.7 * seconds
    gaps = np.diff(starts)
    assert gaps.max() < 3 * gaps.min()


def test_memory_is_bounded_whatever_the_length():
    held = []

    def blocks():
        for _ in range(2000):
            yield tone(1)
            held.append(len(collector_windows()))

    def collector_windows():
        return [thing for thing in gc.get_objects() if type(thing) is _Window] if len(held) % 400 == 0 else []

    collect_segments(blocks(), SPEC)
    assert 0 < max(held) <= 2 * SPEC.max_segments


def test_short_tracks_are_repeated_to_fill_a_window():
    samples = tone(1.1)
    segments = cut(samples)
    assert segments.duration_seconds == pytest.approx(1.1)
    np.testing.assert_array_equal(segments.waveforms[0], np.resize(samples, 3000))
    np.testing.assert_array_equal(segments.starts_seconds, [0])


def test_half_a_second_is_enough_and_less_is_not():
    assert len(cut(tone(0.5)).waveforms) == 1
    for seconds in (0.499, 0.01, 0.001, 0):
        with pytest.raises(TooShortError):
            cut(tone(seconds))


def test_one_second_of_music_after_a_minute_of_silence():
    samples = np.concatenate([np.zeros(59_000, np.float32), tone(1)])
    segments = cut(samples)
    assert len(segments.starts_seconds) == 1
    assert segments.starts_seconds[0] >= 55.5
    assert segments.duration_seconds == 60


def test_a_gap_leaves_the_windows_where_the_music_is():
    first, second = tone(8), tone(8)
    samples = np.concatenate([np.zeros(7000, np.float32), first, np.zeros(60_000, np.float32), second])
    segments = cut(samples, replace(SPEC, max_segments=20))
    np.testing.assert_allclose(segments.starts_seconds, [7, 8.5, 10, 11.5, 13, 14.5, 75, 76.5, 78, 79.5, 80])
    assert segments.duration_seconds == 83
    assert all(np.std(waveform) > 0.25 for waveform in segments.waveforms)


def test_ten_hours_of_silence_do_not_hide_one_minute_of_music():
    silence, sound = np.zeros(600_000, np.float32), tone(60)
    segments = collect_segments([silence] * 30 + [sound] + [silence] * 30, SPEC)
    assert len(segments.starts_seconds) == SPEC.max_segments
    assert segments.starts_seconds.min() >= 18_000 - 3
    assert segments.starts_seconds.max() <= 18_060


def test_pauses_are_left_out():
    hiss = np.random.default_rng(1).normal(0, 0.001, 20_000).astype(np.float32)  # 51 dB below the music
    segments = cut(np.concatenate([tone(10), hiss, tone(10)]))
    assert not [start for start in segments.starts_seconds if 10 <= start <= 27]


def test_quiet_music_is_music():
    assert len(cut(tone(12, gain=0.001)).starts_seconds) == 7


def test_silence_is_an_error_once_all_is_heard():
    heard = []

    def blocks():
        for _ in range(60):
            heard.append(1)
            yield np.full(1000, 1e-5, np.float32)

    with pytest.raises(SilentError):
        collect_segments(blocks(), SPEC)
    assert len(heard) == 60


@pytest.mark.parametrize("place", [0.0, 10.0, 29.9])
def test_a_click_in_silence_is_no_music(place):
    recording = np.zeros(30_000, np.float32)
    recording[round(place * 1000) : round(place * 1000) + 3] = 0.9
    with pytest.raises(SilentError, match="but for a click"):
        collect_segments([recording], SPEC)


def test_a_constant_offset_with_or_without_hiss_is_silence():
    hiss = np.random.default_rng(1).normal(0, 1e-5, 60_000).astype(np.float32)
    for samples in (np.full(60_000, 0.5, np.float32), 0.5 + hiss):
        with pytest.raises(SilentError):
            cut(samples)


def test_an_offset_does_not_make_a_pause_of_music_or_music_of_a_pause():
    hiss = np.random.default_rng(1).normal(0, 0.001, 20_000).astype(np.float32)
    samples = np.concatenate([tone(10), hiss, tone(10)])
    np.testing.assert_array_equal(cut(samples + np.float32(0.3)).starts_seconds, cut(samples).starts_seconds)


def test_a_clipped_square_is_not_silence():
    assert np.isfinite(cut(np.sign(tone(60))).waveforms).all()


@pytest.mark.parametrize("values", [(0, 1, 8, 1000), (1, 0, 8, 1000), (1, 1, 0, 1000), (1, 1, 8, 0)])
def test_a_spec_must_make_sense(values):
    with pytest.raises(ValueError, match="positive"):
        SegmentSpec(*values)
