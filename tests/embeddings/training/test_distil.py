"""End to end: the loss falls, batches are pairs, and an interrupted run goes on as if it had not been."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from embeddings.encoders.cnn import CompactNetwork
from embeddings.training.distil import DistilPlan, distil, draw_batches
from embeddings.training.goals import Goals
from embeddings.training.targets import Examples

pytestmark = pytest.mark.usefixtures("one_thread")
PLAN = DistilPlan(steps=50, batch_pairs=4, minutes=60, checkpoint_every=10, learning_rate=2e-3)


def test_the_loss_falls(network: CompactNetwork, examples: Examples, goals: Goals, tmp_path: Path) -> None:
    curve = distil(network, examples, goals, PLAN, tmp_path / "checkpoint.pt")
    assert len(curve) == 2
    assert curve[1] < curve[0]


def test_batches_are_pairs_of_one_piece_and_repeat(examples: Examples) -> None:
    batch, other = (
        next(draw_batches(examples, PLAN, first=3)),
        next(islice(draw_batches(examples, PLAN, first=0), 3, 4)),
    )
    assert torch.equal(batch.piece[::2], batch.piece[1::2])
    assert not bool((batch.rows[::2] == batch.rows[1::2]).any())
    assert torch.equal(batch.rows, other.rows)
    clean, degraded = examples.style_views, examples.degraded_style_views
    for place, row in enumerate(batch.rows):
        wanted = (degraded if place % 2 else clean)[int(row)]
        torch.testing.assert_close(batch.views[0][place], torch.from_numpy(wanted).float())


class InterruptedRunError(Exception):
    pass


def test_an_interrupted_run_goes_on(
    network: CompactNetwork, examples: Examples, goals: Goals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    plan = replace(PLAN, steps=14)
    distil(network, examples, goals, plan, tmp_path / "unbroken.pt")
    unbroken = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.load_state_dict(start)
    steps = 0

    def describe(*views: torch.Tensor) -> object:
        nonlocal steps
        steps += 1
        if steps == 12:
            raise InterruptedRunError
        return CompactNetwork.describe(network, *views)

    with monkeypatch.context() as patch:
        patch.setattr(network, "describe", describe)
        with pytest.raises(InterruptedRunError):
            distil(network, examples, goals, plan, tmp_path / "checkpoint.pt")
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["step"] == 10
    # a run that began anew would not get from here to where the unbroken one ended
    network.load_state_dict({name: 0.5 * tensor for name, tensor in start.items()})
    distil(network, examples, goals, plan, tmp_path / "checkpoint.pt")
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, unbroken[name], atol=1e-6, rtol=1e-5)
