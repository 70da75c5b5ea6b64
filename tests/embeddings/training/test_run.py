"""What keeps runs apart, what the card says, and that the weights written are those trained."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from embeddings.__main__ import _parser
from embeddings.encoders.cnn import CompactNetwork
from embeddings.recordings import LabelledTrack
from embeddings.training.run import TrainPlan, command_of, describe_data, key_of, material_key, write_weights


def labelled(folder: Path, name: str, licence: str = "CC0") -> LabelledTrack:
    (folder / name).write_bytes(b"x" * len(name))
    return LabelledTrack(name, folder / name, "", "", "", "", licence)


def test_work_is_kept_apart_for_each_plan_and_music(tmp_path: Path) -> None:
    tracks = [labelled(tmp_path, name) for name in ("a.wav", "b.wav")]
    key = key_of(TrainPlan(), tracks)
    assert key == key_of(TrainPlan(threads=1, minutes=1), list(reversed(tracks)))
    others = [key_of(TrainPlan(seed=1), tracks), key_of(TrainPlan(steps=1), tracks), key_of(TrainPlan(), tracks[:1])]
    tracks[0].path.write_bytes(b"other music under the same name")
    assert len({key, *others, key_of(TrainPlan(), tracks)}) == 5


def test_networks_of_other_shapes_share_their_examples(tmp_path: Path) -> None:
    tracks, other = [labelled(tmp_path, "a.wav")], TrainPlan(channels=(4, 4, 4, 128, 64))
    assert material_key(TrainPlan(), tracks) == material_key(other, tracks)
    assert key_of(TrainPlan(), tracks) != key_of(other, tracks)
    assert material_key(TrainPlan(), tracks) != material_key(TrainPlan(renders=0), tracks)


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
