"""A small student and a handful of examples."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from embeddings.encoders.cnn import CompactNetwork
from embeddings.training.goals import Goals, set_centre
from embeddings.training.targets import Examples

SMALL = (4, 4, 4, 128, 64)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums this small only wait for each other on several threads, for half a minute where the cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def examples() -> Examples:
    """Twelve windows: four of each of two pieces, four mixes."""
    rng = np.random.default_rng(0)

    def views(bands: int, frames: int) -> np.ndarray:
        return rng.normal(0, 5, (12, bands, frames)).astype(np.float16)

    return Examples(
        style_views=views(96, 640),
        timbre_views=views(115, 441),
        degraded_style_views=views(96, 640),
        degraded_timbre_views=views(115, 441),
        style=rng.random((12, 64), np.float32),
        timbre=rng.random((12, 256), np.float32),
        sound=rng.random((12, 1024), np.float32),
        mood=rng.random((12, 64), np.float32),
        piece=np.repeat([0, 1, -1], 4),
    )


@pytest.fixture
def goals() -> Goals:
    generator = torch.Generator().manual_seed(0)
    style, timbre, sound, mood = (torch.rand(12, size, generator=generator) for size in (64, 256, 128, 64))
    return Goals((style, timbre, sound, mood), torch.rand(12, 100, generator=generator))


@pytest.fixture
def network(goals: Goals, examples: Examples) -> CompactNetwork:
    torch.manual_seed(0)
    small = CompactNetwork(SMALL)
    set_centre(small.assembly, goals, examples.piece)
    return small
