"""The published files of the two towers, read once when the encoder is installed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import h5py
import torch

from embeddings.encoders.conversion import Converted, encode, find_by_suffix, read_torch_file
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.spec import Option
from embeddings.encoders.two_tower import TwoTowerNetwork
from embeddings.encoders.two_tower_spec import DIMENSION, WEIGHTS
from embeddings.errors import EncoderError

BLOCKS: Final = 5
FCN_EPSILON: Final = 1e-5
KERAS_EPSILON: Final = 1e-3
# Numbers in a layer, with room to spare: a small file may claim to hold any.
LARGEST_LAYER: Final = 1 << 20

State = dict[str, torch.Tensor]


def convert(sources: Sequence[Path], _options: Mapping[str, Option]) -> Converted:
    """``best_model.pth`` of the style tower and ``model_siamese_10000.h5`` of the timbre tower as one safetensors file.

    Raises EncoderError when a file is missing or does not hold the layers.
    """
    style = read_fcn(find_by_suffix(sources, ".pth"))
    timbre = read_artist(find_by_suffix(sources, ".h5"))
    state = {f"style.{key}": value for key, value in style.items()}
    state |= {f"timbre.{key}": value for key, value in timbre.items()}
    content, parameters = encode(TwoTowerNetwork(), state)
    return Converted({WEIGHTS: content}, DIMENSION, parameters)


def read_fcn(path: Path) -> State:
    """State of an ``FcnTower``. Raises EncoderError."""
    state = read_torch_file(path)
    with as_encoder_error(f"{path} is not the file of an FCN tagger: missing or does not fit"):
        found = _fold_input(state)
        for number in range(BLOCKS):
            names = {"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}
            norm = {key: state[f"layer{number + 1}.bn.{name}"] for key, name in names.items()}
            layer = (state[f"layer{number + 1}.conv.weight"], state[f"layer{number + 1}.conv.bias"])
            found |= _fold(number, layer, norm, FCN_EPSILON)
    return found


def read_artist(path: Path) -> State:
    """State of an ``ArtistTower``. Raises EncoderError."""
    with as_encoder_error(f"{path} is not the file of the artist network"), h5py.File(path) as file:
        weights = file["model_weights"]
        found: State = {}
        for number in range(BLOCKS):
            found |= _read_artist_block(weights, number)
    return found


def _read_artist_block(weights: h5py.Group, number: int) -> State:
    def read(kind: str, name: str) -> torch.Tensor:
        path = f"{kind}_{number + 1}/{kind}_{number + 1}/{name}:0"
        array = weights[path]
        if array.dtype.kind != "f" or array.size > LARGEST_LAYER:
            raise EncoderError(f"The artist network has another {path}")
        return torch.from_numpy(array[()])

    names = {"gamma": "gamma", "beta": "beta", "mean": "moving_mean", "variance": "moving_variance"}
    norm = {key: read("batch_normalization", name) for key, name in names.items()}
    # Keras keeps (kernel, inputs, outputs)
    kernel = read("conv1d", "kernel").permute(2, 1, 0).contiguous()
    return _fold(number, (kernel, read("conv1d", "bias")), norm, KERAS_EPSILON)


def _fold_input(state: State) -> State:
    scale = state["spec_bn.weight"] / torch.sqrt(state["spec_bn.running_var"] + FCN_EPSILON)
    return {"input_scale": scale, "input_shift": state["spec_bn.bias"] - state["spec_bn.running_mean"] * scale}


def _fold(number: int, layer: tuple[torch.Tensor, torch.Tensor], norm: State, epsilon: float) -> State:
    """A convolution followed by batch normalisation, as one convolution."""
    weight, bias = layer
    scale = norm["gamma"] / torch.sqrt(norm["variance"] + epsilon)
    return {
        f"convolutions.{number}.weight": weight * scale.view(-1, *[1] * (weight.dim() - 1)),
        f"convolutions.{number}.bias": (bias - norm["mean"]) * scale + norm["beta"],
    }
