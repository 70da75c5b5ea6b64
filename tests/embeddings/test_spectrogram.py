import numpy as np

from embeddings.spectra import SpectrumStream
from embeddings.spectrogram import BANDS, MOST_COLUMNS, SpectrogramMeter

RATE_HZ, WINDOW, HOP = 16_000, 512, 160


def draw(samples: np.ndarray, block: int = 16_000) -> np.ndarray:
    stream, meter = SpectrumStream(WINDOW, HOP, batch=24), SpectrogramMeter(RATE_HZ, WINDOW)
    for at in range(0, samples.size, block):
        for magnitudes in stream.add(samples[at : at + block]):
            meter.add(magnitudes)
    for magnitudes in stream.finish():
        meter.add(magnitudes)
    return meter.finish()


def sine(hertz: float, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_high_notes_are_above_low_ones_and_later_ones_to_the_right():
    picture = draw(np.concatenate([sine(200, 10), sine(4000, 10)]))
    assert picture.dtype == np.uint8
    early, late = picture[:, : picture.shape[1] // 2 - 2], picture[:, picture.shape[1] // 2 + 2 :]
    assert (early.argmax(axis=0) > BANDS * 3 // 4).all()
    assert (late.argmax(axis=0) < BANDS // 2).all()
    assert picture.max() == 255


def test_the_picture_of_a_long_track_is_no_wider_than_that_of_a_short_one():
    widths = [draw(np.tile(sine(440, 1), seconds)).shape[1] for seconds in (10, 100, 400)]
    assert widths[0] < MOST_COLUMNS // 2
    assert all(MOST_COLUMNS // 2 <= width < MOST_COLUMNS for width in widths[1:])


def test_when_something_sounds_is_kept_however_long_the_track():
    quiet, loud = np.zeros(100 * RATE_HZ, np.float32), sine(1000, 50)
    picture = draw(np.concatenate([quiet, loud, quiet[: 50 * RATE_HZ]]))
    heard = np.flatnonzero(picture.any(axis=0)) / picture.shape[1]
    assert abs(heard.min() - 0.5) < 0.01
    assert abs(heard.max() - 0.75) < 0.01


def test_blocks_do_not_matter():
    sound = np.random.default_rng(1).uniform(-0.7, 0.7, 123_457).astype(np.float32)
    np.testing.assert_array_equal(draw(sound), draw(sound, 777))


def test_silence_and_nothing_at_all_are_dark():
    assert not draw(np.zeros(50_000, np.float32)).any()
    assert draw(np.zeros(0, np.float32)).shape == (BANDS, 0)
