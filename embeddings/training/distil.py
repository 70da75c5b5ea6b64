"""Second stage: the whole network, end to end, on the teachers' vectors and tags."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.cnn import CompactNetwork
from embeddings.training.goals import Goals
from embeddings.training.losses import LossWeights, total_loss
from embeddings.training.targets import MIX, Examples

HEAD_RATE = 3.0


@dataclass(frozen=True)
class DistilPlan:
    """``minutes`` caps the wall time: the learning rate then falls to zero earlier than after ``steps``. Heads learn
    three times as fast as the towers, which the first stage has brought close."""

    steps: int = 900
    batch_pairs: int = 12
    learning_rate: float = 2e-4
    mixed_share: float = 0.3
    minutes: float = 20.0
    seed: int = 0
    checkpoint_every: int = 100
    weights: LossWeights = field(default_factory=LossWeights)


@dataclass(frozen=True)
class Batch:
    """``views`` of windows, rows 2i and 2i+1 of one piece (or both mixes), the second of each pair degraded."""

    views: tuple[torch.Tensor, torch.Tensor]
    rows: torch.Tensor
    piece: torch.Tensor


def distil(
    network: CompactNetwork, examples: Examples, goals: Goals, plan: DistilPlan, checkpoint: Path
) -> list[float]:
    """Train ``network`` in place; goes on from ``checkpoint`` when it exists. Gives the mean loss of every 25 steps."""
    optimiser = _optimiser(network, plan)
    state: dict[str, Any] = {"step": 0, "seconds": 0.0, "curve": []}
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state.pop("network"))
        optimiser.load_state_dict(state.pop("optimiser"))
    started = time.monotonic() - state["seconds"]
    recent: list[float] = []
    for batch in draw_batches(examples, plan, first=state["step"]):
        step, seconds = state["step"], time.monotonic() - started
        progress = max(step / plan.steps, seconds / (60 * plan.minutes))
        if progress >= 1:
            print(f"distil: ended after {step} of {plan.steps} steps", flush=True)
            break
        _set_rates(optimiser, plan.learning_rate * _warm_cosine(step, progress))
        recent.append(_step(network, batch, goals, optimiser, plan))
        state["step"] = step + 1
        if state["step"] % 25 == 0:
            state["curve"].append(round(float(np.mean(recent)), 5))
            recent.clear()
            print(f"distil: step {step + 1}/{plan.steps}, {seconds:.0f} s, loss {state['curve'][-1]:.4f}", flush=True)
        if state["step"] % plan.checkpoint_every == 0:
            networks = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            save_state(checkpoint, state | networks | {"seconds": seconds})
    return list(state["curve"])


def _optimiser(network: CompactNetwork, plan: DistilPlan) -> torch.optim.Optimizer:
    towers = [*network.style.parameters(), *network.timbre.parameters()]
    heads = [*network.context.parameters(), *network.tags.parameters()]
    groups = [{"params": towers, "factor": 1.0}, {"params": heads, "factor": HEAD_RATE}]
    return torch.optim.AdamW(groups, lr=plan.learning_rate, weight_decay=1e-4)


def _warm_cosine(step: int, progress: float) -> float:
    return min(1.0, (step + 1) / 40) * 0.5 * (1 + math.cos(math.pi * progress))


def _set_rates(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate * group["factor"]


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Whole or not at all."""
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def draw_batches(examples: Examples, plan: DistilPlan, *, first: int) -> Iterator[Batch]:
    """Endless batches. One depends on the seed and its number alone, so that a resumed run sees what an unbroken one
    would have."""
    by_piece = {int(piece): np.flatnonzero(examples.piece == piece) for piece in np.unique(examples.piece)}
    mixes = by_piece.pop(MIX, None)
    pools = [rows for rows in by_piece.values() if len(rows) > 1]
    number = first
    while True:
        rng = np.random.default_rng([plan.seed, number])
        pairs = [_draw_pair(pools, mixes, rng, plan.mixed_share) for _ in range(plan.batch_pairs)]
        yield _load_batch(examples, np.concatenate(pairs))
        number += 1


def _draw_pair(
    pools: list[NDArray[np.int64]], mixes: NDArray[np.int64] | None, rng: np.random.Generator, mixed_share: float
) -> NDArray[np.int64]:
    from_mixes = mixes is not None and len(mixes) > 1 and rng.random() < mixed_share
    pool = mixes if from_mixes and mixes is not None else pools[int(rng.integers(len(pools)))]
    return rng.choice(pool, 2, replace=False)


def _load_batch(examples: Examples, rows: NDArray[np.int64]) -> Batch:
    def choose(clean: NDArray[np.float16], worse: NDArray[np.float16]) -> torch.Tensor:
        chosen = [(worse if place % 2 else clean)[row] for place, row in enumerate(rows)]
        return torch.from_numpy(np.stack(chosen).astype(np.float32))

    return Batch(
        views=(
            choose(examples.style_views, examples.degraded_style_views),
            choose(examples.timbre_views, examples.degraded_timbre_views),
        ),
        rows=torch.from_numpy(rows),
        piece=torch.from_numpy(examples.piece[rows]),
    )


def _step(
    network: CompactNetwork, batch: Batch, goals: Goals, optimiser: torch.optim.Optimizer, plan: DistilPlan
) -> float:
    described = network.describe(*batch.views)
    loss = total_loss(described, goals[batch.rows], batch.piece, network.assembly, plan.weights)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())
