import numpy as np

from embeddings.heads import apply_head


def rows(count: int = 9) -> np.ndarray:
    made = np.random.default_rng(0).normal(size=(count, 6))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_the_identity_changes_nothing() -> None:
    np.testing.assert_allclose(apply_head(np.eye(6, dtype=np.float32), rows()), rows(), atol=1e-7)


def test_rows_are_turned_and_brought_to_unit_length() -> None:
    head = np.diag([2, 1, 1, 1, 1, 0]).astype(np.float32)
    found = apply_head(head, rows())
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(found[:, 5], 0)
    np.testing.assert_allclose(found[:, 0] / found[:, 1], 2 * rows()[:, 0] / rows()[:, 1], rtol=1e-4)


def test_heads_compose() -> None:
    first, second = (np.random.default_rng(seed).normal(size=(6, 6)).astype(np.float32) for seed in (1, 2))
    one_by_one = apply_head(second, apply_head(first, rows()))
    np.testing.assert_allclose(apply_head(second @ first, rows()), one_by_one, atol=1e-5)


def test_what_would_vanish_stays() -> None:
    head = np.zeros((6, 6), np.float32)
    np.testing.assert_array_equal(apply_head(head, rows()), rows())
    assert apply_head(head, rows()[:0]).shape == (0, 6)
