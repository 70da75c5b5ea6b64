"""Against the layers as they were published: convolution, normalisation and rectification one after the other."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch.nn import functional

from embeddings.encoders import create_encoder
from embeddings.encoders.two_tower import ArtistTower, FcnTower, to_style_rate
from embeddings.encoders.two_tower_files import convert, read_artist, read_fcn
from embeddings.errors import EncoderError
from embeddings.mel import log_mel
from tests.embeddings.encoders.conftest import Install, sound
from tests.embeddings.encoders.published import ARTIST_KERNELS, artist_layers, fcn_state, write_two_tower

WINDOW = 29 * 22_050


def run_fcn(mel: torch.Tensor, seed: int) -> torch.Tensor:
    state = fcn_state(seed)

    def norm(maps: torch.Tensor, name: str) -> torch.Tensor:
        names = ("running_mean", "running_var", "weight", "bias")
        return functional.batch_norm(maps, *(state[f"{name}.{key}"] for key in names), eps=1e-5)

    maps = norm(mel.unsqueeze(1), "spec_bn")
    for number, pool in enumerate([(2, 4), (2, 4), (2, 4), (3, 5), None], start=1):
        layer = f"layer{number}"
        maps = functional.conv2d(maps, state[f"{layer}.conv.weight"], state[f"{layer}.conv.bias"], padding=1)
        maps = functional.relu(norm(maps, f"{layer}.bn"))
        maps = functional.max_pool2d(maps, pool) if pool else maps
    return maps.amax(dim=(2, 3))


def run_artist(mel: torch.Tensor, seed: int) -> torch.Tensor:
    maps = (mel - 0.22620339) / 0.25794547
    for layer, kernel, pool in zip(artist_layers(seed), ARTIST_KERNELS, (4, 4, 4, 2, 1), strict=True):
        tensors = {name: torch.from_numpy(array) for name, array in layer.items()}
        padded = functional.pad(maps, ((kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2))
        maps = functional.conv1d(padded, tensors["kernel"].permute(2, 1, 0), tensors["bias"])
        norm = (tensors[name] for name in ("mean", "variance", "gamma", "beta"))
        maps = functional.max_pool1d(functional.relu(functional.batch_norm(maps, *norm, eps=1e-3)), pool)
    return maps.amax(dim=-1)


def test_the_style_tower_is_the_published_network(tmp_path: Path) -> None:
    tower = FcnTower()
    tower.load_state_dict(read_fcn(write_two_tower(tmp_path, seed=3)[0]))
    mel = -20 + 15 * torch.randn(2, 96, 1813, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(tower(mel), run_fcn(mel, seed=3), atol=1e-3, rtol=1e-3)


def test_the_timbre_tower_is_the_mean_of_the_published_network_over_windows(tmp_path: Path) -> None:
    tower = ArtistTower()
    tower.load_state_dict(read_artist(write_two_tower(tmp_path, seed=3)[1]))
    mel = torch.rand(2, 128, 2 * 129 + 50, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected = [run_artist(mel[..., start : start + 129], seed=4) for start in (0, 129)]
        torch.testing.assert_close(tower(mel), torch.stack(expected).mean(dim=0), atol=1e-3, rtol=1e-3)


def test_both_blocks_weigh_the_same(tmp_path: Path, install_files: Install) -> None:
    install_files("two_tower", *write_two_tower(tmp_path))
    encoder = create_encoder("two_tower")
    waves = np.stack([sound(WINDOW, 22_050, seed) for seed in range(3)])
    vectors = encoder.embed_segments(waves)
    assert vectors.shape == (3, 320)
    for block in (vectors[:, :64], vectors[:, 64:]):
        np.testing.assert_allclose(np.linalg.norm(block, axis=1), np.sqrt(0.5), atol=1e-4)
    np.testing.assert_allclose(vectors[2:], encoder.embed_segments(waves[2:]), atol=1e-4)


def test_level_does_not_matter_and_silence_is_finite(tmp_path: Path, install_files: Install) -> None:
    install_files("two_tower", *write_two_tower(tmp_path))
    encoder = create_encoder("two_tower")
    wave = sound(WINDOW, 22_050)
    loud, quiet, silent = encoder.embed_segments(np.stack([wave, wave * 0.1, wave * 0]))
    assert float(loud @ quiet) > 0.999
    assert np.linalg.norm(silent) == pytest.approx(1, abs=1e-4)


def test_other_window_lengths_are_refused(tmp_path: Path, install_files: Install) -> None:
    install_files("two_tower", *write_two_tower(tmp_path))
    with pytest.raises(ValueError, match="waveforms must be"):
        create_encoder("two_tower").embed_segments(np.zeros((1, 1000), np.float32))


def test_the_rate_of_the_style_tower() -> None:
    """A tone below 8 kHz stays what it is, one above is gone; the edges too."""
    times = {rate_hz: torch.arange(29 * rate_hz, dtype=torch.float64) / rate_hz for rate_hz in (22_050, 16_000)}
    tone, whistle = (torch.sin(2 * torch.pi * pitch_hz * times[22_050]) for pitch_hz in (440.0, 9500.0))
    resampled = to_style_rate(torch.stack([tone, whistle]).float())
    assert resampled.shape == (2, 29 * 16_000)
    expected = torch.sin(2 * torch.pi * 440.0 * times[16_000])
    assert float((resampled[0] - expected)[8000:-8000].abs().max()) < 1e-3
    assert float((resampled[0] - expected).abs().max()) < 0.1
    assert float(resampled[1][8000:-8000].abs().max()) < 1e-3
    assert float(resampled[1][200:-200].abs().max()) < 0.02


def test_denormal_numbers_become_zero(tmp_path: Path) -> None:
    fcn, artist = write_two_tower(tmp_path)
    state = fcn_state() | {"layer1.conv.weight": torch.full((64, 1, 3, 3), 1e-39)}
    torch.save(state, fcn)
    content = convert([fcn, artist], {}).files["two_tower.safetensors"]
    assert isinstance(content, bytes)
    assert not load(content)["style.convolutions.0.weight"].any()


@pytest.mark.parametrize("kind", ["other layers", "no torch file", "code", "other shape"])
def test_a_style_file_that_is_none_is_refused(tmp_path: Path, install_files: Install, kind: str) -> None:
    fcn, artist = write_two_tower(tmp_path)
    if kind == "other layers":
        torch.save({"weight": torch.zeros(3)}, fcn)
    elif kind == "no torch file":
        fcn.write_bytes(b"nothing of the kind")
    elif kind == "code":
        torch.save({"weight": pytest.raises}, fcn)
    else:
        torch.save(fcn_state() | {"layer1.conv.weight": torch.zeros(32, 1, 3, 3)}, fcn)
    with pytest.raises(EncoderError, match=r"best_model|fit"):
        install_files("two_tower", fcn, artist)


def test_a_timbre_file_that_is_none_is_refused(tmp_path: Path, install_files: Install) -> None:
    fcn, artist = write_two_tower(tmp_path)
    with h5py.File(artist, "w") as file:
        file["model_weights/nothing"] = np.zeros(3)
    with pytest.raises(EncoderError, match="artist network"):
        install_files("two_tower", fcn, artist)
    artist.write_bytes(b"no HDF5")
    with pytest.raises(EncoderError, match="artist network"):
        install_files("two_tower", fcn, artist)


def test_both_files_are_needed(tmp_path: Path, install_files: Install) -> None:
    with pytest.raises(EncoderError, match=r"\.h5 is needed"):
        install_files("two_tower", write_two_tower(tmp_path)[0])


def test_the_views_are_those_of_the_card(tmp_path: Path, install_files: Install) -> None:
    spec = install_files("two_tower", *write_two_tower(tmp_path))
    style, timbre = create_encoder("two_tower").network.views(torch.from_numpy(sound(WINDOW, 22_050)[None, :]))  # type: ignore[attr-defined]
    assert style.shape[1:] == (spec.front_ends[0].n_mels, 1813)  # type: ignore[union-attr]
    torch.testing.assert_close(
        timbre,
        log_mel(torch.from_numpy(sound(WINDOW, 22_050)[None, :]), spec.front_ends[1]),  # type: ignore[arg-type]
    )
