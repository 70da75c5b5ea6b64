"""Who takes part, and what each keeps of what it hears."""

import numpy as np
import pytest

from embeddings.contestants import EncoderContestant, Measured, MfccContestant, to_unit_length
from tests.embeddings.brightness import ThoroughEncoder


def noise(seed: int, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (count, 16_000)).astype(np.float32)


def test_an_encoder_keeps_whole_tracks_and_parts_apart() -> None:
    contestant = EncoderContestant(ThoroughEncoder(), sizes=(1,), with_tags=True)
    contestant.hear(None, noise(0))
    contestant.hear("some part", noise(1))
    contestant.hear(None, noise(2))
    whole, prefix = contestant.systems
    for system in (whole, prefix):
        assert len(system.tracks) == 2
        assert {part: len(rows) for part, rows in system.others.items()} == {"some part": 1}
        np.testing.assert_allclose(np.linalg.norm(system.tracks, axis=1), 1, atol=1e-6)
    assert whole.tag_names == ("dark", "bright")
    assert np.stack(whole.tags).shape == (2, 2)  # of whole tracks only
    assert prefix.tags == []


def test_similarities_of_parts_are_to_whole_tracks() -> None:
    system = Measured("x", 2, 0)
    for row in ([1, 0], [0, 1], [0.6, 0.8]):
        system.add(None, np.array(row, np.float32))
    system.add("part", np.array([0, 1], np.float32))
    np.testing.assert_allclose(system.similarities("part"), [[0, 1, 0.8]], atol=1e-6)
    np.testing.assert_allclose(np.diag(system.similarities()), 1, atol=1e-6)


def test_statistics_of_parts_are_standardised_like_those_of_tracks() -> None:
    contestant = MfccContestant()
    for seed in range(4):
        contestant.hear(None, (seed + 1) * noise(seed))
        contestant.hear("again", (seed + 1) * noise(seed))
    contestant.finish()
    statistics, gaussian = contestant.systems
    for system in (statistics, gaussian):
        np.testing.assert_allclose(np.stack(system.others["again"]), np.stack(system.tracks), atol=1e-5)
        assert system.similarities("again").argmax(axis=1).tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(np.diag(statistics.similarities()), 1, atol=1e-5)
    assert statistics.similarities()[0, 3] < 0  # loudest and quietest lie on two sides of the mean
    assert gaussian.similarities()[0, 3] < -1


def test_rows_without_length_stay_finite() -> None:
    rows = to_unit_length(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], atol=1e-6)


@pytest.mark.parametrize("sizes", [(), (2,), (320,)])
def test_sizes_that_are_no_prefix_are_left_out(sizes: tuple[int, ...]) -> None:
    assert len(EncoderContestant(ThoroughEncoder(), sizes=sizes).systems) == 1


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        EncoderContestant(ThoroughEncoder(), sizes=(64, 0))
