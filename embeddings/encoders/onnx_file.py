"""The weights in an ONNX file, without a runtime for its graph: the few fields of its protocol buffers that hold them.

Source: onnx.proto3 of the ONNX project (ModelProto.graph = 7, GraphProto.initializer = 5, TensorProto.dims = 1,
data_type = 2, float_data = 4, name = 8, raw_data = 9) and the wire format of protocol buffers.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.errors import EncoderError

GRAPH, INITIALIZER = 7, 5
DIMS, DATA_TYPE, FLOAT_DATA, NAME, RAW_DATA = 1, 2, 4, 8, 9
FLOAT: Final = 1
VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5

Value = int | memoryview


def read_onnx_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """The float32 initialisers of the graph, by name. Raises EncoderError when the file cannot be read as ONNX."""
    try:
        content = memoryview(path.read_bytes())
        graphs = [value for field, value in _fields(content) if field == GRAPH]
        tensors = [value for graph in graphs for field, value in _fields(graph) if field == INITIALIZER]
        found = dict(pair for tensor in tensors if (pair := _read_tensor(tensor)) is not None)
    except (OSError, ValueError, TypeError, IndexError, struct.error) as error:
        raise EncoderError(f"{path} cannot be read as an ONNX file: {error}") from error
    if not found:
        raise EncoderError(f"{path} holds no weights of an ONNX graph")
    return found


def _read_tensor(content: Value) -> tuple[str, NDArray[np.float32]] | None:
    name, shape, kind = "", list[int](), 0
    data = np.zeros(0, np.float32)
    for field, value in _fields(content):
        if field == DIMS:
            shape += [value] if isinstance(value, int) else list(_varints(value))
        elif field == DATA_TYPE and isinstance(value, int):
            kind = value
        elif field == NAME and not isinstance(value, int):
            name = bytes(value).decode()
        elif field in (RAW_DATA, FLOAT_DATA) and not isinstance(value, int):
            data = np.frombuffer(value, "<f4").astype(np.float32) if kind in (0, FLOAT) else data
    return (name, data.reshape(shape)) if kind == FLOAT else None


def _fields(content: Value) -> Iterator[tuple[int, Value]]:
    """Number and value of each field of a message; numbers of fixed length as bytes."""
    if isinstance(content, int):
        raise TypeError("a message was expected, and a number found")
    position = 0
    while position < len(content):
        key, position = _varint(content, position)
        value: Value
        if key & 7 == VARINT:
            value, position = _varint(content, position)
        else:
            length, position = _length(content, position, key & 7)
            if position + length > len(content):
                raise ValueError("it ends too early")
            value, position = content[position : position + length], position + length
        yield key >> 3, value


def _length(content: memoryview, position: int, wire_type: int) -> tuple[int, int]:
    fixed = {FIXED_64: 8, FIXED_32: 4}
    if wire_type in fixed:
        return fixed[wire_type], position
    if wire_type != BYTES:
        raise ValueError(f"it has a field of unknown kind {wire_type}")
    return _varint(content, position)


def _varints(content: memoryview) -> Iterator[int]:
    position = 0
    while position < len(content):
        value, position = _varint(content, position)
        yield value


def _varint(content: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return value, position
        if shift > 63:
            raise ValueError("it holds a number without end")
