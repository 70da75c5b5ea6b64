"""What any encoder must beat: MFCC statistics, and chance."""

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


def mfcc_statistics(waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean and deviation over all windows (n, samples) at 16 kHz of 20 MFCC and their differences: (80,).

    The classic timbre baseline (Logan and Salomon, 2001; Tzanetakis and Cook, 2002).
    """
    frames = []
    for start in range(0, len(waveforms), BATCH):
        mel = log_mel(torch.from_numpy(np.ascontiguousarray(waveforms[start : start + BATCH])), MFCC_FRONT_END).numpy()
        mfcc = librosa.feature.mfcc(S=mel, n_mfcc=COEFFICIENTS)
        delta = np.diff(mfcc, axis=-1, append=mfcc[..., -1:])
        frames.append(np.concatenate([mfcc, delta], axis=1).transpose(1, 0, 2).reshape(2 * COEFFICIENTS, -1))
    joined = np.concatenate(frames, axis=1)
    return np.concatenate([joined.mean(axis=1), joined.std(axis=1)]).astype(np.float32)


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
