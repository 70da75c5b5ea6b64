"""The VGG-like audio network of Hershey et al., "CNN Architectures for Large-Scale Audio Classification" (ICASSP 2017).

Six 3x3 convolutions and three full layers over examples of 96 frames and 64 mel bands; a segment is the mean of ten
examples. With ``whitened``, each example goes through the published principal component analysis and is clipped to -2
... 2, as the features of the YouTube-8M and AudioSet releases are, only not rounded to 8 bits.
"""

from functools import lru_cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.front_end import FramedMelSpec
from embeddings.encoders.segment_encoder import SegmentEncoder, average_examples, split_examples
from embeddings.encoders.vggish_spec import DIMENSION, EXAMPLE_FRAMES, FRONT_END, HIDDEN, WHITENED, describe
from embeddings.encoders.weights import load_weights

# Channels of the convolutions; 0 halves both sides.
LAYERS: Final = (64, 0, 128, 0, 256, 256, 0, 512, 512, 0)
FLAT: Final = 512 * 6 * 4
CLIP: Final = 2.0
BATCH: Final = 4


def mel_bands(spec: FramedMelSpec) -> NDArray[np.float32]:
    """Triangles (n_fft // 2 + 1, n_mels) over the mel axis, mel = 1127 ln(1 + f / 700), as HTK has it."""

    def to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(1127.0 * np.log1p(hz / 700.0))

    bins = to_mel(np.linspace(0.0, spec.rate_hz / 2, spec.n_fft // 2 + 1))[:, None]
    low, high = to_mel(np.array([spec.f_min, spec.f_max]))
    edges = np.linspace(low, high, spec.n_mels + 2)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


@lru_cache(maxsize=4)
def _bands(spec: FramedMelSpec) -> torch.Tensor:
    return torch.from_numpy(mel_bands(spec))


def framed_log_mel(waveforms: torch.Tensor, spec: FramedMelSpec) -> torch.Tensor:
    """Waveforms (n, samples) to (n, frames, n_mels): natural logarithm of band magnitudes plus ``spec.offset``.

    Frames begin with the first sample; what is over at the end is dropped.
    """
    frames = waveforms.unfold(-1, spec.frame_length, spec.hop_length) * torch.hann_window(spec.frame_length)
    magnitudes = torch.fft.rfft(frames, n=spec.n_fft).abs()
    return torch.log(magnitudes @ _bands(spec) + spec.offset)


class VggishNetwork(nn.Module):
    """Layers are named as in the port to torch that most people have the weights of; ``hidden`` is 4096 there."""

    def __init__(self, hidden: int, *, is_whitened: bool) -> None:
        super().__init__()
        self.features = nn.Sequential(*_convolutions())
        self.embeddings = nn.Sequential(
            *(nn.Linear(FLAT, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()),
            *(nn.Linear(hidden, DIMENSION), nn.ReLU()),
        )
        self.whitening = nn.Linear(DIMENSION, DIMENSION) if is_whitened else None

    @staticmethod
    def views(waveforms: torch.Tensor) -> tuple[torch.Tensor]:
        """(n, samples) to examples (n, examples, 96, 64)."""
        return (split_examples(framed_log_mel(waveforms, FRONT_END), EXAMPLE_FRAMES),)

    def embed_examples(self, examples: torch.Tensor) -> torch.Tensor:
        """(n, 96, 64) to (n, 128)."""
        maps = self.features(examples.unsqueeze(1))
        # the full layers expect channels last
        found: torch.Tensor = self.embeddings(maps.permute(0, 2, 3, 1).flatten(1))
        return found if self.whitening is None else self.whitening(found).clamp(-CLIP, CLIP)

    def forward(self, examples: torch.Tensor) -> torch.Tensor:
        """(n, examples, 96, 64) to the mean of the examples, (n, 128)."""
        return average_examples(self.embed_examples(examples.flatten(0, 1)), examples.shape[1])


def _convolutions() -> list[nn.Module]:
    layers: list[nn.Module] = []
    inputs = 1
    for channels in LAYERS:
        if channels:
            layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
            inputs = channels
        else:
            layers.append(nn.MaxPool2d(2))
    return layers


def create(card: InstalledCard) -> SegmentEncoder:
    """Raises EncoderError when the weights are missing, altered or do not fit."""
    spec = describe(card)
    with torch.device("meta"):
        network = VggishNetwork(card.option(HIDDEN, int), is_whitened=card.option(WHITENED, bool))
    network = network.to_empty(device="cpu")
    load_weights(network, spec)
    return SegmentEncoder(spec, network.eval().requires_grad_(requires_grad=False), batch=BATCH)
