import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from embeddings.encoders import create_encoder
from embeddings.encoders.installing import Order, find_by_hash, gather_files, install_from_files
from embeddings.encoders.musicnn_files import convert
from embeddings.encoders.store import hash_file
from embeddings.errors import EncoderError
from tests.embeddings.encoders.conftest import Install
from tests.embeddings.encoders.published import musicnn_weights, vggish_state, write_onnx, write_two_tower


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


def write_torch(value: object) -> Callable[[Path], None]:
    return lambda path: torch.save(value, path)


def write_arrays(**arrays: object) -> Callable[[Path], None]:
    return lambda path: np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def write_damaged_archive(path: Path) -> None:
    write_arrays(pca_means=np.random.default_rng(0).normal(size=128))(path)
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)


def write_huge_header(path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (5 * 10**12,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pca_means.npy", header.getvalue())


def write_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def write_altered(layer: str, tensor: torch.Tensor) -> Callable[[Path], None]:
    return lambda path: torch.save(vggish_state() | {f"embeddings.{layer}": tensor}, path)


BAD_FILES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "nothing": ("x.pth", lambda path: path.write_bytes(b"")),
    "one byte": ("x.pth", lambda path: path.write_bytes(b"x")),
    "a list": ("x.pth", write_torch([torch.zeros(3)])),
    "numbered": ("x.pth", write_torch({0: torch.zeros(3)})),
    "no dimension": ("x.pth", write_altered("0.weight", torch.tensor(1.0))),
    "sparse": ("x.pth", write_altered("4.bias", torch.zeros(128).to_sparse())),
    "without values": ("x.pth", write_altered("4.bias", torch.zeros(128, device="meta"))),
    "complex": ("x.pth", write_altered("4.bias", torch.zeros(128, dtype=torch.complex64))),
    "whole numbers": ("x.pth", write_altered("4.bias", torch.zeros(128, dtype=torch.int64))),
    "one number for all": ("x.pth", write_altered("0.weight", torch.zeros(1).expand(10**6, 12_288))),
    "an empty archive": ("x.npz", lambda path: path.write_bytes(b"")),
    "a single array": ("x.npz", write_array),
    "a damaged archive": ("x.npz", write_damaged_archive),
    "a huge claim": ("x.npz", write_huge_header),
    "huge arrays": ("x.npz", write_arrays(pca_means=np.zeros(10**6))),
    "complex arrays": ("x.npz", write_arrays(pca_means=np.zeros(128, np.complex64), pca_eigen_vectors=np.eye(128))),
}


@pytest.mark.parametrize(("name", "write"), BAD_FILES.values(), ids=BAD_FILES)
def test_no_file_ends_otherwise_than_with_a_reason(
    tmp_path: Path, home: Path, install_files: Install, name: str, write: Callable[[Path], object]
) -> None:
    write(tmp_path / name)
    with pytest.raises(EncoderError):
        install_files("vggish", tmp_path / name)
    assert not home.exists() or list(home.iterdir()) == []


def test_a_kernel_of_one_dimension(tmp_path: Path, install_files: Install) -> None:
    weights = musicnn_weights() | {"conv2d_5/kernel/read:0": np.zeros(3, np.float32)}
    with pytest.raises(EncoderError, match="not the graph of musicnn"):
        install_files("musicnn", write_onnx(tmp_path / "graph.onnx", weights))


@pytest.mark.parametrize(
    "layer", [np.zeros(3, np.complex64), np.zeros(3, np.int32), np.array([b"text"]), np.zeros((), np.float32), None]
)
def test_layers_of_another_kind(tmp_path: Path, install_files: Install, layer: np.ndarray | None) -> None:
    fcn, artist = write_two_tower(tmp_path)
    with h5py.File(artist, "a") as file:
        place = "model_weights/conv1d_1/conv1d_1/kernel:0"
        del file[place]
        if layer is None:
            file.create_dataset(place, shape=(10**6, 10**6), dtype="f4", chunks=(10, 10))
        else:
            file[place] = layer
    with pytest.raises(EncoderError, match="artist network"):
        install_files("two_tower", fcn, artist)


def test_two_files_of_one_name_are_refused(tmp_path: Path, install_files: Install) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        torch.save(vggish_state(), tmp_path / folder / "x.pth")
    with pytest.raises(EncoderError, match=r"More than one of the files is called x\.pth"):
        install_files("vggish", tmp_path / "a" / "x.pth", tmp_path / "b" / "x.pth")
