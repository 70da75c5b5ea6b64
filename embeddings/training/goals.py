"""What the student is to say about each example: the teachers' vectors, made comparable."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoders.cnn_heads import Assembly, Blocks
from embeddings.encoders.cnn_spec import SOUND_DIMENSION
from embeddings.training.targets import MIX, Examples, Teachers

CENTRING: Final = 0.5
# How far directions are evened out: 0 evens them fully, much more than 1 hardly.
DAMPING: Final = 5.0


@dataclass(frozen=True)
class Goals:
    """Blocks (n, 64), (n, 256), (n, 128), (n, 64) and the probability of each tag (n, 100)."""

    blocks: Blocks
    tags: torch.Tensor

    def __getitem__(self, rows: torch.Tensor) -> "Goals":
        style, timbre, sound, mood = (block[rows] for block in self.blocks)
        return Goals((style, timbre, sound, mood), self.tags[rows])


def set_goals(examples: Examples, teachers: Teachers) -> Goals:
    """The 1024 dimensions of the sound teacher are reduced to their 128 principal ones, which keep its cosines."""
    style, mood = torch.from_numpy(examples.style), torch.from_numpy(examples.mood)
    sound = functional.normalize(torch.from_numpy(examples.sound), dim=-1)
    blocks = (style, torch.from_numpy(examples.timbre), sound @ principal_axes(sound)[:, :SOUND_DIMENSION], mood)
    return Goals(blocks, torch.cat([teachers.style.tags(style), teachers.mood.tags(mood)], dim=-1))


def principal_axes(rows: torch.Tensor) -> torch.Tensor:
    """Rows (n, d) to an orthonormal basis (d, d), strongest direction first, of their second moments (not centred: what
    is to be kept are inner products)."""
    _, vectors = torch.linalg.eigh((rows.T @ rows).double())
    axes: torch.Tensor = vectors.flip(-1).float()
    return axes


def set_centre(assembly: Assembly, goals: Goals, piece: NDArray[np.int64]) -> None:
    """Half of the mean direction of each block over windows of single pieces: enough to spread the space, too little to
    tie it to the music it was measured on."""
    is_plain = torch.from_numpy(piece != MIX)
    means = [functional.normalize(block[is_plain], dim=-1).mean(dim=0) for block in goals.blocks]
    assembly.centre.copy_(CENTRING * torch.cat(means))


def set_axes(assembly: Assembly, clean: torch.Tensor, degraded: torch.Tensor, piece: NDArray[np.int64]) -> None:
    """Weaken the directions in which windows of one piece differ, degraded ones too (within-class covariance
    normalisation: Hatch et al., Interspeech 2006), then turn the vector so that any number of its first dimensions
    keeps as much of the similarities as it can. ``clean`` and ``degraded`` (n, 512) are joined blocks of the same
    windows."""
    scatter = _scatter_within(clean, degraded, torch.from_numpy(piece)).double()
    values, vectors = torch.linalg.eigh(scatter)
    damped = (values.clamp_min(0) / values.mean() + DAMPING).rsqrt()
    normaliser = ((vectors * damped) @ vectors.T).float()
    turned = functional.normalize(clean @ normaliser, dim=-1)
    assembly.axes.copy_(normaliser @ principal_axes(turned))


def _scatter_within(clean: torch.Tensor, degraded: torch.Tensor, piece: torch.Tensor) -> torch.Tensor:
    """The covariance (d, d) of windows around the mean of their piece; mixes are left out."""
    apart = []
    for number in torch.unique(piece[piece != MIX]):
        rows = torch.cat([clean[piece == number], degraded[piece == number]])
        apart.append(rows - rows.mean(dim=0))
    found = torch.cat(apart)
    return found.T @ found / len(found)
