"""What encoders are compared with."""

import numpy as np
import pytest

from embeddings.baselines import (
    Standardiser,
    chance_vectors,
    gaussian,
    gaussian_similarities,
    mean_and_deviation,
    mfcc_frames,
)
from embeddings.retrieval import measure_shape
from embeddings.synthesis import synthesise


def test_chance_knows_nothing_and_standardiser_gives_unit_rows() -> None:
    random = chance_vectors(200, 320)
    assert abs(measure_shape(random @ random.T, range(len(random))).mean_similarity) < 0.01
    rows = np.random.default_rng(0).normal(5, 3, (6, 80)).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(Standardiser(rows).apply(rows), axis=1), 1, atol=1e-6)


def test_rows_have_their_length() -> None:
    frames = mfcc_frames(np.random.default_rng(0).normal(size=(2, 16_000)).astype(np.float32))
    assert len(frames) == 40
    assert mean_and_deviation(frames).shape == (80,)
    assert gaussian(frames).shape == (420,)


def test_the_baseline_tells_two_timbres_apart() -> None:
    """Whatever is played: two pieces of each of two styles stand together."""
    waves = [synthesise(style, seed, 8, 16_000).mean(axis=0)[None] for style in ("flute", "rock") for seed in (1, 2)]
    rows = np.stack([mean_and_deviation(mfcc_frames(wave)) for wave in waves])
    vectors = Standardiser(rows).apply(rows)
    similarities = vectors @ vectors.T
    assert min(similarities[0, 1], similarities[2, 3]) > similarities[:2, 2:].max() + 0.5
    rows = np.stack([gaussian(mfcc_frames(wave)) for wave in waves])
    similarities = gaussian_similarities(rows, rows)
    assert min(similarities[0, 1], similarities[2, 3]) > similarities[:2, 2:].max()


def test_divergence_of_gaussians_is_the_formula() -> None:
    rng = np.random.default_rng(0)
    rows = np.stack([gaussian(rng.normal(size=(40, 40)) @ rng.normal(size=(40, 200))) for _ in range(3)])
    found = gaussian_similarities(rows[:2], rows)
    for i in range(2):
        for j in range(3):
            (a, first), (b, second) = ((row[:20], row[20:].reshape(20, 20)) for row in (rows[i], rows[j]))
            inverses = np.linalg.inv(first), np.linalg.inv(second)
            traces = np.trace(inverses[0] @ second) + np.trace(inverses[1] @ first) - 40
            assert found[i, j] == pytest.approx(-traces - (a - b) @ (inverses[0] + inverses[1]) @ (a - b), abs=1e-6)
    assert found[0, 0] == pytest.approx(0, abs=1e-6)
    assert found[0, 1] == pytest.approx(found[1, 0])
    assert found[0, 1] < -1


def test_a_gaussian_of_one_tone_is_no_division_by_zero() -> None:
    rows = np.stack([gaussian(np.full((40, 30), level, np.float32)) for level in (1, 2)])
    assert np.isfinite(gaussian_similarities(rows, rows)).all()
