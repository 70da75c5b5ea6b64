import numpy as np
import pytest

from embeddings.pooling import pool


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_is_the_mean_direction() -> None:
    rows = unit(np.random.default_rng(0).normal(size=(7, 16)))
    pooled = pool(rows)
    mean = rows.mean(axis=0)
    assert pooled.dtype == np.float32
    np.testing.assert_allclose(pooled, mean / np.linalg.norm(mean), atol=1e-6)


def test_one_segment_is_itself() -> None:
    row = unit(np.random.default_rng(1).normal(size=(1, 8)))
    np.testing.assert_allclose(pool(row), row[0], atol=1e-6)


def test_order_does_not_matter() -> None:
    rows = unit(np.random.default_rng(2).normal(size=(5, 8)))
    np.testing.assert_allclose(pool(rows), pool(rows[::-1]), atol=1e-6)


def test_opposite_segments_still_give_a_direction() -> None:
    pooled = pool(np.array([[1, 0], [-1, 0]], np.float32))
    np.testing.assert_array_equal(pooled, [1, 0])


@pytest.mark.parametrize(
    "rows", [np.zeros((0, 4)), np.zeros(4), np.zeros((2, 4)), np.full((1, 4), np.nan), np.full((1, 4), np.inf)]
)
def test_refuses_what_has_no_direction(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="segment embeddings"):
        pool(rows.astype(np.float32))
