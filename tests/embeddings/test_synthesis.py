import av
import numpy as np
import pytest

from embeddings.synthesis import CONTAINERS, list_styles, synthesise, write_audio

RATE_HZ = 22_050


def portrait(samples: np.ndarray) -> np.ndarray:
    """Mean, spread and movement of 24 log bands: a crude timbre, enough to tell styles apart."""
    mono = samples.mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, 1024)[::512] * np.hanning(1024)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    edges = np.geomspace(2, 512, 25).astype(int)
    bands = np.log10(np.add.reduceat(power, edges[:-1], axis=1) + 1e-4)
    return np.concatenate([bands.mean(0), bands.std(0), np.abs(np.diff(bands, axis=0)).mean(0) * 2])


@pytest.mark.parametrize("style", list_styles())
def test_shape_level_and_seed(style):
    one = synthesise(style, 1, 4.5, RATE_HZ)
    assert one.shape == (2, round(4.5 * RATE_HZ))
    assert one.dtype == np.float32
    assert np.abs(one).max() == pytest.approx(0.8)
    assert np.sqrt(np.square(one).mean()) > 0.05
    np.testing.assert_array_equal(one, synthesise(style, 1, 4.5, RATE_HZ))
    assert np.abs(one - synthesise(style, 2, 4.5, RATE_HZ)).max() > 0.1


def test_tracks_of_one_style_are_nearest_to_each_other():
    labels, portraits = [], []
    for style in list_styles():
        for seed in range(3):
            labels.append(style)
            portraits.append(portrait(synthesise(style, seed, 8, RATE_HZ)))
    table = np.stack(portraits)
    distances = np.linalg.norm(table[:, None] - table[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = [labels[at] for at in distances.argmin(axis=1)]
    assert nearest == labels


def test_unknown_style():
    with pytest.raises(ValueError, match="piano"):
        synthesise("polka", 1, 1)


def test_very_short_pieces():
    for style in list_styles():
        assert synthesise(style, 1, 0.01, 8000).shape == (2, 80)


@pytest.mark.parametrize("container", CONTAINERS)
def test_files_are_what_they_say_and_the_same_each_time(container, tmp_path):
    samples = synthesise("chiptune", 1, 1.0, 44_100)
    tags = {"title": "Ünïcode", "artist": "An artist", "album": "An album"}
    files = [write_audio(tmp_path / name, samples, 44_100, container=container, tags=tags) for name in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()
    with av.open(str(files[0])) as opened:
        stream = opened.streams.audio[0]
        assert stream.codec_context.channels == 2
        found = {key.lower(): value for key, value in (dict(opened.metadata) | dict(stream.metadata)).items()}
    untagged = {"w64", "mp2", "aac-adts", "ac3", "eac3"}
    if container not in untagged:
        assert {key: found.get(key) for key in tags} == tags


def test_bit_rate_is_obeyed(tmp_path):
    samples = synthesise("rock", 1, 4, 44_100)
    small, large = (
        write_audio(tmp_path / str(rate), samples, 44_100, container="mp3", bit_rate=rate).stat().st_size
        for rate in (64_000, 256_000)
    )
    assert large > 3 * small
