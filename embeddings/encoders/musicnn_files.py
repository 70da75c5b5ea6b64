"""Files with weights of musicnn, read once when the encoder is installed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.conversion import Converted, encode, find_by_suffix, read_safetensors_file
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.musicnn import MIDDLE_LAYERS, TIMBRE_HEIGHTS, TIME_FRAMES, MusicnnNetwork
from embeddings.encoders.musicnn_spec import DIMENSION, WEIGHTS
from embeddings.encoders.onnx_file import read_onnx_weights
from embeddings.encoders.spec import Option

EPSILON: Final = 1e-3
FRONT_LAYERS: Final = len(TIMBRE_HEIGHTS) + len(TIME_FRAMES)

Weights = Mapping[str, NDArray[np.float32]]


def convert(sources: Sequence[Path], _options: Mapping[str, Option]) -> Converted:
    """The published graph as ONNX (layers named as its authors' TensorFlow code names them), or a safetensors file in
    the names of ``MusicnnNetwork``. Raises EncoderError."""
    path = find_by_suffix(sources, ".onnx", ".safetensors")
    state = read_safetensors_file(path) if path.suffix == ".safetensors" else _read_graph(path)
    content, parameters = encode(MusicnnNetwork(), state)
    return Converted({WEIGHTS: content}, DIMENSION, parameters)


def _read_graph(path: Path) -> dict[str, torch.Tensor]:
    weights = read_onnx_weights(path)
    with as_encoder_error(f"{path} is not the graph of musicnn: it lacks or has otherwise"):
        arrays = _name_layers(weights)
    return {name: torch.from_numpy(np.ascontiguousarray(array, np.float32)) for name, array in arrays.items()}


def _name_layers(weights: Weights) -> dict[str, NDArray[np.float32]]:
    found = _normalisation(weights, "input", "batch_normalization")
    for number in range(FRONT_LAYERS):
        name = f"front.{number}"
        kernel, bias = _convolution(weights, number)
        found |= {f"{name}.convolution.weight": kernel, f"{name}.convolution.bias": bias}
        found |= _normalisation(weights, f"{name}.normalisation", f"batch_normalization_{number + 1}")
    for number in range(MIDDLE_LAYERS):
        name, place = f"middle.{number}", FRONT_LAYERS + number
        kernel, bias = _convolution(weights, place)
        # (outputs, 1, frames, channels) for an image of one row a frame
        found |= {f"{name}.convolution.weight": kernel[:, 0].transpose(0, 2, 1), f"{name}.convolution.bias": bias}
        found |= _normalisation(weights, f"{name}.normalisation", f"batch_normalization_{place + 1}")
    # the last normalisation is folded already
    folded = f"model/batch_normalization_{FRONT_LAYERS + MIDDLE_LAYERS + 1}/batchnorm"
    return found | {
        "pooled.scale": weights[f"{folded}/mul:0"],
        "pooled.shift": weights[f"{folded}/sub:0"],
        "dense.weight": weights["dense/kernel/read:0"].T,
        "dense.bias": weights["dense/bias/read:0"],
    }


def _convolution(weights: Weights, number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    name = f"conv2d_{number}" if number else "conv2d"
    return weights[f"{name}/kernel/read:0"], weights[f"{name}/bias/read:0"]


def _normalisation(weights: Weights, target: str, source: str) -> dict[str, NDArray[np.float32]]:
    gamma, beta = weights[f"{source}/gamma/read:0"], weights[f"{source}/beta/read:0"]
    mean, variance = weights[f"{source}/moving_mean/read:0"], weights[f"{source}/moving_variance/read:0"]
    scale = gamma / np.sqrt(variance + np.float32(EPSILON))
    return {f"{target}.scale": scale, f"{target}.shift": beta - mean * scale}
