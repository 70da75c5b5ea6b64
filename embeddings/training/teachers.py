"""The published networks that the student learns from, written anew from their shapes.

``fcn_*``: the fully convolutional tagger of Choi et al. (2016) as trained by Won et al., "Evaluation of CNN-based
automatic music tagging models" (SMC 2020), MIT. ``artist_10k``: the siamese artist network of Park, Lee et al.,
"Representation learning of music using artist labels" (ISMIR 2018), MIT. They are read at training time only.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import torch
from torch.nn import functional

from embeddings.encoders.cnn_towers import split_windows
from embeddings.mel import Compression, MelScale, MelSpec

FCN_FRONT_END = MelSpec(n_fft=512, hop_length=256, n_mels=96, f_max=8000.0)
FCN_POOLS = ((2, 4), (2, 4), (2, 4), (3, 5), (4, 4))
ARTIST_RATE_HZ = 22_050
ARTIST_FRONT_END = MelSpec(
    n_fft=1024,
    hop_length=512,
    n_mels=128,
    f_max=11_025.0,
    scale=MelScale.SLANEY,
    compression=Compression.LOG_MAGNITUDE,
    rate_hz=ARTIST_RATE_HZ,
)
ARTIST_MEAN, ARTIST_DEVIATION = 0.22620339, 0.25794547
ARTIST_FRAMES = 129
ARTIST_POOLS = (4, 4, 4, 2, 1)
ARTIST_KERNELS = (4, 4, 4, 2, 1)
DENORMAL = 1e-20
SILENT = 1e-5

Affine = tuple[torch.Tensor, torch.Tensor]


def flush_denormals(tensor: torch.Tensor) -> torch.Tensor:
    """Values below 1e-20 as zeros: arithmetic on denormals is tens of times slower."""
    return torch.where(tensor.abs() < DENORMAL, torch.zeros_like(tensor), tensor)


def fold_norm(weight: torch.Tensor, bias: torch.Tensor, norm: Mapping[str, torch.Tensor], epsilon: float) -> Affine:
    """A convolution followed by batch normalisation, as one convolution."""
    scale = norm["gamma"] / torch.sqrt(norm["variance"] + epsilon)
    folded = weight * scale.view(-1, *[1] * (weight.dim() - 1))
    return flush_denormals(folded), flush_denormals((bias - norm["mean"]) * scale + norm["beta"])


def drop_silent(layers: Sequence[Affine]) -> list[Affine]:
    """Convolutions one after the other, less the channels that are silent whatever comes in: of the 64, 128 and 128 of
    ``fcn_msd``'s first layers 24, 44 and 6 have neither weights nor bias."""
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
        state = torch.load(folder / "best_model.pth", weights_only=True, map_location="cpu")
        layers = drop_silent([self._layer(state, f"layer{number}") for number in range(1, 6)])
        self.layers = [(weight.contiguous(memory_format=torch.channels_last), bias) for weight, bias in layers]
        scale = state["spec_bn.weight"] / torch.sqrt(state["spec_bn.running_var"] + 1e-5)
        self.input_scale = float(scale)
        self.input_shift = float(state["spec_bn.bias"] - state["spec_bn.running_mean"] * scale)
        self.tag_layer = state["dense.weight"], state["dense.bias"]

    @staticmethod
    def _layer(state: Mapping[str, torch.Tensor], name: str) -> Affine:
        norm = {
            "gamma": state[f"{name}.bn.weight"],
            "beta": state[f"{name}.bn.bias"],
            "mean": state[f"{name}.bn.running_mean"],
            "variance": state[f"{name}.bn.running_var"],
        }
        return fold_norm(state[f"{name}.conv.weight"], state[f"{name}.conv.bias"], norm, 1e-5)

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


def repeat_steps(maps: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """The last map (n, channels, 4, time) repeated to the five steps which 29 s, its training length, would give."""
    repeats = -(-steps // maps.shape[-1])
    return maps.repeat(1, 1, 1, repeats)[..., :steps]


class ArtistTeacher:
    """Five 1-d convolutions over 3 s of 128 mel bands; 256-d."""

    def __init__(self, folder: Path) -> None:
        with h5py.File(folder / "model_siamese_10000.h5") as file:
            self.layers = [self._layer(file["model_weights"], number) for number in range(1, 6)]

    @staticmethod
    def _layer(weights: h5py.Group, number: int) -> Affine:
        def read(kind: str, name: str) -> torch.Tensor:
            return torch.from_numpy(weights[f"{kind}_{number}/{kind}_{number}/{name}:0"][()])

        names = {"gamma": "gamma", "beta": "beta", "mean": "moving_mean", "variance": "moving_variance"}
        norm = {key: read("batch_normalization", name) for key, name in names.items()}
        kernel = read("conv1d", "kernel").permute(2, 1, 0).contiguous()
        return fold_norm(kernel, read("conv1d", "bias"), norm, 1e-3)

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
        for block in range(5):
            maps = self.pool(self.activate(maps, block), block)
        return maps.amax(dim=-1).reshape(len(mel), -1, maps.shape[1]).mean(dim=1)
