"""Files in the layouts in which others publish weights, filled with seeded numbers of a sensible size."""

import itertools
import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
import transformers

FCN_CHANNELS = (1, 64, 128, 128, 128, 64)
ARTIST_CHANNELS = (128, 128, 128, 128, 128, 256)
ARTIST_KERNELS = (4, 4, 4, 2, 1)
VGGISH_CONVOLUTIONS = {0: (64, 1), 3: (128, 64), 6: (256, 128), 8: (256, 256), 11: (512, 256), 13: (512, 512)}
HIDDEN = 8

TEACHERS = Path(os.environ.get("TEST_TEACHERS", "absent"))
needs_teachers = pytest.mark.skipif(not TEACHERS.is_dir(), reason="TEST_TEACHERS names no folder of published weights")


class Numbers:
    """Weights from one seed, in the order they are asked for."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def kernel(self, *shape: int, inputs: int) -> np.ndarray:
        return (self._rng.normal(size=shape) * np.sqrt(2 / inputs)).astype(np.float32)

    def around(self, centre: float, size: int, deviation: float = 0.1) -> np.ndarray:
        return (centre + deviation * self._rng.normal(size=size)).astype(np.float32)

    def norm(self, size: int) -> dict[str, np.ndarray]:
        names = {"gamma": 1.0, "beta": 0.0, "mean": 0.1, "variance": 1.0}
        found = {name: self.around(centre, size) for name, centre in names.items()}
        return found | {"variance": np.abs(found["variance"])}


def fcn_state(seed: int = 0) -> dict[str, torch.Tensor]:
    numbers = Numbers(seed)
    state = {
        "spec_bn.weight": np.array([1.1], np.float32),
        "spec_bn.bias": np.array([0.2], np.float32),
        "spec_bn.running_mean": np.array([-12.0], np.float32),
        "spec_bn.running_var": np.array([400.0], np.float32),
        "spec_bn.num_batches_tracked": np.array(7),
        "dense.weight": numbers.kernel(50, 64, inputs=64),
    }
    for number, (inputs, outputs) in enumerate(itertools.pairwise(FCN_CHANNELS), start=1):
        layer = f"layer{number}"
        state[f"{layer}.conv.weight"] = numbers.kernel(outputs, inputs, 3, 3, inputs=9 * inputs)
        state[f"{layer}.conv.bias"] = numbers.around(0, outputs)
        norm = numbers.norm(outputs)
        names = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}
        state |= {f"{layer}.bn.{name}": norm[key] for name, key in names.items()}
    return {name: torch.from_numpy(array) for name, array in state.items()}


def artist_layers(seed: int = 1) -> list[dict[str, np.ndarray]]:
    """Kernels as Keras has them: (frames, inputs, outputs)."""
    numbers, layers = Numbers(seed), []
    for (inputs, outputs), kernel in zip(itertools.pairwise(ARTIST_CHANNELS), ARTIST_KERNELS, strict=True):
        layer = {
            "kernel": numbers.kernel(kernel, inputs, outputs, inputs=kernel * inputs),
            "bias": numbers.around(0, outputs),
        }
        layers.append(layer | numbers.norm(outputs))
    return layers


def write_two_tower(folder: Path, seed: int = 0) -> tuple[Path, Path]:
    """Both published files, the first in a folder of its own."""
    (folder / "fcn").mkdir(parents=True)
    fcn, artist = folder / "fcn" / "best_model.pth", folder / "model_siamese_10000.h5"
    torch.save(fcn_state(seed), fcn)
    names = {"gamma": "gamma", "beta": "beta", "mean": "moving_mean", "variance": "moving_variance"}
    with h5py.File(artist, "w") as file:
        for number, layer in enumerate(artist_layers(seed + 1), start=1):
            for name in ("kernel", "bias"):
                file[f"model_weights/conv1d_{number}/conv1d_{number}/{name}:0"] = layer[name]
            for key, name in names.items():
                place = f"batch_normalization_{number}"
                file[f"model_weights/{place}/{place}/{name}:0"] = layer[key]
    return fcn, artist


def vggish_state(seed: int = 0) -> dict[str, torch.Tensor]:
    """All convolutions, and full layers of 8 instead of 4096."""
    numbers = Numbers(seed)
    state = {}
    for place, (outputs, inputs) in VGGISH_CONVOLUTIONS.items():
        state[f"features.{place}.weight"] = numbers.kernel(outputs, inputs, 3, 3, inputs=9 * inputs)
        state[f"features.{place}.bias"] = numbers.around(0, outputs)
    for place, (outputs, inputs) in {0: (HIDDEN, 512 * 24), 2: (HIDDEN, HIDDEN), 4: (128, HIDDEN)}.items():
        state[f"embeddings.{place}.weight"] = numbers.kernel(outputs, inputs, inputs=inputs)
        state[f"embeddings.{place}.bias"] = numbers.around(0.2, outputs)
    return {name: torch.from_numpy(array) for name, array in state.items()}


def musicnn_weights(seed: int = 0) -> dict[str, np.ndarray]:
    """As the published graph names them."""
    numbers, weights = Numbers(seed), {}

    def add_norm(place: int, size: int) -> None:
        name = f"batch_normalization_{place}" if place else "batch_normalization"
        norm = numbers.norm(size)
        weights[f"{name}/gamma/read:0"], weights[f"{name}/beta/read:0"] = norm["gamma"], norm["beta"]
        weights[f"{name}/moving_mean/read:0"] = norm["mean"]
        weights[f"{name}/moving_variance/read:0"] = norm["variance"]

    add_norm(0, 1)
    shapes = [(204, 1, 7, 38), (204, 1, 7, 67), (51, 1, 128, 1), (51, 1, 64, 1), (51, 1, 32, 1)]
    shapes += [(64, 1, 7, 561), (64, 1, 7, 64), (64, 1, 7, 64)]
    for place, shape in enumerate(shapes):
        name = f"conv2d_{place}" if place else "conv2d"
        weights[f"{name}/kernel/read:0"] = numbers.kernel(*shape, inputs=shape[2] * shape[3])
        weights[f"{name}/bias/read:0"] = numbers.around(0, shape[0])
        add_norm(place + 1, shape[0])
    weights["model/batch_normalization_9/batchnorm/mul:0"] = numbers.around(1, 1506)
    weights["model/batch_normalization_9/batchnorm/sub:0"] = numbers.around(0, 1506)
    weights["dense/kernel/read:0"] = numbers.kernel(1506, 200, inputs=1506)
    weights["dense/bias/read:0"] = numbers.around(0, 200)
    return weights


def transformer_network(seed: int = 0) -> transformers.PreTrainedModel:
    """A wav2vec 2.0 of 16 numbers and three layers."""
    shape = {"conv_dim": (8, 8), "conv_kernel": (16, 16), "conv_stride": (16, 16), "num_feat_extract_layers": 2}
    size = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
    position = {"num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
    network = transformers.Wav2Vec2Model(transformers.Wav2Vec2Config(**shape, **size, **position)).eval()
    numbers = Numbers(seed)
    for name, parameter in sorted(network.named_parameters()):
        is_scale = name.endswith(("norm.weight", "original0"))
        drawn = numbers.around(1.0 if is_scale else 0.0, parameter.numel())
        parameter.data = torch.from_numpy(drawn.reshape(parameter.shape))
    return network


def write_transformer(folder: Path) -> Path:
    """As the library saves a network, with what its front end is."""
    transformer_network().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({"sampling_rate": 16_000, "do_normalize": True}))
    return folder


def write_onnx(path: Path, weights: dict[str, np.ndarray]) -> Path:
    """Weights as initialisers of an ONNX graph without nodes, beside a shape that is no weight."""

    def varint(number: int) -> bytes:
        digits = bytearray()
        while number > 0x7F:
            digits.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*digits, number])

    def field(number: int, content: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(content)) + content

    def tensor(name: str, array: np.ndarray, kind: int) -> bytes:
        dims = b"".join(varint(1 << 3) + varint(size) for size in array.shape)
        return dims + varint(2 << 3) + varint(kind) + field(8, name.encode()) + field(9, array.tobytes())

    tensors = [tensor(name, array.astype("<f4"), 1) for name, array in weights.items()]
    tensors.append(tensor("new_shape", np.array([-1, 187], "<i8"), 7))
    graph = b"".join(field(5, content) for content in tensors)
    path.write_bytes(varint(1 << 3) + varint(7) + field(7, graph))
    return path
