"""``python -m embeddings`` with encoders that were installed."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings.__main__ import main
from embeddings.encoders import EncoderSpec, list_encoders
from embeddings.encoders.installing import Order, install_from_files
from tests.embeddings.encoders.published import musicnn_weights, write_onnx


@pytest.fixture
def mine(tmp_path: Path) -> EncoderSpec:
    """An encoder called ``mine`` in ``encoders`` of the test's folder."""
    order = Order(family="musicnn", name="mine", licence="ISC", source="a friend")
    return install_from_files(tmp_path / "encoders", order, [write_onnx(tmp_path / "graph.onnx", musicnn_weights())])


def test_list_names_installed_encoders_too(
    mine: EncoderSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--encoders", str(tmp_path / "encoders"), "list"]) == 0
    listed = capsys.readouterr().out
    assert f"mine\t200-d\tISC\tweights present\t{mine.signature}" in listed
    for said in ("log-mel of 96 bands 0-8000 Hz", "segments of 8.98 s", "a friend", mine.weights_sha256, "two_tower"):
        assert said in listed


def test_the_list_for_machines(mine: EncoderSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--encoders", str(tmp_path / "encoders"), "list", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert [card["name"] for card in cards] == ["compact", "mine"]
    assert cards[1]["segments"]["window_seconds"] == pytest.approx(8.976)
    assert cards[1]["files"] == {"musicnn.safetensors": mine.weights_sha256}
    assert "mine" not in [card.name for card in list_encoders()]


def test_embed_with_an_installed_encoder(
    mine: EncoderSpec, tmp_path: Path, encoded: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, song = tmp_path / "vectors.npz", tmp_path / "a.wav"
    song.write_bytes(encoded("wav"))
    monkeypatch.setenv("SOUNDALIKE_HOME", str(tmp_path))
    assert main(["embed", "--encoder", "mine", "--out", str(out), str(song)]) == 0
    with np.load(out) as arrays:
        assert arrays["vectors"].shape == (1, mine.dimension)
    monkeypatch.setenv("SOUNDALIKE_HOME", str(tmp_path / "elsewhere"))
    assert main(["embed", "--encoder", "mine", "--out", str(out), str(song)]) == 1
