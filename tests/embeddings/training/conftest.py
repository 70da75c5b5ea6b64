"""A small student, a handful of examples, and teachers of random weights."""

from collections.abc import Iterator
from pathlib import Path

import h5py
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


def write_fcn(folder: Path, seed: int) -> None:
    """A network of Won et al.: five 3x3 convolutions and a tag head."""
    generator = torch.Generator().manual_seed(seed)
    channels = (1, 64, 128, 128, 128, 64)
    state = {"spec_bn.weight": torch.ones(1), "spec_bn.bias": torch.zeros(1)}
    state |= {"spec_bn.running_mean": torch.zeros(1), "spec_bn.running_var": torch.full((1,), 400.0)}
    for number in range(1, 6):
        inputs, outputs = channels[number - 1], channels[number]
        scale = (2 / (9 * inputs)) ** 0.5
        state[f"layer{number}.conv.weight"] = scale * torch.randn(outputs, inputs, 3, 3, generator=generator)
        state[f"layer{number}.conv.bias"] = torch.zeros(outputs)
        names = {"weight": 1.0, "bias": 0.1, "running_mean": 0.0, "running_var": 1.0}
        state |= {f"layer{number}.bn.{name}": torch.full((outputs,), value) for name, value in names.items()}
    state["dense.weight"] = torch.randn(50, 64, generator=generator) / 8
    state["dense.bias"] = torch.zeros(50)
    folder.mkdir(parents=True)
    torch.save(state, folder / "best_model.pth")


def write_artist(folder: Path) -> None:
    """A network of Park et al.: five 1-d convolutions."""
    rng = np.random.default_rng(5)
    channels, kernels = (128, 128, 128, 128, 128, 256), (4, 4, 4, 2, 1)
    folder.mkdir(parents=True)
    with h5py.File(folder / "model_siamese_10000.h5", "w") as file:
        weights = file.create_group("model_weights")
        for number, kernel in enumerate(kernels, start=1):
            inputs, outputs = channels[number - 1], channels[number]
            values = rng.normal(0, (2 / (kernel * inputs)) ** 0.5, (kernel, inputs, outputs))
            convolution = weights.create_group(f"conv1d_{number}/conv1d_{number}")
            convolution["kernel:0"], convolution["bias:0"] = values.astype("f4"), np.zeros(outputs, "f4")
            norm = weights.create_group(f"batch_normalization_{number}/batch_normalization_{number}")
            for name, value in (("gamma", 1), ("beta", 0.1), ("moving_mean", 0), ("moving_variance", 1)):
                norm[f"{name}:0"] = np.full(outputs, value, "f4")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Teachers of random weights in the published shapes, but for YAMNet, which only its authors can make."""
    made = tmp_path_factory.mktemp("teachers")
    write_fcn(made / "fcn_msd", 1)
    write_fcn(made / "fcn_jamendo", 2)
    write_artist(made / "artist_10k")
    return made
