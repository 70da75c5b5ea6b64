"""The two views of a window and the convolutional towers over them: what ``compact`` hears.

The towers have the topology of the networks they were distilled from (see ``docs/encoders.md``), less the channels that
are dead or matter least in those.
"""

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from embeddings.encoders.cnn_spec import (
    STYLE_DIMENSION,
    STYLE_FRAMES,
    STYLE_FRONT_END,
    TIMBRE_DIMENSION,
    TIMBRE_FRONT_END,
)
from embeddings.mel import log_mel

STYLE_CHANNELS: Final = (32, 80, 112, 128, STYLE_DIMENSION)
STYLE_POOLS: Final = ((2, 4), (2, 4), (2, 4), (3, 5))
STYLE_STEPS: Final = 5
TIMBRE_CHANNELS: Final = (128, 128, 128, 128, TIMBRE_DIMENSION)
TIMBRE_KERNELS: Final = (4, 4, 4, 2, 1)
TIMBRE_POOLS: Final = (4, 4, 4, 2)
TIMBRE_FRAMES: Final = 129
# Decibels and log magnitudes of music at -20 dBFS, brought near zero mean and unit deviation.
STYLE_SCALE, STYLE_SHIFT = 1 / 20.0, -0.114
TIMBRE_SCALE, TIMBRE_SHIFT = 1 / 0.258, -0.226 / 0.258
LEVEL: Final = 0.1
SMALLEST_RMS: Final = 1e-6


def level(waveforms: torch.Tensor) -> torch.Tensor:
    """Waveforms (n, samples) without their mean and at an RMS of -20 dBFS; silence stays silence."""
    finite = torch.nan_to_num(waveforms, nan=0.0, posinf=1.0, neginf=-1.0)
    centred = finite - finite.mean(dim=-1, keepdim=True)
    rms = centred.square().mean(dim=-1, keepdim=True).sqrt()
    return centred * (LEVEL / rms.clamp_min(SMALLEST_RMS))


def views(waveforms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Waveforms (n, samples) to the inputs of the towers: (n, 96, 640) decibels and (n, 115, frames) magnitudes."""
    levelled = level(waveforms)
    return log_mel(levelled, STYLE_FRONT_END)[..., :STYLE_FRAMES], log_mel(levelled, TIMBRE_FRONT_END)


def split_windows(mel: torch.Tensor, frames: int) -> torch.Tensor:
    """Views (n, bands, time) to consecutive windows (n, windows, bands, frames); what is over at the end is dropped."""
    count = mel.shape[-1] // frames
    return mel[..., : count * frames].reshape(*mel.shape[:2], count, frames).transpose(1, 2)


class StyleTower(nn.Module):
    """Five rectified 3x3 convolutions over (96 bands, time); ``channels`` of each."""

    def __init__(self, channels: tuple[int, ...] = STYLE_CHANNELS) -> None:
        super().__init__()
        self.channels = channels
        inputs = (1, *channels[:-1])
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(inputs, channels, strict=True))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, 96, >= 320 frames) to the style vector (n, 64), the maximum over the last map, and the fourth map's
        maximum and mean (n, 2 channels)."""
        maps = (mel * STYLE_SCALE + STYLE_SHIFT).unsqueeze(1).contiguous(memory_format=torch.channels_last)
        for convolution, pool in zip(self.convolutions[:-1], STYLE_POOLS, strict=True):
            # pooled before it is rectified: the same numbers from an eighth of the memory traffic
            maps = functional.relu(functional.max_pool2d(convolution(maps), pool))
        texture = torch.cat([maps.amax(dim=(2, 3)), maps.mean(dim=(2, 3))], dim=-1)
        repeats = -(-STYLE_STEPS // maps.shape[-1])
        repeated = maps.repeat(1, 1, 1, repeats)[..., :STYLE_STEPS]
        return functional.relu(self.convolutions[-1](repeated)).amax(dim=(2, 3)), texture


class TimbreTower(nn.Module):
    """Five rectified 1-d convolutions over windows of 3 s."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (TIMBRE_FRONT_END.n_mels, *TIMBRE_CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv1d(i, o, k) for i, o, k in zip(inputs, TIMBRE_CHANNELS, TIMBRE_KERNELS, strict=True)
        )

    def forward(self, mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, 115, >= 129 frames) to the timbre vector (n, 256), maximum over time and mean over the windows, and the
        fourth map's mean over everything (n, 128)."""
        windows = split_windows(mel, TIMBRE_FRAMES)
        maps = texture = windows.flatten(0, 1) * TIMBRE_SCALE + TIMBRE_SHIFT
        for convolution, kernel, pool in zip(self.convolutions, TIMBRE_KERNELS, (*TIMBRE_POOLS, 1), strict=True):
            texture = maps
            padded = functional.pad(maps, ((kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2))
            maps = functional.relu(functional.max_pool1d(convolution(padded), pool))
        timbre = maps.amax(dim=-1).reshape(len(mel), -1, TIMBRE_DIMENSION).mean(dim=1)
        return timbre, texture.mean(dim=-1).reshape(len(mel), -1, texture.shape[1]).mean(dim=1)
