"""Two published networks side by side, each to unit length: the strongest encoder measured so far.

The style tower is the fully convolutional tagger of Choi et al. (2016) as trained by Won, Ferraro, Bogdanov and Serra,
"Evaluation of CNN-based automatic music tagging models" (SMC 2020); the timbre tower the siamese artist network of
Park, Lee, Park, Ha and Nam, "Representation learning of music using artist labels" (ISMIR 2018). The layers are written
anew from their shapes; batch normalisation is folded into the convolutions when the weights are installed.
"""

from typing import Final

import torch
from torch import nn
from torch.nn import functional

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.segment_encoder import SegmentEncoder, average_examples, split_examples, to_unit_length
from embeddings.encoders.two_tower_spec import (
    RATE_HZ,
    STYLE_DIMENSION,
    STYLE_FRONT_END,
    STYLE_RATE_HZ,
    TIMBRE_DIMENSION,
    TIMBRE_FRONT_END,
    describe,
)
from embeddings.encoders.weights import load_weights
from embeddings.mel import log_mel

FCN_CHANNELS: Final = (64, 128, 128, 128, STYLE_DIMENSION)
FCN_POOLS: Final = ((2, 4), (2, 4), (2, 4), (3, 5))
FCN_STEPS: Final = 5
ARTIST_CHANNELS: Final = (128, 128, 128, 128, TIMBRE_DIMENSION)
ARTIST_KERNELS: Final = (4, 4, 4, 2, 1)
ARTIST_POOLS: Final = (4, 4, 4, 2)
ARTIST_FRAMES: Final = 129
ARTIST_MEAN, ARTIST_DEVIATION = 0.22620339, 0.25794547
# Half a second at both rates: edges of a window must not ring into each other.
MARGIN: Final = RATE_HZ // 2
STYLE_MARGIN: Final = STYLE_RATE_HZ // 2
BATCH: Final = 2


class FcnTower(nn.Module):
    """Five rectified 3x3 convolutions over (96 bands, time), ``channels`` of each; the maximum over the last map."""

    input_scale: torch.Tensor
    input_shift: torch.Tensor

    def __init__(self, channels: tuple[int, ...] = FCN_CHANNELS) -> None:
        super().__init__()
        inputs = (1, *channels[:-1])
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(inputs, channels, strict=True))
        self.register_buffer("input_scale", torch.ones(1))
        self.register_buffer("input_shift", torch.zeros(1))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def normalise(self, mel: torch.Tensor) -> torch.Tensor:
        """Decibels (n, 96, frames) to the input map (n, 1, 96, frames)."""
        maps = (mel * self.input_scale + self.input_shift).unsqueeze(1)
        return maps.contiguous(memory_format=torch.channels_last)

    def activate(self, maps: torch.Tensor, block: int) -> torch.Tensor:
        """The rectified map of block 0-4 before its pooling."""
        return functional.relu(self.convolutions[block](maps))

    @staticmethod
    def pool(maps: torch.Tensor, block: int) -> torch.Tensor:
        return functional.max_pool2d(maps, FCN_POOLS[block])

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Decibels (n, 96, >= 320 frames) to (n, 64); the last map of a short window is repeated to that of 29 s."""
        maps = self.normalise(mel)
        for block in range(4):
            # pooled before it is rectified: the same numbers from an eighth of the memory traffic
            maps = functional.relu(self.pool(self.convolutions[block](maps), block))
        return self.activate(repeat_steps(maps), 4).amax(dim=(2, 3))


def repeat_steps(maps: torch.Tensor, steps: int = FCN_STEPS) -> torch.Tensor:
    """The last map (n, channels, 4, time) repeated to the five steps which 29 s, its training length, would give."""
    repeats = -(-steps // maps.shape[-1])
    return maps.repeat(1, 1, 1, repeats)[..., :steps]


class ArtistTower(nn.Module):
    """Five rectified 1-d convolutions over windows of 3 s; the mean over the windows."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (TIMBRE_FRONT_END.n_mels, *ARTIST_CHANNELS[:-1])
        self.convolutions = nn.ModuleList(
            nn.Conv1d(i, o, k) for i, o, k in zip(inputs, ARTIST_CHANNELS, ARTIST_KERNELS, strict=True)
        )

    @staticmethod
    def normalise(mel: torch.Tensor) -> torch.Tensor:
        return (mel - ARTIST_MEAN) / ARTIST_DEVIATION

    def activate(self, maps: torch.Tensor, block: int) -> torch.Tensor:
        """The rectified map of block 0-4 before its pooling: (n, channels, time)."""
        left = (ARTIST_KERNELS[block] - 1) // 2
        padded = functional.pad(maps, (left, ARTIST_KERNELS[block] - 1 - left))
        return functional.relu(self.convolutions[block](padded))

    @staticmethod
    def pool(maps: torch.Tensor, block: int) -> torch.Tensor:
        return functional.max_pool1d(maps, ARTIST_POOLS[block])

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Log magnitudes (n, 128, >= 129 frames) to (n, 256); what is over at the end is dropped."""
        windows = split_examples(mel.transpose(1, 2), ARTIST_FRAMES)
        maps = self.normalise(windows.flatten(0, 1).transpose(1, 2))
        for block in range(4):
            maps = self.pool(self.activate(maps, block), block)
        return average_examples(self.activate(maps, 4).amax(dim=-1), windows.shape[1])


class TwoTowerNetwork(nn.Module):
    """Both towers over windows at 22,050 Hz; the style tower hears them at its own 16 kHz."""

    def __init__(self) -> None:
        super().__init__()
        self.style = FcnTower()
        self.timbre = ArtistTower()

    @staticmethod
    def views(waveforms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, samples) at 22,050 Hz to decibels (n, 96, frames) and log magnitudes (n, 128, frames)."""
        return log_mel(to_style_rate(waveforms), STYLE_FRONT_END), log_mel(waveforms, TIMBRE_FRONT_END)

    def forward(self, style_mel: torch.Tensor, timbre_mel: torch.Tensor) -> torch.Tensor:
        """Both views to (n, 320), each block at unit length."""
        blocks = self.style(style_mel), self.timbre(timbre_mel)
        return torch.cat([to_unit_length(block) for block in blocks], dim=-1)


def to_style_rate(waveforms: torch.Tensor) -> torch.Tensor:
    """22,050 to 16,000 Hz, by leaving out what is above 8 kHz in the spectrum of the whole window."""
    padded = functional.pad(waveforms, (MARGIN, MARGIN), mode="reflect")
    length = padded.shape[-1] * STYLE_RATE_HZ // RATE_HZ
    spectrum = torch.fft.rfft(padded)[..., : length // 2 + 1]
    resampled: torch.Tensor = torch.fft.irfft(spectrum, n=length) * (length / padded.shape[-1])
    return resampled[..., STYLE_MARGIN : length - STYLE_MARGIN]


def create(card: InstalledCard) -> SegmentEncoder:
    """Raises EncoderError when the weights are missing, altered or do not fit."""
    spec = describe(card)
    network = TwoTowerNetwork()
    load_weights(network, spec)
    return SegmentEncoder(spec, network.eval().requires_grad_(requires_grad=False), batch=BATCH)
