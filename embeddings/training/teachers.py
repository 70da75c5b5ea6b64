"""The published networks that the student learns from, block by block.

``fcn_*``: the fully convolutional tagger of Choi et al. (2016) as trained by Won et al., "Evaluation of CNN-based
automatic music tagging models" (SMC 2020), MIT. ``artist_10k``: the siamese artist network of Park, Lee et al.,
"Representation learning of music using artist labels" (ISMIR 2018), MIT. They are read at training time only.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch.nn import functional

from embeddings.encoders.conversion import read_torch_file
from embeddings.encoders.two_tower import ArtistTower, FcnTower
from embeddings.encoders.two_tower_files import BLOCKS, read_artist, read_fcn
from embeddings.encoders.weights import flush_denormals

SILENT = 1e-5

Affine = tuple[torch.Tensor, torch.Tensor]


def layers_of(tower: FcnTower | ArtistTower) -> list[Affine]:
    """Weight and bias of each convolution."""
    return _layers(tower.state_dict())


def _layers(state: Mapping[str, torch.Tensor]) -> list[Affine]:
    return [(state[f"convolutions.{number}.weight"], state[f"convolutions.{number}.bias"]) for number in range(BLOCKS)]


def _fill(tower: FcnTower | ArtistTower, layers: Sequence[Affine]) -> None:
    for (weight, bias), (new_weight, new_bias) in zip(layers_of(tower), layers, strict=True):
        weight.copy_(flush_denormals(new_weight))
        bias.copy_(flush_denormals(new_bias))
    tower.requires_grad_(requires_grad=False)


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


class FcnTeacher(FcnTower):
    """The tagger less its silent channels; rows of tags give the 64-d style vector."""

    def __init__(self, folder: Path) -> None:
        path = folder / "best_model.pth"
        state = read_fcn(path)
        layers = drop_silent(_layers(state))
        super().__init__(tuple(len(bias) for _, bias in layers))
        _fill(self, layers)
        self.input_scale.copy_(state["input_scale"])
        self.input_shift.copy_(state["input_shift"])
        published = read_torch_file(path)
        self.tag_layer = published["dense.weight"], published["dense.bias"]

    def tags(self, vectors: torch.Tensor) -> torch.Tensor:
        """Vectors (n, 64) to the probabilities (n, 50) of its tags."""
        return torch.sigmoid(functional.linear(vectors, *self.tag_layer))


class ArtistTeacher(ArtistTower):
    """The artist network as it was published; 256-d."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        _fill(self, _layers(read_artist(folder / "model_siamese_10000.h5")))
