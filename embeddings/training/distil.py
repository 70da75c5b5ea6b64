"""Second stage: the whole network, end to end, on the teachers' vectors.

The loss is the cosine to the teachers' combined vector, for the window and for a degraded copy of it; a relational
term that compares the similarity matrices of the batch (Park et al., "Relational knowledge distillation", CVPR 2019);
and a same-track contrastive term (InfoNCE: van den Oord et al., 2018), which asks for more than the teachers give.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoders.cnn import CompactNetwork, combine
from embeddings.training.targets import Examples

Batch = dict[str, torch.Tensor]


@dataclass(frozen=True)
class DistilPlan:
    """``minutes`` caps the wall time: the learning rate then falls to zero earlier than after ``steps``."""

    steps: int = 400
    batch_pairs: int = 12
    learning_rate: float = 4e-4
    relational_weight: float = 2.0
    contrast_weight: float = 0.05
    temperature: float = 0.1
    minutes: float = 20.0
    seed: int = 0
    checkpoint_every: int = 100


def distil(network: CompactNetwork, examples: Examples, plan: DistilPlan, checkpoint: Path) -> list[float]:
    """Train ``network`` in place; goes on from ``checkpoint`` when it exists. Gives the loss of every 25th step."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate, weight_decay=1e-4)
    state: dict[str, Any] = {"step": 0, "seconds": 0.0, "curve": []}
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state.pop("network"))
        optimiser.load_state_dict(state.pop("optimiser"))
    started = time.monotonic() - state["seconds"]
    batches = draw_batches(examples, plan, first=state["step"])
    for step in range(state["step"], plan.steps):
        seconds = time.monotonic() - started
        progress = max(step / plan.steps, seconds / (60 * plan.minutes))
        if progress >= 1:
            break
        _set_rate(optimiser, plan.learning_rate * _warm_cosine(step, progress))
        loss = _step(network, next(batches), optimiser, plan)
        if step % 25 == 0:
            state["curve"].append(round(loss, 5))
            print(f"distil: step {step}/{plan.steps}, {seconds:.0f} s, loss {loss:.4f}", flush=True)
        if (step + 1) % plan.checkpoint_every == 0:
            _save(checkpoint, network, optimiser, {"step": step + 1, "seconds": seconds, "curve": state["curve"]})
    return list(state["curve"])


def _warm_cosine(step: int, progress: float) -> float:
    return min(1.0, (step + 1) / 40) * 0.5 * (1 + math.cos(math.pi * progress))


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def _save(path: Path, network: CompactNetwork, optimiser: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), **state}, temporary)
    temporary.replace(path)


def draw_batches(examples: Examples, plan: DistilPlan, *, first: int) -> Iterator[Batch]:
    """Endless batches of pairs: two windows of one piece (or two mixes), one of each pair degraded.

    A batch depends on the seed and its number alone, so that a resumed run sees what an unbroken one would have.
    """
    by_piece = [np.flatnonzero(examples.piece == piece) for piece in np.unique(examples.piece)]
    pools = [rows for rows in by_piece if len(rows) > 1]
    mixes = next((rows for rows in pools if examples.piece[rows[0]] == -1), None)
    number = first
    while True:
        rng = np.random.default_rng([plan.seed, number])
        rows = [_draw_pair(pools, mixes, rng) for _ in range(plan.batch_pairs)]
        yield _load_batch(examples, np.concatenate(rows))
        number += 1


def _draw_pair(
    pools: list[NDArray[np.int64]], mixes: NDArray[np.int64] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    from_mixes = mixes is not None and rng.random() < 0.35
    pool = mixes if from_mixes and mixes is not None else pools[int(rng.integers(len(pools)))]
    return rng.choice(pool, 2, replace=False)


def _load_batch(examples: Examples, rows: NDArray[np.int64]) -> Batch:
    degraded = np.arange(len(rows)) % 2 == 1

    def views(clean: NDArray[np.float16], worse: NDArray[np.float16]) -> torch.Tensor:
        chosen = np.stack([worse[row] if bad else clean[row] for row, bad in zip(rows, degraded, strict=True)])
        return torch.from_numpy(chosen.astype(np.float32))

    return {
        "style_views": views(examples.style_views, examples.degraded_style_views),
        "timbre_views": views(examples.timbre_views, examples.degraded_timbre_views),
        "style_targets": torch.from_numpy(examples.style_targets[rows]),
        "timbre_targets": torch.from_numpy(examples.timbre_targets[rows]),
        "piece": torch.from_numpy(examples.piece[rows]),
    }


def _step(network: CompactNetwork, batch: Batch, optimiser: torch.optim.Optimizer, plan: DistilPlan) -> float:
    network.train()
    style, timbre = network.style(batch["style_views"]), network.timbre(batch["timbre_views"])
    centres = (network.style_centre, network.timbre_centre)
    student = combine(style, timbre, centres=centres)
    teacher = combine(batch["style_targets"], batch["timbre_targets"], centres=centres)
    loss = distillation_loss(student, teacher, plan) + plan.contrast_weight * same_track_loss(
        student, batch["piece"], plan.temperature
    )
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def distillation_loss(student: torch.Tensor, teacher: torch.Tensor, plan: DistilPlan) -> torch.Tensor:
    """One minus the cosine, plus the mean squared difference of the similarity matrices; rows of unit length."""
    cosine = (student * teacher).sum(dim=-1)
    relations = (student @ student.T - teacher @ teacher.T).square().mean()
    return (1 - cosine).mean() + plan.relational_weight * relations


def same_track_loss(vectors: torch.Tensor, piece: torch.Tensor, temperature: float) -> torch.Tensor:
    """InfoNCE: rows 2i and 2i+1 are windows of one piece; other rows of that piece, and mixes, count for nothing."""
    anchors = torch.arange(len(piece))
    partner = anchors ^ 1
    logits = vectors @ vectors.T / temperature
    ignored = (piece[:, None] == piece[None, :]) & (partner[:, None] != anchors[None, :])
    logits = logits.masked_fill(ignored, -1e4)
    losses = functional.cross_entropy(logits, partner, reduction="none")
    is_plain = (piece >= 0).float()
    return (losses * is_plain).sum() / is_plain.sum().clamp_min(1.0)
