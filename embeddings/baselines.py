"""What any encoder must beat: MFCC statistics, the Gaussian of MFCC, and chance."""

from typing import Final

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.mel import log_mel
from embeddings.mel_spec import MelScale, MelSpec

MFCC_FRONT_END: Final = MelSpec(n_fft=1024, hop_length=512, n_mels=64, f_max=8000.0, scale=MelScale.SLANEY)
COEFFICIENTS: Final = 20
BATCH: Final = 16
# In squared decibels: a tone that never changes has no variance of its own.
SMALLEST_VARIANCE: Final = 1e-3


def mfcc_frames(waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
    """20 MFCC and their differences (40, frames) over all windows (n, samples) at 16 kHz."""
    frames = []
    for start in range(0, len(waveforms), BATCH):
        mel = log_mel(torch.from_numpy(np.ascontiguousarray(waveforms[start : start + BATCH])), MFCC_FRONT_END).numpy()
        mfcc = librosa.feature.mfcc(S=mel, n_mfcc=COEFFICIENTS)
        delta = np.diff(mfcc, axis=-1, append=mfcc[..., -1:])
        frames.append(np.concatenate([mfcc, delta], axis=1).transpose(1, 0, 2).reshape(2 * COEFFICIENTS, -1))
    return np.concatenate(frames, axis=1).astype(np.float32)


def mean_and_deviation(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each row of (40, frames): (80,).

    The classic timbre baseline (Logan and Salomon, 2001; Tzanetakis and Cook, 2002).
    """
    return np.concatenate([frames.mean(axis=1), frames.std(axis=1)]).astype(np.float32)


def gaussian(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean and full covariance of the 20 MFCC among (40, frames), side by side: (20 + 400,).

    The timbre of a track as one Gaussian (Mandel and Ellis, "Song-level features and support vector machines", 2005).
    """
    mfcc = frames[:COEFFICIENTS].astype(np.float64)
    covariance = np.cov(mfcc) + SMALLEST_VARIANCE * np.eye(COEFFICIENTS)
    return np.concatenate([mfcc.mean(axis=1), covariance.ravel()])


def gaussian_similarities(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """Minus the symmetric Kullback-Leibler divergence between Gaussians (m, 420) and (n, 420): (m, n).

    For means a, b and covariances A, B, twice the usual half sum, less its constant: tr(A^-1 B) + tr(B^-1 A) +
    (a - b)'(A^-1 + B^-1)(a - b). Each trace and square is a dot product, so that all pairs are two matrix products.
    """
    mine, theirs = _expand(first), _expand(second)
    return -(mine[0] @ theirs[1].T + mine[1] @ theirs[0].T - 2 * COEFFICIENTS)


def _expand(rows: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two matrices (n, 441) whose dot products are tr(A^-1 B) + (a - b)'A^-1(a - b)."""
    means = np.asarray(rows[:, :COEFFICIENTS], np.float64)
    covariances = np.asarray(rows[:, COEFFICIENTS:], np.float64).reshape(-1, COEFFICIENTS, COEFFICIENTS)
    inverses = np.linalg.inv(covariances)
    pulled = np.einsum("nij,nj->ni", inverses, means)
    squares = np.einsum("ni,ni->n", means, pulled)[:, None]
    spread = covariances + means[:, :, None] * means[:, None, :]
    ones = np.ones((len(rows), 1))
    left = np.concatenate([inverses.reshape(len(rows), -1), -2 * pulled, squares], axis=1)
    right = np.concatenate([spread.reshape(len(rows), -1), means, ones], axis=1)
    return left, right


class Standardiser:
    """Zero mean and unit deviation over a collection, then unit length: what makes MFCC statistics comparable."""

    def __init__(self, statistics: NDArray[np.float32]) -> None:
        self._mean = statistics.mean(axis=0)
        self._deviation = np.maximum(statistics.std(axis=0), 1e-6)

    def apply(self, statistics: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (n, d) to unit-length rows (n, d)."""
        standard = (statistics - self._mean) / self._deviation
        lengths = np.maximum(np.linalg.norm(standard, axis=1, keepdims=True), 1e-9)
        return np.asarray(standard / lengths, np.float32)


def chance_vectors(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """Random directions (count, dimension): what knowing nothing scores."""
    vectors = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
