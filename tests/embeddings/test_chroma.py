"""Which files are one recording, on encoded copies made here."""

import numpy as np
import pytest

from embeddings.chroma import chroma, group_recordings, likeness
from embeddings.decoding import decode_blocks
from embeddings.synthesis import CONTAINERS, synthesise, write_audio


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[np.ndarray], list[float]]:
    """Two pieces of one style, 25 s each, and five copies of the first: courses of harmony and durations."""
    folder = tmp_path_factory.mktemp("copies")
    rate_hz = 22_050
    piece, other = (synthesise("rock", seed, 25, rate_hz) for seed in (1, 2))
    made = [
        (piece, "wav", None),
        (other, "wav", None),
        (piece, "mp3", 64_000),
        (piece, "opus", 32_000),
        (piece, "aac-m4a", 64_000),
        (0.1 * piece, "mp3", 96_000),
        (piece[:, 2 * rate_hz :], "vorbis", None),
    ]
    courses, durations = [], []
    for number, (samples, container, bit_rate) in enumerate(made):
        path = folder / f"{number}{CONTAINERS[container].suffix}"
        write_audio(path, samples.astype(np.float32), rate_hz, container=container, bit_rate=bit_rate)
        wave = np.concatenate(list(decode_blocks(path, 16_000, max_seconds=60)))
        courses.append(chroma(wave))
        durations.append(len(wave) / 16_000)
    return courses, durations


def test_copies_are_one_recording_and_pieces_of_one_style_are_not(
    copies: tuple[list[np.ndarray], list[float]],
) -> None:
    courses, durations = copies
    assert group_recordings(courses, durations) == [0, 1, 0, 0, 0, 0, 0]
    assert likeness(courses[0], courses[1]) < 0.5
    assert min(likeness(courses[0], course) for course in courses[2:]) > 0.9


def test_recordings_need_both_sound_and_length_and_group_through_a_third(
    copies: tuple[list[np.ndarray], list[float]],
) -> None:
    course = copies[0][0]
    assert group_recordings([course, course], [100.0, 120.0]) == [0, 1]
    # the first and the second are too unlike in length, the third is near enough to both
    assert group_recordings([course, course, course], [100.0, 115.0, 107.0]) == [0, 0, 0]


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
def test_short_and_silent_sounds_have_a_course_too(seconds: float) -> None:
    silence = chroma(np.zeros(round(16_000 * seconds), np.float32))
    noise = chroma(np.random.default_rng(0).normal(size=round(16_000 * seconds)).astype(np.float32))
    assert np.isfinite(silence).all()
    assert group_recordings([silence, noise], [seconds, seconds]) == [0, 1]
