"""The published networks that the student learns from, block by block.

``fcn_*``: the fully convolutional tagger of Choi et al. (2016) as trained by Won et al., "Evaluation of CNN-based
automatic music tagging models" (SMC 2020), MIT. ``artist_10k``: the siamese artist network of Park, Lee et al.,
"Representation learning of music using artist labels" (ISMIR 2018), MIT. They are read at training time only.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch.nn import functional

from embeddings.encoders.cnn_towers import split_windows
from embeddings.encoders.conversion import read_torch_file
from embeddings.encoders.two_tower import (
    ARTIST_DEVIATION,
    ARTIST_FRAMES,
    ARTIST_KERNELS,
    ARTIST_MEAN,
    ARTIST_POOLS,
    FCN_POOLS,
    repeat_steps,
)
from embeddings.encoders.two_tower_files import BLOCKS, read_artist, read_fcn
from embeddings.encoders.weights import flush_denormals

SILENT = 1e-5

Affine = tuple[torch.Tensor, torch.Tensor]


def _layers(state: Mapping[str, torch.Tensor]) -> list[Affine]:
    names = [(f"convolutions.{number}.weight", f"convolutions.{number}.bias") for number in range(BLOCKS)]
    return [(flush_denormals(state[weight]), flush_denormals(state[bias])) for weight, bias in names]


def drop_silent(layers: Sequence[Affine]) -> list[Affine]:
    """Convolutions one after the other, less the channels that are silent whatever comes in: of the 64, 128 and 128 of
    ``fcn_msd``'s first layers 24, 46 and 6 have neither weights nor bias."""
    kept = []
    alive = torch.ones(layers[0][0].shape[1], dtype=torch.bool)
    for weight, bias in layers:
        loudness = weight.flatten(1).norm(dim=1) + bias.clamp_min(0)
        speaks = loudness > SILENT * loudness.max()
        kept.append((weight[speaks][:, alive], bias[speaks]))
        alive = speaks
    return kept


class FcnTeacher:
    """Five 3x3 convolutions over 96 mel bands; rows of tags give the 64-d style vector."""

    def __init__(self, folder: Path) -> None:
        path = folder / "best_model.pth"
        state = read_fcn(path)
        layers = drop_silent(_layers(state))
        self.layers = [(weight.contiguous(memory_format=torch.channels_last), bias) for weight, bias in layers]
        self.input_scale, self.input_shift = float(state["input_scale"]), float(state["input_shift"])
        published = read_torch_file(path)
        self.tag_layer = published["dense.weight"], published["dense.bias"]

    def normalise(self, mel: torch.Tensor) -> torch.Tensor:
        """Decibels (n, 96, frames) to the input map (n, 1, 96, frames)."""
        maps = (mel * self.input_scale + self.input_shift).unsqueeze(1)
        return maps.contiguous(memory_format=torch.channels_last)

    def activate(self, maps: torch.Tensor, block: int) -> torch.Tensor:
        """The rectified map of block 0-4 before its pooling."""
        weight, bias = self.layers[block]
        return functional.relu(functional.conv2d(maps, weight, bias, padding=1))

    @staticmethod
    def pool(maps: torch.Tensor, block: int) -> torch.Tensor:
        return functional.max_pool2d(maps, FCN_POOLS[block])

    def embed(self, mel: torch.Tensor) -> torch.Tensor:
        """Decibels (n, 96, >= 320 frames) to (n, 64). Short windows are repeated before the last block, see there."""
        maps = self.normalise(mel)
        for block in range(4):
            maps = self.pool(self.activate(maps, block), block)
        return self.activate(repeat_steps(maps), 4).amax(dim=(2, 3))

    def tags(self, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors (n, 64) to the probabilities (n, 50) of its tags."""
        return torch.sigmoid(functional.linear(vectors, *self.tag_layer))


class ArtistTeacher:
    """Five 1-d convolutions over 3 s of 128 mel bands; 256-d."""

    def __init__(self, folder: Path) -> None:
        self.layers = _layers(read_artist(folder / "model_siamese_10000.h5"))

    @staticmethod
    def normalise(mel: torch.Tensor) -> torch.Tensor:
        return (mel - ARTIST_MEAN) / ARTIST_DEVIATION

    def activate(self, maps: torch.Tensor, block: int) -> torch.Tensor:
        """The rectified map of block 0-4 before its pooling: (n, channels, time)."""
        weight, bias = self.layers[block]
        left = (ARTIST_KERNELS[block] - 1) // 2
        padded = functional.pad(maps, (left, ARTIST_KERNELS[block] - 1 - left))
        return functional.relu(functional.conv1d(padded, weight, bias))

    @staticmethod
    def pool(maps: torch.Tensor, block: int) -> torch.Tensor:
        return functional.max_pool1d(maps, ARTIST_POOLS[block])

    def embed(self, mel: torch.Tensor) -> torch.Tensor:
        """Log magnitudes (n, 128, frames) to (n, 256): the mean over windows of 129 frames."""
        maps = self.normalise(split_windows(mel, ARTIST_FRAMES).flatten(0, 1))
        for block in range(4):
            maps = self.pool(self.activate(maps, block), block)
        maps = self.activate(maps, 4)
        return maps.amax(dim=-1).reshape(len(mel), -1, maps.shape[1]).mean(dim=1)
