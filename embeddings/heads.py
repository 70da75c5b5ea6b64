"""Linear heads over unit-length vectors."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SMALLEST_LENGTH: Final = 1e-8

Head = NDArray[np.float32]


def apply_head(head: Head, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of ``vectors`` (n, d), turned by ``head`` (d, d) and brought to unit length.

    A row that the head turns into nothing stays what it was. Heads compose: applying one after the other is applying
    their product.
    """
    turned = vectors.astype(np.float64) @ head.T.astype(np.float64)
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    kept = np.where(lengths > SMALLEST_LENGTH, turned / np.maximum(lengths, SMALLEST_LENGTH), vectors)
    return np.asarray(kept, np.float32)
