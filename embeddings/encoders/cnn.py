"""The shipped encoder: a style tower and a timbre tower over two log-mel views of the same window.

The towers have the topology of the networks they were distilled from (see ``docs/encoders.md``), less the channels
that are dead in those. Each block is normalised to unit length before it is centred, so that both weigh the same.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from embeddings.encoders.cnn_spec import (
    STYLE_DIMENSION,
    STYLE_FRAMES,
    STYLE_FRONT_END,
    TIMBRE_DIMENSION,
    TIMBRE_FRONT_END,
    WINDOW_SAMPLES,
    compact_spec,
)
from embeddings.encoders.spec import EncoderSpec
from embeddings.encoders.weights import load_weights
from embeddings.mel import log_mel

STYLE_CHANNELS: Final = (40, 80, 120, 128, STYLE_DIMENSION)
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
BATCH: Final = 8


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
    """Five rectified 3x3 convolutions over (96 bands, time); the maximum over the last map."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (1, *STYLE_CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 3, padding=1) for i, o in zip(inputs, STYLE_CHANNELS, strict=True)
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """(n, 96, >= 320 frames) to (n, 64)."""
        maps = (mel * STYLE_SCALE + STYLE_SHIFT).unsqueeze(1).contiguous(memory_format=torch.channels_last)
        for convolution, pool in zip(self.convolutions[:-1], STYLE_POOLS, strict=True):
            # pooled before it is rectified: the same numbers from an eighth of the memory traffic
            maps = functional.relu(functional.max_pool2d(convolution(maps), pool))
        repeats = -(-STYLE_STEPS // maps.shape[-1])
        repeated = maps.repeat(1, 1, 1, repeats)[..., :STYLE_STEPS]
        return functional.relu(self.convolutions[-1](repeated)).amax(dim=(2, 3))


class TimbreTower(nn.Module):
    """Five rectified 1-d convolutions over windows of 3 s; the mean over the windows."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (TIMBRE_FRONT_END.n_mels, *TIMBRE_CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv1d(i, o, k) for i, o, k in zip(inputs, TIMBRE_CHANNELS, TIMBRE_KERNELS, strict=True)
        )

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """(n, 115, >= 129 frames) to (n, 256)."""
        windows = split_windows(mel, TIMBRE_FRAMES)
        maps = windows.flatten(0, 1) * TIMBRE_SCALE + TIMBRE_SHIFT
        for convolution, kernel, pool in zip(self.convolutions, TIMBRE_KERNELS, (*TIMBRE_POOLS, 1), strict=True):
            padded = functional.pad(maps, ((kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2))
            maps = functional.relu(functional.max_pool1d(convolution(padded), pool))
        return maps.amax(dim=-1).reshape(len(mel), -1, TIMBRE_DIMENSION).mean(dim=1)


class CompactNetwork(nn.Module):
    """Both towers; ``style_centre`` and ``timbre_centre`` are the part that all music shares, taken out."""

    style_centre: torch.Tensor
    timbre_centre: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.style = StyleTower()
        self.timbre = TimbreTower()
        self.register_buffer("style_centre", torch.zeros(STYLE_DIMENSION))
        self.register_buffer("timbre_centre", torch.zeros(TIMBRE_DIMENSION))

    def forward(self, style_mel: torch.Tensor, timbre_mel: torch.Tensor) -> torch.Tensor:
        """The two views of n windows to unit-length vectors (n, 320)."""
        return combine(self.style(style_mel), self.timbre(timbre_mel), centres=(self.style_centre, self.timbre_centre))


def combine(style: torch.Tensor, timbre: torch.Tensor, *, centres: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Blocks (n, 64) and (n, 256), each to unit length, centred, to unit length again, side by side: (n, 320)."""
    blocks = [
        functional.normalize(functional.normalize(block, dim=-1) - centre, dim=-1)
        for block, centre in zip((style, timbre), centres, strict=True)
    ]
    return functional.normalize(torch.cat(blocks, dim=-1), dim=-1)


class CnnEncoder:
    """The network with its weights, ready to embed."""

    def __init__(self, spec: EncoderSpec, network: CompactNetwork) -> None:
        self.spec = spec
        self.network = network.eval().requires_grad_(requires_grad=False)

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, 163,840) at 16 kHz to unit-length rows (n, 320), eight windows at a time.

        Always finite, for silence too. Raises ValueError for another window length.
        """
        if waveforms.ndim != 2 or waveforms.shape[1] != WINDOW_SAMPLES:
            raise ValueError(f"waveforms must be (n, {WINDOW_SAMPLES}), not {waveforms.shape}")
        vectors = np.empty((len(waveforms), self.spec.dimension), np.float32)
        with torch.inference_mode():
            for start in range(0, len(waveforms), BATCH):
                batch = torch.from_numpy(np.ascontiguousarray(waveforms[start : start + BATCH], np.float32))
                vectors[start : start + BATCH] = self.network(*views(batch)).numpy()
        return vectors


def create() -> CnnEncoder:
    """The shipped encoder. Raises EncoderError when its weights are missing or altered."""
    spec = compact_spec()
    network = CompactNetwork()
    load_weights(network, spec)
    return CnnEncoder(spec, network)
