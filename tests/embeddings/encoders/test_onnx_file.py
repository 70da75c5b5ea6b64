import random
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoders.onnx_file import read_onnx_weights
from embeddings.errors import EncoderError
from tests.embeddings.encoders.published import write_onnx

WEIGHTS = {"a": np.arange(300, dtype=np.float32).reshape(3, 100), "b/c:0": np.array([1e-3], np.float32)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    found = read_onnx_weights(write_onnx(tmp_path / "x.onnx", WEIGHTS))
    assert found.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind" * 10, b"\xff" * 40, bytes(range(256))])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(EncoderError, match=r"x\.onnx"):
        read_onnx_weights(tmp_path / "x.onnx")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be read"):
        read_onnx_weights(tmp_path / "x.onnx")


def test_a_file_cut_short_or_damaged_never_ends_otherwise(tmp_path: Path) -> None:
    whole = write_onnx(tmp_path / "x.onnx", WEIGHTS).read_bytes()
    path, rng = tmp_path / "y.onnx", random.Random(0)
    for length in range(0, len(whole) - 20, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(EncoderError):
            read_onnx_weights(path)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.randrange(40)] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            read_onnx_weights(path)
        except EncoderError:
            refused += 1
    assert refused
