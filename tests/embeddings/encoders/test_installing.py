from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save

from embeddings.encoders import create_encoder
from embeddings.encoders.installing import Order, find_by_hash, gather_files, install_from_files
from embeddings.encoders.musicnn_files import convert
from embeddings.encoders.store import hash_file
from embeddings.errors import EncoderError
from tests.embeddings.encoders.conftest import Install
from tests.embeddings.encoders.published import musicnn_weights, write_onnx, write_two_tower


def test_the_card_says_where_the_weights_came_from(tmp_path: Path, home: Path) -> None:
    path = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    order = Order(family="musicnn", name="pons", licence="ISC", source="a friend", notice="Do as you like.\n")
    spec = install_from_files(home, order, [path])
    assert (spec.name, spec.licence, spec.source, spec.parameters) == ("pons", "ISC", "a friend", 776_709)
    assert (home / "pons" / "LICENCE.txt").read_text() == "Do as you like.\n"
    encoder = create_encoder("pons")
    assert encoder.spec == spec


def test_conversion_gives_the_same_file_each_time(tmp_path: Path, home: Path) -> None:
    """The signature hashes the converted file: two machines have to agree on it."""
    files = write_two_tower(tmp_path)
    orders = [Order(family="two_tower", name=name, licence="MIT", source="a test") for name in ("a", "b")]
    first, second = (install_from_files(home, order, files) for order in orders)
    assert first.weights_sha256 == second.weights_sha256


def test_weights_that_make_no_network_are_not_installed(tmp_path: Path, home: Path, install_files: Install) -> None:
    """All zeros fit, and give every sound the same vector."""
    content = convert([write_onnx(tmp_path / "graph.onnx", musicnn_weights())], {}).files["musicnn.safetensors"]
    assert isinstance(content, bytes)
    state = {name: torch.zeros_like(tensor) for name, tensor in load(content).items()}
    (tmp_path / "zeros.safetensors").write_bytes(save(state))
    with pytest.raises(EncoderError, match="hiss from a chord"):
        install_files("musicnn", tmp_path / "zeros.safetensors")
    (tmp_path / "nan.safetensors").write_bytes(save(state | {"dense.bias": torch.full((200,), torch.nan)}))
    with pytest.raises(EncoderError, match="not finite"):
        install_files("musicnn", tmp_path / "nan.safetensors")
    assert list(home.iterdir()) == []


def test_families_that_are_not_made_from_files(install_files: Install) -> None:
    with pytest.raises(EncoderError, match="not made from files"):
        install_files("adapted")
    with pytest.raises(EncoderError, match="no family"):
        install_files("nonesuch")


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.onnx", "a.pth", "readme.md"):
        (tmp_path / name).touch()
    assert gather_files([tmp_path, tmp_path / "readme.md"]) == [
        tmp_path / "a.pth",
        tmp_path / "b.onnx",
        tmp_path / "readme.md",
    ]
    with pytest.raises(EncoderError, match="There is no file"):
        gather_files([tmp_path / "absent"])


def test_of_files_with_one_name_the_hash_decides(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model").write_text(folder)
    wanted = tmp_path / "b" / "model"
    assert find_by_hash(tmp_path, "model", hash_file(wanted)) == wanted
    with pytest.raises(EncoderError, match="is the right one"):
        find_by_hash(tmp_path, "model", "0" * 64)
    with pytest.raises(EncoderError, match="There is no other"):
        find_by_hash(tmp_path, "other", "0" * 64)
