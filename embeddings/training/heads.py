"""Between the stages: the heads learn on what the towers, held still, say of all examples."""

from dataclasses import dataclass

import numpy as np
import torch

from embeddings.encoders.cnn import CompactNetwork
from embeddings.encoders.cnn_heads import Blocks
from embeddings.training.goals import Goals, set_axes
from embeddings.training.losses import block_loss, relational_loss, tag_loss
from embeddings.training.targets import Examples

BATCH = 32


@dataclass(frozen=True)
class HeadPlan:
    steps: int = 2500
    batch: int = 192
    learning_rate: float = 2e-3
    tag_weight: float = 0.5
    relational_weight: float = 2.0
    seed: int = 0


def learn_heads(network: CompactNetwork, examples: Examples, goals: Goals, plan: HeadPlan) -> float:
    """Train context and tag heads in place on clean and degraded windows alike. Gives the last mean loss."""
    heard = [hear_all(network, examples, is_degraded=is_degraded) for is_degraded in (False, True)]
    style, timbre, context = (torch.cat(parts) for parts in zip(*heard, strict=True))
    network.context.mean.copy_(context.mean(dim=0))
    network.context.deviation.copy_(context.std(dim=0).clamp_min(1e-3))
    heads = [*network.context.parameters(), *network.tags.parameters()]
    optimiser = torch.optim.AdamW(heads, lr=plan.learning_rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=plan.learning_rate, total_steps=plan.steps + 1)
    generator = torch.Generator().manual_seed(plan.seed)
    recent: list[float] = []
    for _ in range(plan.steps):
        rows = torch.randint(len(style), (plan.batch,), generator=generator)
        sound, mood = network.context(context[rows])
        blocks: Blocks = (style[rows], timbre[rows], sound, mood)
        loss = _loss(network, blocks, goals[rows % len(examples)], plan)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        recent = [*recent[-99:], float(loss.detach())]
    return float(np.mean(recent))


def _loss(network: CompactNetwork, blocks: Blocks, goals: Goals, plan: HeadPlan) -> torch.Tensor:
    vectors, wanted = network.assembly.join(blocks), network.assembly.join(goals.blocks)
    loss = block_loss(blocks, goals, network.assembly) + plan.relational_weight * relational_loss(vectors, wanted)
    return loss + plan.tag_weight * tag_loss(network.tags(blocks[0], blocks[3]), goals.tags)


@torch.no_grad()
def hear_all(
    network: CompactNetwork, examples: Examples, *, is_degraded: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Style, timbre and context of all examples, with the network as it is."""
    style_views = examples.degraded_style_views if is_degraded else examples.style_views
    timbre_views = examples.degraded_timbre_views if is_degraded else examples.timbre_views
    parts = []
    for start in range(0, len(examples), BATCH):
        rows = slice(start, start + BATCH)
        mels = (torch.from_numpy(view[rows].astype(np.float32)) for view in (style_views, timbre_views))
        parts.append(network.hear(*mels))
    style, timbre, context = (torch.cat(part) for part in zip(*parts, strict=True))
    return style, timbre, context


@torch.no_grad()
def turn_to_axes(network: CompactNetwork, examples: Examples) -> None:
    """Set the axes of the vector by what the whole network says of all examples."""
    clean, degraded = (join_all(network, examples, is_degraded=is_degraded) for is_degraded in (False, True))
    set_axes(network.assembly, clean, degraded, examples.piece)


@torch.no_grad()
def join_all(network: CompactNetwork, examples: Examples, *, is_degraded: bool) -> torch.Tensor:
    """The four blocks of all examples side by side (n, 512), as the assembly weighs them."""
    style, timbre, context = hear_all(network, examples, is_degraded=is_degraded)
    sound, mood = network.context(context)
    return network.assembly.join((style, timbre, sound, mood))
