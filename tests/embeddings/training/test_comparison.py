"""The teachers as contestants, with small files of random weights in the published shapes."""

import logging
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch

from embeddings.encoders.cnn_spec import compact_spec
from embeddings.encoders.tag_names import JAMENDO_TAGS, MSD_TAGS
from embeddings.training import comparison
from embeddings.training.comparison import REFERENCE, TeacherContestant


def write_fcn(folder: Path, seed: int) -> None:
    """A network of Won et al.: five 3x3 convolutions and a tag head."""
    generator = torch.Generator().manual_seed(seed)
    channels = (1, 64, 128, 128, 128, 64)
    state = {"spec_bn.weight": torch.ones(1), "spec_bn.bias": torch.zeros(1)}
    state |= {"spec_bn.running_mean": torch.zeros(1), "spec_bn.running_var": torch.full((1,), 400.0)}
    for number in range(1, 6):
        inputs, outputs = channels[number - 1], channels[number]
        scale = (2 / (9 * inputs)) ** 0.5
        state[f"layer{number}.conv.weight"] = scale * torch.randn(outputs, inputs, 3, 3, generator=generator)
        state[f"layer{number}.conv.bias"] = torch.zeros(outputs)
        names = {"weight": 1.0, "bias": 0.1, "running_mean": 0.0, "running_var": 1.0}
        state |= {f"layer{number}.bn.{name}": torch.full((outputs,), value) for name, value in names.items()}
    state["dense.weight"] = torch.randn(50, 64, generator=generator) / 8
    state["dense.bias"] = torch.zeros(50)
    folder.mkdir(parents=True)
    torch.save(state, folder / "best_model.pth")


def write_artist(folder: Path) -> None:
    """A network of Park et al.: five 1-d convolutions."""
    rng = np.random.default_rng(5)
    channels, kernels = (128, 128, 128, 128, 128, 256), (4, 4, 4, 2, 1)
    folder.mkdir(parents=True)
    with h5py.File(folder / "model_siamese_10000.h5", "w") as file:
        weights = file.create_group("model_weights")
        for number, kernel in enumerate(kernels, start=1):
            inputs, outputs = channels[number - 1], channels[number]
            values = rng.normal(0, (2 / (kernel * inputs)) ** 0.5, (kernel, inputs, outputs))
            convolution = weights.create_group(f"conv1d_{number}/conv1d_{number}")
            convolution["kernel:0"], convolution["bias:0"] = values.astype("f4"), np.zeros(outputs, "f4")
            norm = weights.create_group(f"batch_normalization_{number}/batch_normalization_{number}")
            for name, value in (("gamma", 1), ("beta", 0.1), ("moving_mean", 0), ("moving_variance", 1)):
                norm[f"{name}:0"] = np.full(outputs, value, "f4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("teachers")
    write_fcn(made / "fcn_msd", 1)
    write_fcn(made / "fcn_jamendo", 2)
    write_artist(made / "artist_10k")
    return made


def windows(seed: int, count: int = 2) -> np.ndarray:
    samples = compact_spec().segments.window_samples
    return np.random.default_rng(seed).normal(0, 0.1, (count, samples)).astype(np.float32)


def test_each_teacher_and_their_pair_from_one_pass(folder: Path) -> None:
    contestant = TeacherContestant(folder)
    for seed in range(2):
        contestant.hear(None, windows(seed))
    contestant.hear("part", windows(0))
    contestant.finish()
    systems = {system.name: system for system in contestant.systems}
    assert {name: system.dimension for name, system in systems.items()} == {
        "fcn_msd": 64,
        "artist_10k": 256,
        "fcn_jamendo": 64,
        REFERENCE: 320,
    }
    for system in systems.values():
        assert np.stack(system.tracks).shape == (2, system.dimension)
        np.testing.assert_allclose(np.linalg.norm(system.tracks, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(system.others["part"][0], system.tracks[0], atol=1e-5)
        assert system.seconds > 0
        assert system.is_teacher
        assert system.is_reference is (system.name == REFERENCE)
    assert not contestant.hears_copies


def test_both_blocks_of_a_pair_weigh_the_same(folder: Path) -> None:
    contestant = TeacherContestant(folder)
    contestant.hear(None, windows(0, 1))
    style, timbre, _, pair = (system.tracks[0] for system in contestant.systems)
    np.testing.assert_allclose(pair, np.concatenate([style, timbre]) / 2**0.5, atol=1e-5)


def test_level_does_not_matter(folder: Path) -> None:
    contestant = TeacherContestant(folder)
    contestant.hear(None, windows(0))
    contestant.hear(None, 0.1 * windows(0))
    for system in contestant.systems:
        np.testing.assert_allclose(*system.tracks, atol=1e-4)


def test_tags_are_probabilities_of_the_heads(folder: Path) -> None:
    contestant = TeacherContestant(folder)
    contestant.hear(None, windows(0))
    contestant.hear("part", windows(1))
    for system in contestant.systems:
        names = {"fcn_msd": MSD_TAGS, "fcn_jamendo": JAMENDO_TAGS}.get(system.name, ())
        assert system.tag_names == names
        assert np.array(system.tags).size == len(names)
        assert all(0 < value < 1 for row in system.tags for value in row)
    assert len(set(MSD_TAGS) | set(JAMENDO_TAGS)) == 100


def test_what_is_not_there_does_not_take_part(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("fcn_msd", "artist_10k"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "yamnet").mkdir()
    monkeypatch.setattr(comparison, "YAMNET_RUNTIME", "no_such_runtime")
    with caplog.at_level(logging.WARNING):
        contestant = TeacherContestant(tmp_path)
    assert [system.name for system in contestant.systems] == ["fcn_msd", "artist_10k", REFERENCE]
    assert "requirements-train.txt" in caplog.text
    with pytest.raises(OSError, match="best_model"):
        TeacherContestant(tmp_path / "yamnet")
