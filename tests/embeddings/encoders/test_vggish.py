"""VGGish against its definition, computed here the slow way."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from embeddings.encoders import create_encoder
from embeddings.encoders.vggish import framed_log_mel
from embeddings.encoders.vggish_spec import FRONT_END, WINDOW_SAMPLES
from embeddings.errors import EncoderError
from tests.embeddings.encoders.conftest import Install, sound
from tests.embeddings.encoders.published import vggish_state


def slow_log_mel(wave: np.ndarray) -> np.ndarray:
    """Frame by frame and band by band, as the paper and its code describe it."""

    def mel(hz: float) -> float:
        return 1127.0 * float(np.log(1.0 + hz / 700.0))

    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    rows = []
    for start in range(0, len(wave) - 399, 160):
        magnitudes = np.abs(np.fft.rfft(wave[start : start + 400] * window, 512))
        bands = []
        for low, peak, high in zip(edges, edges[1:], edges[2:], strict=False):
            weights = [
                max(0.0, min((mel(k * 8000 / 256) - low) / (peak - low), (high - mel(k * 8000 / 256)) / (high - peak)))
                for k in range(257)
            ]
            bands.append(np.log(float(magnitudes @ np.array(weights)) + 0.01))
        rows.append(bands)
    return np.array(rows)


def test_the_front_end() -> None:
    wave = sound(400 + 4 * 160 + 100, 16_000)
    found = framed_log_mel(torch.from_numpy(wave[None, :]), FRONT_END)[0].numpy()
    assert found.shape == (5, 64)
    np.testing.assert_allclose(found, slow_log_mel(wave), atol=2e-4)


def run_published(example: np.ndarray, state: dict[str, torch.Tensor]) -> torch.Tensor:
    """One example of 96 frames; pools where the published network has them."""
    maps = torch.from_numpy(example.astype(np.float32))[None, None]
    for place in (0, 3, 6, 8, 11, 13):
        weight, bias = state[f"features.{place}.weight"], state[f"features.{place}.bias"]
        maps = torch.relu(torch.nn.functional.conv2d(maps, weight, bias, padding=1))
        maps = maps if place in (6, 11) else torch.nn.functional.max_pool2d(maps, 2)
    flat = maps.movedim(1, 3).reshape(-1)
    for place in (0, 2, 4):
        flat = torch.relu(state[f"embeddings.{place}.weight"] @ flat + state[f"embeddings.{place}.bias"])
    return flat


def unit(vector: torch.Tensor) -> np.ndarray:
    return (vector / vector.norm()).numpy()


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save(vggish_state(), tmp_path / "vggish.pth")
    return tmp_path / "vggish.pth"


def levelled(wave: np.ndarray) -> np.ndarray:
    centred = wave - wave.mean()
    return centred * 0.1 / np.sqrt(np.mean(centred**2))


def test_a_segment_is_the_mean_of_ten_examples(weights: Path, install_files: Install) -> None:
    spec = install_files("vggish", weights)
    assert (spec.dimension, spec.segments.window_samples) == (128, WINDOW_SAMPLES)
    wave = sound(WINDOW_SAMPLES, 16_000)
    found = create_encoder("vggish").embed_segments(wave[None, :])[0]
    mel = framed_log_mel(torch.from_numpy(levelled(wave)[None, :]).float(), FRONT_END)[0].numpy()
    assert len(mel) == 960
    examples = [run_published(mel[start : start + 96], vggish_state()) for start in range(0, 960, 96)]
    np.testing.assert_allclose(found, unit(torch.stack(examples).mean(dim=0)), atol=1e-4)


def components() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    matrix, _ = np.linalg.qr(rng.normal(size=(128, 128)))
    return {"pca_eigen_vectors": (3 * matrix).astype(np.float32), "pca_means": rng.normal(size=(128, 1)) * 0.1}


@pytest.mark.parametrize("kind", ["npz", "pth"])
def test_whitening(weights: Path, tmp_path: Path, install_files: Install, kind: str) -> None:
    path = tmp_path / f"components.{kind}"
    if kind == "npz":
        np.savez(path, **components())  # type: ignore[arg-type]
    else:
        torch.save({name: torch.from_numpy(array) for name, array in components().items()}, path)
    spec = install_files("vggish", weights, path)
    assert dict(spec.options)["whitened"] is True
    wave = sound(WINDOW_SAMPLES, 16_000)
    found = create_encoder("vggish").embed_segments(wave[None, :])[0]
    mel = framed_log_mel(torch.from_numpy(levelled(wave)[None, :]).float(), FRONT_END)[0].numpy()
    rows = np.stack([run_published(mel[start : start + 96], vggish_state()).numpy() for start in range(0, 960, 96)])
    given = components()
    whitened = np.clip((rows - given["pca_means"].ravel()) @ given["pca_eigen_vectors"].T, -2, 2).mean(axis=0)
    np.testing.assert_allclose(found, whitened / np.linalg.norm(whitened), atol=1e-3)


def test_components_may_be_left_out(weights: Path, tmp_path: Path, install_files: Install) -> None:
    np.savez(tmp_path / "components.npz", **components())  # type: ignore[arg-type]
    raw = install_files("vggish", weights, tmp_path / "components.npz", whitened=False)
    assert dict(raw.options)["whitened"] is False


def test_safetensors_are_taken_too(tmp_path: Path, install_files: Install) -> None:
    save_file(vggish_state(), tmp_path / "vggish.safetensors")
    assert install_files("vggish", tmp_path / "vggish.safetensors").has_weights


def test_whitening_without_components_is_refused(weights: Path, install_files: Install) -> None:
    with pytest.raises(EncoderError, match="pca_eigen_vectors"):
        install_files("vggish", weights, whitened=True)


def test_components_of_another_size_are_refused(weights: Path, tmp_path: Path, install_files: Install) -> None:
    np.savez(tmp_path / "components.npz", pca_eigen_vectors=np.eye(64), pca_means=np.zeros(64))
    with pytest.raises(EncoderError, match="128 x 128"):
        install_files("vggish", weights, tmp_path / "components.npz")


def test_pickled_arrays_are_not_read(weights: Path, tmp_path: Path, install_files: Install) -> None:
    np.savez(tmp_path / "components.npz", pca_means=np.array([pytest.raises], dtype=object))
    with pytest.raises(EncoderError, match="cannot be read as arrays"):
        install_files("vggish", weights, tmp_path / "components.npz")


@pytest.mark.parametrize("kind", ["missing layer", "other shape", "nothing"])
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, install_files: Install, kind: str) -> None:
    state = vggish_state()
    if kind == "missing layer":
        del state["features.13.bias"]
    elif kind == "other shape":
        state["embeddings.4.weight"] = torch.zeros(64, 8)
    else:
        state = {"layer": torch.zeros(1)}
    torch.save(state, tmp_path / "vggish.pth")
    with pytest.raises(EncoderError, match="do not fit"):
        install_files("vggish", tmp_path / "vggish.pth")


def test_an_unknown_option_is_refused(weights: Path, install_files: Install) -> None:
    with pytest.raises(EncoderError, match="whitened"):
        install_files("vggish", weights, layer=3)
