"""The shipped encoder: two convolutional towers over two log-mel views of a window, and small heads over both."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from embeddings.encoders.cnn_heads import Assembly, Blocks, ContextHead, TagHead, summarise
from embeddings.encoders.cnn_spec import WINDOW_SAMPLES, compact_spec
from embeddings.encoders.cnn_towers import STYLE_CHANNELS, StyleTower, TimbreTower, views
from embeddings.encoders.spec import EncoderSpec
from embeddings.encoders.tag_names import JAMENDO_TAGS, MSD_TAGS
from embeddings.encoders.weights import load_weights

BATCH: Final = 8
Views = tuple[torch.Tensor, torch.Tensor]


class CompactNetwork(nn.Module):
    """Towers, heads and assembly; ``style_channels`` are those of the style tower, nearly all of the cost."""

    def __init__(self, style_channels: tuple[int, ...] = STYLE_CHANNELS) -> None:
        super().__init__()
        self.style = StyleTower(style_channels)
        self.timbre = TimbreTower()
        self.context = ContextHead()
        self.tags = TagHead()
        self.assembly = Assembly()

    def hear(
        self, style_mel: torch.Tensor, timbre_mel: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The two views of n windows to the style (n, 64) and timbre (n, 256) blocks and the context (n, 896)."""
        style, style_texture = self.style(style_mel)
        timbre, timbre_texture = self.timbre(timbre_mel)
        context = torch.cat([style, style_texture, timbre, timbre_texture, summarise(style_mel)], dim=-1)
        return style, timbre, context

    def describe(self, style_mel: torch.Tensor, timbre_mel: torch.Tensor) -> tuple[Blocks, torch.Tensor]:
        """The two views of n windows to the four blocks and the logits (n, 100) of the tags."""
        style, timbre, context = self.hear(style_mel, timbre_mel)
        sound, mood = self.context(context)
        return (style, timbre, sound, mood), self.tags(style, mood)


class CnnEncoder:
    """The network with its weights, ready to embed."""

    tag_names: tuple[str, ...] = (*MSD_TAGS, *JAMENDO_TAGS)

    def __init__(self, spec: EncoderSpec, network: CompactNetwork) -> None:
        self.spec = spec
        self.network = network.eval().requires_grad_(requires_grad=False)

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, 163,840) at 16 kHz to unit-length rows (n, dimension).

        Always finite, for silence too. Raises ValueError for another window length.
        """
        return self.describe_segments(waveforms)[0]

    def describe_segments(self, waveforms: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The same with the probability of each of ``tag_names`` (n, 100), eight windows at a time."""
        _check_shape(waveforms)
        vectors = np.empty((len(waveforms), self.spec.dimension), np.float32)
        tags = np.empty((len(waveforms), len(self.tag_names)), np.float32)
        for start in range(0, len(waveforms), BATCH):
            rows = slice(start, start + BATCH)
            vectors[rows], tags[rows] = self._describe(self.front_end(waveforms[rows]))
        return vectors, tags

    def front_end(self, waveforms: NDArray[np.float32]) -> Views:
        """The two log-mel views of waveforms (n, 163,840)."""
        _check_shape(waveforms)
        with torch.inference_mode():
            return views(torch.from_numpy(np.ascontiguousarray(waveforms, np.float32)))

    def run_network(self, mels: Views) -> NDArray[np.float32]:
        """What ``front_end`` gave, to unit-length rows (n, dimension)."""
        return self._describe(mels)[0]

    def _describe(self, mels: Views) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            blocks, logits = self.network.describe(*mels)
            vectors: NDArray[np.float32] = self.network.assembly(blocks, self.spec.dimension).numpy()
            tags: NDArray[np.float32] = torch.sigmoid(logits).numpy()
        return vectors, tags


def _check_shape(waveforms: NDArray[np.float32]) -> None:
    if waveforms.ndim != 2 or waveforms.shape[1] != WINDOW_SAMPLES:
        raise ValueError(f"waveforms must be (n, {WINDOW_SAMPLES}), not {waveforms.shape}")


def create() -> CnnEncoder:
    """The shipped encoder. Raises EncoderError when its weights are missing or altered."""
    spec = compact_spec()
    network = CompactNetwork()
    load_weights(network, spec)
    return CnnEncoder(spec, network)
