from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from embeddings.encoders import describe_encoder
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.store import install
from embeddings.encoders.weights import read_tensors
from embeddings.errors import EncoderError


def install_tensors(home: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file(tensors, home.parent / "weights")
    said = {"description": "", "licence": "MIT", "source": "a test", "dimension": 200, "parameters": 1}
    card = InstalledCard(family="musicnn", name="mine", **said)  # type: ignore[arg-type]
    install(home, card, {"musicnn.safetensors": home.parent / "weights"}, may_replace=True)


def test_denormal_numbers_become_zero_and_halves_whole(home: Path) -> None:
    given = torch.tensor([1e-39, -1e-25, 1e-19, 0.5, -2.0])
    install_tensors(home, {"a": given, "b": torch.tensor([0.5], dtype=torch.float16)})
    found = read_tensors(describe_encoder("mine"))
    assert found["a"].tolist() == [0, 0, pytest.approx(1e-19), 0.5, -2.0]
    assert found["b"].dtype == torch.float32


def test_numbers_that_are_not_finite_are_refused(home: Path) -> None:
    install_tensors(home, {"a": torch.tensor([float("inf")])})
    with pytest.raises(EncoderError, match="not finite"):
        read_tensors(describe_encoder("mine"))
