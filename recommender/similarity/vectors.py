"""Vectors as SQL keeps them: little-endian float32, unit length."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from recommender.similarity.errors import InvalidVectorError

Vector = npt.NDArray[np.float32]
TrackIds = npt.NDArray[np.int64]

# float32 rounding over a few hundred terms stays far below this.
UNIT_TOLERANCE = 1e-3


def check_vectors(vectors: Vector, dimension: int) -> Vector:
    """`vectors`, shape (n, dimension), if every row is finite and of unit length.

    The index itself accepts NaN and zero rows and then never finds them, so they must not get that far.
    Raises InvalidVectorError.
    """
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise InvalidVectorError(f"expected rows of {dimension} values, not an array of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise InvalidVectorError("a vector holds NaN or infinity")
    lengths = np.linalg.norm(vectors, axis=1)
    if (np.abs(lengths - 1) > UNIT_TOLERANCE).any():
        raise InvalidVectorError("a vector is not of unit length")
    return vectors


def to_bytes(vector: Vector) -> bytes:
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def from_bytes(stored: bytes | memoryview) -> Vector:
    return np.frombuffer(bytes(stored), dtype="<f4").astype(np.float32)


def stack_vectors(stored: Iterable[tuple[int, bytes | memoryview]], dimension: int) -> tuple[TrackIds, Vector]:
    """Track ids (n,) and vectors (n, dimension), n >= 0. What was damaged in SQL is left out."""
    whole = [(track_id, bytes(vector)) for track_id, vector in stored if len(vector) == 4 * dimension]
    ids = np.array([track_id for track_id, _ in whole], np.int64)
    vectors = np.frombuffer(b"".join(vector for _, vector in whole), dtype="<f4").astype(np.float32)
    vectors = vectors.reshape(-1, dimension)
    # False for NaN as well.
    is_sound = np.abs(np.linalg.norm(vectors, axis=1) - 1) <= UNIT_TOLERANCE
    return ids[is_sound], vectors[is_sound]
