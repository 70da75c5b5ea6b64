"""What the encoders that can be installed share: from waveforms to unit-length rows, a few windows at a time."""

from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoders.cnn_towers import level
from embeddings.encoders.spec import EncoderSpec

SMALLEST_LENGTH: Final = 1e-8

Views = tuple[torch.Tensor, ...]


class SegmentNetwork(Protocol):
    """A network with its front end: levelled waveforms (n, samples) to views, views to vectors of any length."""

    def views(self, waveforms: torch.Tensor) -> Views: ...

    def __call__(self, *views: torch.Tensor) -> torch.Tensor: ...


class SegmentEncoder:
    """A network with its weights, ready to embed ``batch`` windows at a time, each at -20 dBFS RMS."""

    def __init__(self, spec: EncoderSpec, network: SegmentNetwork, *, batch: int) -> None:
        self.spec = spec
        self.network = network
        self._batch = batch

    def front_end(self, waveforms: NDArray[np.float32]) -> Views:
        """Waveforms (n, samples) as ``spec.segments`` cuts them to what the network reads."""
        with torch.inference_mode():
            return self.network.views(level(torch.from_numpy(np.ascontiguousarray(waveforms, np.float32))))

    def run_network(self, views: Views) -> NDArray[np.float32]:
        """What ``front_end`` gave to unit-length rows (n, dimension)."""
        with torch.inference_mode():
            rows: NDArray[np.float32] = to_unit_length(self.network(*views)).numpy()
            return rows

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, samples) as ``spec.segments`` cuts them to unit-length rows (n, dimension).

        Always finite, for silence too. Raises ValueError for another window length.
        """
        samples = self.spec.segments.window_samples
        if waveforms.ndim != 2 or waveforms.shape[1] != samples:
            raise ValueError(f"waveforms must be (n, {samples}), not {waveforms.shape}")
        vectors = np.empty((len(waveforms), self.spec.dimension), np.float32)
        for start in range(0, len(waveforms), self._batch):
            chosen = slice(start, start + self._batch)
            vectors[chosen] = self.run_network(self.front_end(waveforms[chosen]))
        return vectors


def to_unit_length(vectors: torch.Tensor) -> torch.Tensor:
    """Rows (n, d) at unit length; one without a direction, as of silence, points everywhere alike."""
    finite = torch.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    is_lost = finite.norm(dim=-1, keepdim=True) < SMALLEST_LENGTH
    return functional.normalize(torch.where(is_lost, torch.ones_like(finite), finite), dim=-1)


def split_examples(mel: torch.Tensor, frames: int) -> torch.Tensor:
    """(n, time, bands) to consecutive examples (n, examples, frames, bands); what is over at the end is dropped."""
    count = mel.shape[1] // frames
    return mel[:, : count * frames].reshape(len(mel), count, frames, mel.shape[2])


def average_examples(vectors: torch.Tensor, count: int) -> torch.Tensor:
    """(n * count, d), the examples of n segments, to their means (n, d)."""
    return vectors.reshape(-1, count, vectors.shape[1]).mean(dim=1)
