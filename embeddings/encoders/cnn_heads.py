"""What ``compact`` makes of its towers: two more blocks (sound and mood), tags, and one nested vector.

A nested vector can be cut after any number of its dimensions and brought to unit length again (Kusupati et al.,
"Matryoshka representation learning", NeurIPS 2022); here its dimensions are principal axes, the strongest first.
"""

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from embeddings.encoders.cnn_spec import (
    FULL_DIMENSION,
    MOOD_DIMENSION,
    SOUND_DIMENSION,
    STYLE_DIMENSION,
    STYLE_FRONT_END,
    TIMBRE_DIMENSION,
)

TAGS_A_HEAD: Final = 50
HIDDEN: Final = 320
STYLE_TEXTURE: Final = 2 * 128
TIMBRE_TEXTURE: Final = 128
CONTEXT: Final = STYLE_DIMENSION + STYLE_TEXTURE + TIMBRE_DIMENSION + TIMBRE_TEXTURE + 2 * STYLE_FRONT_END.n_mels
# What each block weighs in the similarity, which is the weighted mean of the cosines of the blocks.
BLOCK_WEIGHTS: Final = (1.0, 1.0, 0.5, 0.5)
Blocks = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class ContextHead(nn.Module):
    """From all that the towers heard to the blocks that no tower gives: sound (128-d) and mood (64-d)."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CONTEXT))
        self.register_buffer("deviation", torch.ones(CONTEXT))
        self.hidden = nn.Linear(CONTEXT, HIDDEN)
        self.output = nn.Linear(HIDDEN, SOUND_DIMENSION + MOOD_DIMENSION)

    def forward(self, context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, 896) to (n, 128) and, rectified, (n, 64)."""
        hidden = functional.relu(self.hidden((context - self.mean) / self.deviation))
        sound, mood = self.output(hidden).split([SOUND_DIMENSION, MOOD_DIMENSION], dim=-1)
        return sound, functional.relu(mood)


class TagHead(nn.Module):
    """Fifty tags from the style block, fifty from the mood block."""

    def __init__(self) -> None:
        super().__init__()
        self.style = nn.Linear(STYLE_DIMENSION, TAGS_A_HEAD)
        self.mood = nn.Linear(MOOD_DIMENSION, TAGS_A_HEAD)

    def forward(self, style: torch.Tensor, mood: torch.Tensor) -> torch.Tensor:
        """(n, 64) and (n, 64) to logits (n, 100)."""
        return torch.cat([self.style(style), self.mood(mood)], dim=-1)


class Assembly(nn.Module):
    """Blocks to one vector: each to unit length, less the part that all music shares, to unit length, weighted, side by
    side; then mapped by ``axes``, which say less of what changes within a track and put what says most first."""

    centre: torch.Tensor
    axes: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(FULL_DIMENSION))
        self.register_buffer("axes", torch.eye(FULL_DIMENSION))

    def join(self, blocks: Blocks) -> torch.Tensor:
        """Blocks (n, 64), (n, 256), (n, 128), (n, 64) to unit-length rows (n, 512), not turned yet."""
        centres = torch.split(self.centre, [block.shape[-1] for block in blocks])
        parts = [
            weight**0.5 * functional.normalize(functional.normalize(block, dim=-1) - centre, dim=-1)
            for block, centre, weight in zip(blocks, centres, BLOCK_WEIGHTS, strict=True)
        ]
        return functional.normalize(torch.cat(parts, dim=-1), dim=-1)

    def forward(self, blocks: Blocks, dimension: int) -> torch.Tensor:
        """Blocks to the first ``dimension`` components (n, dimension), at unit length."""
        return functional.normalize(self.join(blocks) @ self.axes[:, :dimension], dim=-1)


def summarise(mel: torch.Tensor) -> torch.Tensor:
    """Mean and deviation of each band over time: (n, 96, frames) decibels to (n, 192), about unit-sized."""
    mean = mel.mean(dim=-1, keepdim=True)
    deviation = (mel - mean).square().sum(dim=-1).div(mel.shape[-1] - 1).sqrt()  # a tenth of the time of mel.std
    return torch.cat([mean.squeeze(-1), deviation], dim=-1) / 20.0
