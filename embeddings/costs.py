"""What an encoder costs: milliseconds of front end and of network for 30 s of audio, on one thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.spec import Encoder, StagedEncoder
from embeddings.segments import SegmentSpec

SECONDS: Final = 30.0
RUNS: Final = 9


@dataclass(frozen=True)
class Cost:
    """Least of nine runs each, for 30 s in windows that do not overlap."""

    front_end_ms: float
    network_ms: float


def measure_cost(encoder: Encoder) -> Cost | None:
    """None for an encoder whose two stages cannot be told apart. Torch runs on one thread meanwhile."""
    if not isinstance(encoder, StagedEncoder):
        return None
    segments = encoder.spec.segments
    waveforms = _windows(segments)
    scale = SECONDS / (len(waveforms) * segments.window_seconds)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        views = encoder.front_end(waveforms)
        front_end_ms = _least_ms(lambda: encoder.front_end(waveforms))
        network_ms = _least_ms(lambda: encoder.run_network(views))
    finally:
        torch.set_num_threads(threads)
    return Cost(scale * front_end_ms, scale * network_ms)


def _windows(segments: SegmentSpec) -> NDArray[np.float32]:
    """At least one window of noise, 30 s of them as nearly as it comes out."""
    count = max(1, round(SECONDS / segments.window_seconds))
    rng = np.random.default_rng(0)
    return np.asarray(0.1 * rng.normal(size=(count, segments.window_samples)), np.float32)


def _least_ms(run: Callable[[], object]) -> float:
    """Of nine runs after a first one that only warms up."""
    run()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return 1000 * min(times)
