"""From the vectors of a track's segments to the vector of the track."""

import numpy as np
from numpy.typing import NDArray

SMALLEST_LENGTH = 1e-8


def pool(segment_embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit-length segment embeddings (n, dimension), n >= 1, to one unit-length vector (dimension,).

    The mean direction. Where segments cancel each other exactly, the first one stands for all. Raises ValueError for
    no segments, a wrong shape or values that are not finite.
    """
    if segment_embeddings.ndim != 2 or not segment_embeddings.size:
        raise ValueError(f"segment embeddings must be (n >= 1, dimension), not {segment_embeddings.shape}")
    if not np.isfinite(segment_embeddings).all():
        raise ValueError("segment embeddings must be finite")
    mean = segment_embeddings.astype(np.float64).mean(axis=0)
    if np.linalg.norm(mean) < SMALLEST_LENGTH:
        mean = segment_embeddings[0].astype(np.float64)
    length = np.linalg.norm(mean)
    if length < SMALLEST_LENGTH:
        raise ValueError("segment embeddings have no length")
    return np.asarray(mean / length, np.float32)
