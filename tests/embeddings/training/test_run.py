"""What keeps runs apart, what the card says, and that the weights written are those trained."""

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from embeddings.__main__ import _parser
from embeddings.encoders.cnn import CompactNetwork
from embeddings.errors import EncoderError
from embeddings.recordings import LabelledTrack
from embeddings.training import run
from embeddings.training.run import (
    TrainFolders,
    TrainPlan,
    command_of,
    describe_data,
    key_of,
    material_key,
    train,
    write_weights,
)
from embeddings.training.targets import TEACHER_FILES


def labelled(folder: Path, name: str, licence: str = "CC0") -> LabelledTrack:
    (folder / name).write_bytes(b"x" * len(name))
    return LabelledTrack(name, folder / name, "", "", "", "", licence)


def keys(plan: TrainPlan, tracks: list[LabelledTrack], folder: Path) -> tuple[str, str]:
    material = material_key(plan, tracks, folder)
    return material, key_of(plan, material)


@pytest.fixture
def teachers(tmp_path: Path) -> Path:
    for name in TEACHER_FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_work_is_kept_apart_for_all_that_decides_the_weights(
    teachers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = [labelled(tmp_path, name) for name in ("a.wav", "b.wav")]
    found = [keys(TrainPlan(), tracks, teachers)]
    assert keys(TrainPlan(threads=1, minutes=1), list(reversed(tracks)), teachers) == found[0]
    found += [keys(TrainPlan(seed=1), tracks, teachers), keys(TrainPlan(renders=1), tracks, teachers)]
    found.append(keys(TrainPlan(), tracks[:1], teachers))
    os.utime(tracks[0].path, (1, 1))
    found.append(keys(TrainPlan(), tracks, teachers))
    (teachers / TEACHER_FILES[3]).write_bytes(b"another network")
    found.append(keys(TrainPlan(), tracks, teachers))
    for name in ("RECIPE", "MATERIAL"):
        monkeypatch.setattr(run, name, 99)
        found.append(keys(TrainPlan(), tracks, teachers))
    assert len({material for material, _ in found}) == len({key for _, key in found}) == len(found)


def test_networks_of_other_shapes_share_their_examples(teachers: Path, tmp_path: Path) -> None:
    tracks = [labelled(tmp_path, "a.wav")]
    material, key = keys(TrainPlan(), tracks, teachers)
    others = [keys(plan, tracks, teachers) for plan in (TrainPlan(channels=(4, 4, 4, 128, 64)), TrainPlan(steps=1))]
    assert {other for other, _ in others} == {material}
    assert len({key, *(other for _, other in others)}) == 3


def test_what_is_missing_is_said_before_any_work(tmp_path: Path) -> None:
    folders = TrainFolders(tmp_path, tmp_path / "teachers", tmp_path / "work", tmp_path / "out.safetensors")
    with pytest.raises(EncoderError, match=r"lacks the networks.*fcn_msd/best_model.pth.*yamnet"):
        train(folders, TrainPlan())
    assert not folders.work.exists()


def test_the_card_says_what_was_learned_from_and_how(tmp_path: Path) -> None:
    tracks = [labelled(tmp_path, "a.wav", "CC BY"), labelled(tmp_path, "b.wav"), labelled(tmp_path, "c.wav")]
    facts = describe_data(tracks, 0)
    assert facts["data"].startswith("3 pieces of music")
    assert "rendered" not in facts["data"]
    assert facts["data_licences"] == ["CC BY", "CC0"]
    unknown = describe_data([labelled(tmp_path, "d.wav", "")], 12)["data"]
    assert "does not state" in unknown
    assert "12 pieces rendered" in unknown
    command = command_of(TrainPlan(seed=7, minutes=2.5)).split()[3:]
    options = _parser().parse_args(command)
    assert (options.seed, options.minutes, str(options.out)) == (7, 2.5, "FILE")


def test_the_card_pins_the_weights(tmp_path: Path) -> None:
    network = CompactNetwork((4, 4, 4, 128, 64))
    write_weights(network, tmp_path / "out" / "small.safetensors", {"seed": 3})
    content = (tmp_path / "out" / "small.safetensors").read_bytes()
    card = json.loads((tmp_path / "out" / "small.json").read_text())
    assert card["sha256"] == hashlib.sha256(content).hexdigest()
    assert (card["seed"], card["licence"]) == (3, "MIT")
    state = load_file(tmp_path / "out" / "small.safetensors")
    assert all(torch.equal(tensor, state[name]) for name, tensor in network.state_dict().items())
