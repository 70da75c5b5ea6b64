"""The teachers as contestants, with small files of random weights in the published shapes."""

import logging
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoders.cnn_spec import compact_spec
from embeddings.encoders.tag_names import JAMENDO_TAGS, MSD_TAGS
from embeddings.errors import EncoderError
from embeddings.training import comparison
from embeddings.training.comparison import REFERENCE, TeacherContestant


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
    with pytest.raises(EncoderError, match="best_model"):
        TeacherContestant(tmp_path / "yamnet")
