"""What the second stage minimises."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from embeddings.encoders.cnn_heads import Assembly, Blocks
from embeddings.training.goals import Goals
from embeddings.training.targets import MIX


@dataclass(frozen=True)
class LossWeights:
    """What each term weighs beside the cosines of the blocks (1)."""

    relational: float = 2.0
    tags: float = 0.5
    contrast: float = 0.25
    temperature: float = 0.1


def block_loss(blocks: Blocks, goals: Goals, assembly: Assembly) -> torch.Tensor:
    """One minus the weighted mean of the blocks' cosines."""
    return 1 - (assembly.join(blocks) * assembly.join(goals.blocks)).sum(dim=-1).mean()


def relational_loss(vectors: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of the similarity matrices of a batch of unit-length rows (Park et al., "Relational
    knowledge distillation", CVPR 2019)."""
    return (vectors @ vectors.T - wanted @ wanted.T).square().mean()


def tag_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross-entropy less the teacher's own, so that zero is perfect; each tag weighs the same, rare ones too."""
    entropy = functional.binary_cross_entropy(wanted, wanted, reduction="none").mean(dim=0)
    loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean(dim=0)
    return ((loss - entropy) / entropy.clamp_min(1e-3)).mean()


def same_track_loss(vectors: torch.Tensor, piece: torch.Tensor, temperature: float) -> torch.Tensor:
    """InfoNCE (van den Oord et al., 2018): rows 2i and 2i+1 are windows of one piece; other rows of that piece, and
    mixes, which may hold it, count for nothing."""
    anchors = torch.arange(len(piece))
    partner = anchors ^ 1
    logits = vectors @ vectors.T / temperature
    is_other = partner[:, None] != anchors[None, :]
    ignored = ((piece[:, None] == piece[None, :]) | (piece[None, :] == MIX)) & is_other
    logits = logits.masked_fill(ignored, -1e4)
    losses = functional.cross_entropy(logits, partner, reduction="none")
    is_plain = (piece != MIX).float()
    return (losses * is_plain).sum() / is_plain.sum().clamp_min(1.0)


def total_loss(
    described: tuple[Blocks, torch.Tensor], goals: Goals, piece: torch.Tensor, assembly: Assembly, weights: LossWeights
) -> torch.Tensor:
    """``described`` blocks and tag logits of a batch, against its ``goals``."""
    blocks, logits = described
    vectors, wanted = assembly.join(blocks), assembly.join(goals.blocks)
    loss = block_loss(blocks, goals, assembly) + weights.relational * relational_loss(vectors, wanted)
    loss = loss + weights.tags * tag_loss(logits, goals.tags)
    return loss + weights.contrast * same_track_loss(vectors, piece, weights.temperature)
