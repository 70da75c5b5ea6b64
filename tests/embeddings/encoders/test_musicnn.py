"""musicnn against the steps of its published graph."""

from pathlib import Path

import librosa
import numpy as np
import pytest
import torch
from safetensors.torch import load, save_file
from torch.nn import functional

from embeddings.encoders import create_encoder
from embeddings.encoders.musicnn import MusicnnNetwork
from embeddings.encoders.musicnn_files import convert
from embeddings.encoders.musicnn_spec import FRONT_END, WINDOW_SAMPLES
from embeddings.errors import EncoderError
from embeddings.mel import log_mel
from tests.embeddings.encoders.conftest import Install, sound
from tests.embeddings.encoders.golden import real_files
from tests.embeddings.encoders.published import musicnn_weights, needs_teachers, write_onnx


def run_graph(mel: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """(n, 187, 96) to (n, 200), step by step."""
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}

    def norm(maps: torch.Tensor, place: int) -> torch.Tensor:
        name = f"batch_normalization_{place}" if place else "batch_normalization"
        parts = ("moving_mean", "moving_variance", "gamma", "beta")
        return functional.batch_norm(maps, *(tensors[f"{name}/{part}/read:0"] for part in parts), eps=1e-3)

    def block(maps: torch.Tensor, place: int) -> torch.Tensor:
        name = f"conv2d_{place}" if place else "conv2d"
        kernel = tensors[f"{name}/kernel/read:0"]
        before = (kernel.shape[2] - 1) // 2
        padded = functional.pad(maps, (0, 0, before, kernel.shape[2] - 1 - before))
        found = functional.conv2d(padded, kernel, tensors[f"{name}/bias/read:0"])
        return norm(functional.relu(found), place + 1)

    maps = norm(torch.from_numpy(mel)[:, None], 0)
    front = torch.cat([block(maps, place).amax(dim=3) for place in range(5)], dim=1)
    first = block(front.transpose(1, 2)[:, None], 5)[..., 0]
    second = block(first.transpose(1, 2)[:, None], 6)[..., 0] + first
    third = block(second.transpose(1, 2)[:, None], 7)[..., 0] + second
    course = torch.cat([front, first, second, third], dim=1)
    flat = torch.stack([course.amax(dim=2), course.mean(dim=2)], dim=2).flatten(1)
    folded = "model/batch_normalization_9/batchnorm"
    normal = flat * tensors[f"{folded}/mul:0"] + tensors[f"{folded}/sub:0"]
    return (normal @ tensors["dense/kernel/read:0"] + tensors["dense/bias/read:0"]).numpy()


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return write_onnx(tmp_path / "musicnn.onnx", musicnn_weights())


def test_the_front_end() -> None:
    wave = sound(WINDOW_SAMPLES, 16_000)
    bands = librosa.feature.melspectrogram(y=wave, sr=16_000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect")
    found = log_mel(torch.from_numpy(wave[None, :]), FRONT_END)[0].numpy()
    np.testing.assert_allclose(found, np.log10(10_000 * bands + 1), atol=1e-4)


def test_a_segment_is_the_mean_of_three_examples(graph: Path, install_files: Install) -> None:
    spec = install_files("musicnn", graph)
    assert (spec.dimension, spec.segments.window_samples) == (200, WINDOW_SAMPLES)
    waves = np.stack([sound(WINDOW_SAMPLES, 16_000, seed) for seed in range(3)])
    encoder = create_encoder("musicnn")
    found = encoder.embed_segments(waves)
    examples = encoder.front_end(waves)[0].numpy()  # type: ignore[attr-defined]
    assert examples.shape == (3, 3, 187, 96)
    expected = run_graph(examples.reshape(9, 187, 96), musicnn_weights()).reshape(3, 3, 200).mean(axis=1)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)


@needs_teachers
def test_the_published_graph_gives_the_same_in_its_own_runtime() -> None:
    runtime = pytest.importorskip("onnxruntime")
    (path,) = real_files()["musicnn"]
    session = runtime.InferenceSession(str(path))
    mel = np.abs(np.random.default_rng(0).normal(size=(2, 187, 96))).astype(np.float32)
    (expected,) = session.run(None, {session.get_inputs()[0].name: mel})
    content = convert([path], {}).files["musicnn.safetensors"]
    assert isinstance(content, bytes)
    network = MusicnnNetwork()
    network.load_state_dict(load(content))
    with torch.inference_mode():
        np.testing.assert_allclose(network.embed_examples(torch.from_numpy(mel)).numpy(), expected, atol=1e-3)


def test_its_own_safetensors_are_taken_too(graph: Path, tmp_path: Path, install_files: Install) -> None:
    content = convert([graph], {}).files["musicnn.safetensors"]
    assert isinstance(content, bytes)
    (tmp_path / "other.safetensors").write_bytes(content)
    first = install_files("musicnn", graph)
    assert install_files("musicnn", tmp_path / "other.safetensors").weights_sha256 == first.weights_sha256


@pytest.mark.parametrize("kind", ["missing", "shape", "other names"])
def test_another_graph_is_refused(tmp_path: Path, install_files: Install, kind: str) -> None:
    weights = musicnn_weights()
    if kind == "missing":
        del weights["conv2d_4/kernel/read:0"]
    elif kind == "shape":
        weights["dense/kernel/read:0"] = np.zeros((1506, 10), np.float32)
    else:
        weights = {"a": np.zeros(3, np.float32)}
    with pytest.raises(EncoderError, match=r"not the graph|do not fit"):
        install_files("musicnn", write_onnx(tmp_path / "other.onnx", weights))


def test_safetensors_of_another_network_are_refused(tmp_path: Path, install_files: Install) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(EncoderError, match="do not fit"):
        install_files("musicnn", tmp_path / "other.safetensors")
