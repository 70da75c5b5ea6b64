"""musicnn of Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging" (LBD of ISMIR
2019): wide filters for timbre and long ones for time over log-mel, then three residual layers, pooled over time.

A block rectifies first and normalises after, so that the normalisation is a layer of its own here: a scale and a shift
for each channel.
"""

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.musicnn_spec import DIMENSION, EXAMPLE_FRAMES, FRONT_END, describe
from embeddings.encoders.segment_encoder import SegmentEncoder, average_examples, split_examples
from embeddings.encoders.weights import load_weights
from embeddings.mel import log_mel

TIMBRE_CHANNELS: Final = 204
TIMBRE_HEIGHTS: Final = (38, 67)
TIMBRE_FRAMES: Final = 7
TIME_CHANNELS: Final = 51
TIME_FRAMES: Final = (128, 64, 32)
FRONT_CHANNELS: Final = len(TIMBRE_HEIGHTS) * TIMBRE_CHANNELS + len(TIME_FRAMES) * TIME_CHANNELS
MIDDLE_CHANNELS: Final = 64
MIDDLE_LAYERS: Final = 3
POOLED: Final = 2 * (FRONT_CHANNELS + MIDDLE_LAYERS * MIDDLE_CHANNELS)
BATCH: Final = 2


class Normalisation(nn.Module):
    """A scale and a shift for each channel, the second axis."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        shape = (-1, *[1] * (maps.dim() - 2))
        return maps * self.scale.view(shape) + self.shift.view(shape)


class FrontFilter(nn.Module):
    """Filters of (frames, bands) over (n, 1, time, 96); the strongest band of each counts: (n, channels, time)."""

    def __init__(self, channels: int, frames: int, bands: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, channels, (frames, bands))
        self.normalisation = Normalisation(channels)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        frames = self.convolution.kernel_size[0]
        padded = functional.pad(maps, (0, 0, (frames - 1) // 2, frames // 2))
        found: torch.Tensor = self.normalisation(functional.relu(self.convolution(padded)))
        return found.amax(dim=-1)


class MiddleLayer(nn.Module):
    """A convolution over seven frames: (n, channels, time) to (n, 64, time)."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, MIDDLE_CHANNELS, 7, padding=3)
        self.normalisation = Normalisation(MIDDLE_CHANNELS)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.normalisation(functional.relu(self.convolution(maps)))
        return found


class MusicnnNetwork(nn.Module):
    """Up to the 200 numbers before the tags."""

    def __init__(self) -> None:
        super().__init__()
        shapes = [(TIMBRE_CHANNELS, TIMBRE_FRAMES, height) for height in TIMBRE_HEIGHTS]
        shapes += [(TIME_CHANNELS, frames, 1) for frames in TIME_FRAMES]
        self.input = Normalisation(1)
        self.front = nn.ModuleList(FrontFilter(*shape) for shape in shapes)
        inputs = (FRONT_CHANNELS, *[MIDDLE_CHANNELS] * (MIDDLE_LAYERS - 1))
        self.middle = nn.ModuleList(MiddleLayer(channels) for channels in inputs)
        self.pooled = Normalisation(POOLED)
        self.dense = nn.Linear(POOLED, DIMENSION)

    @staticmethod
    def views(waveforms: torch.Tensor) -> tuple[torch.Tensor]:
        """(n, samples) to examples (n, examples, 187, 96)."""
        return (split_examples(log_mel(waveforms, FRONT_END).transpose(1, 2), EXAMPLE_FRAMES),)

    def embed_examples(self, examples: torch.Tensor) -> torch.Tensor:
        """(n, 187, 96) to (n, 200)."""
        maps = self.input(examples.unsqueeze(1))
        front = torch.cat([block(maps) for block in self.front], dim=1)
        levels = [self.middle[0](front)]
        for layer in self.middle[1:]:
            levels.append(layer(levels[-1]) + levels[-1])
        course = torch.cat([front, *levels], dim=1)
        # the maximum and the mean of a channel lie side by side
        pooled = self.pooled(torch.stack([course.amax(dim=-1), course.mean(dim=-1)], dim=-1).flatten(1))
        found: torch.Tensor = self.dense(pooled)
        return found

    def forward(self, examples: torch.Tensor) -> torch.Tensor:
        """(n, examples, 187, 96) to the mean of the examples, (n, 200)."""
        return average_examples(self.embed_examples(examples.flatten(0, 1)), examples.shape[1])


def create(card: InstalledCard) -> SegmentEncoder:
    """Raises EncoderError when the weights are missing, altered or do not fit."""
    spec = describe(card)
    network = MusicnnNetwork()
    load_weights(network, spec)
    return SegmentEncoder(spec, network.eval().requires_grad_(requires_grad=False), batch=BATCH)
