"""Cosines that are not ruled by what all tracks of a catalog have in common.

Vectors of one catalog lie along a few directions that most of its music shares, and hubs in the middle of those.
Whitening scales every direction by how much the catalog varies in it (Mahalanobis 1936). Done in full it would forget
what the encoder has learnt to be of weight; so it is done by halves only. The second moments stand in for the
covariance: what all music has in common is a direction as well.
"""

from typing import Final

import numpy as np

from recommender.similarity.nearness.ranks import count_outsiders
from recommender.similarity.vectors import Vector

# Equal variance in all directions, added to what is counted, in units of its mean: at 0 directions that hold nothing
# but chance count as much as any. Chosen together with the weights of `nearness` (docs/quality.md).
_RIDGE: Final = 24.0


def find_whitening(vectors: Vector) -> Vector:
    """What unit vectors like ``vectors`` (m, d), m >= 0, are multiplied with: (d, d).

    The world outside, which stands beside small samples, varies alike in all directions.
    """
    known, dimension = vectors.shape
    outsiders = count_outsiders(known)
    moments = vectors.T.astype(np.float64) @ vectors / (known + outsiders)
    moments += (_RIDGE + outsiders / (known + outsiders)) / dimension * np.eye(dimension)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(moments)).T, np.float32)


def whiten(vectors: Vector, whitening: Vector) -> Vector:
    """``vectors`` (n, d) whitened, of unit length again: (n, d)."""
    found = vectors @ whitening
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)
