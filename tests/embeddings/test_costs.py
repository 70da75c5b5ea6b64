"""Costs: that the right thing is timed, never how long it takes."""

import numpy as np
import torch

from embeddings.costs import RUNS, measure_cost
from tests.embeddings.brightness import BrightnessEncoder, ThoroughEncoder


class WatchfulEncoder(ThoroughEncoder):
    """Notes how many threads torch has."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def run_network(self, views: np.ndarray) -> np.ndarray:
        self.threads.add(torch.get_num_threads())
        return super().run_network(views)


def test_thirty_seconds_are_timed_on_one_thread() -> None:
    encoder, before = WatchfulEncoder(), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        cost = measure_cost(encoder)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert cost is not None
    assert cost.network_ms > 0
    assert cost.network_ms != round(cost.network_ms, 2)
    segments = encoder.spec.segments
    assert set(encoder.windows) == {(round(30 / segments.window_seconds), segments.window_samples)}
    assert encoder.network_runs == RUNS + 1  # the first warms up
    assert encoder.threads == {1}


def test_an_encoder_of_one_piece_has_no_cost() -> None:
    assert measure_cost(BrightnessEncoder()) is None
