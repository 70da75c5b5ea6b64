"""The heads learn; the towers, held still, do not."""

import pytest
import torch
from torch.nn import functional

from embeddings.encoders.cnn import CompactNetwork
from embeddings.training.goals import Goals
from embeddings.training.heads import HeadPlan, join_all, learn_heads, turn_to_axes
from embeddings.training.targets import Examples

pytestmark = pytest.mark.usefixtures("one_thread")


def test_heads_learn_and_towers_stay(network: CompactNetwork, examples: Examples, goals: Goals) -> None:
    towers = [parameter.clone() for parameter in [*network.style.parameters(), *network.timbre.parameters()]]
    first = learn_heads(network, examples, goals, HeadPlan(steps=2, batch=8))
    last = learn_heads(network, examples, goals, HeadPlan(steps=150, batch=8))
    assert last < 0.9 * first
    after = [*network.style.parameters(), *network.timbre.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(towers, after, strict=True))


def test_turning_to_axes_puts_the_strongest_first(network: CompactNetwork, examples: Examples) -> None:
    turn_to_axes(network, examples)
    joined = join_all(network, examples, is_degraded=False)
    vectors = functional.normalize(joined @ network.assembly.axes, dim=-1)
    assert bool((vectors.square().mean(dim=0)[:8].diff() <= 1e-5).all())
