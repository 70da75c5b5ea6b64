"""Reads weights files. Only safetensors: a file of weights can then never run code."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from embeddings.encoders.spec import EncoderSpec
from embeddings.errors import EncoderError

DENORMAL: Final = 1e-20


def load_weights(network: torch.nn.Module, spec: EncoderSpec) -> None:
    """Fill ``network`` from the file that ``spec`` names.

    Raises EncoderError when the file is missing, does not hash to ``spec.weights_sha256``, or does not fit the network.
    """
    state = read_tensors(spec)
    check_fit(network, state, f"{spec.weights_path} does not fit encoder {spec.name}")
    network.load_state_dict(state)


def read_tensors(spec: EncoderSpec) -> dict[str, torch.Tensor]:
    """The tensors of the file that ``spec`` names, float32, values below 1e-20 as zeros.

    Raises EncoderError when the file is missing or broken, does not hash to ``spec.weights_sha256``, or holds values
    that are not finite.
    """
    state = _decode(_read_checked(spec), spec.weights_path)
    if not all(torch.isfinite(tensor).all() for tensor in state.values()):
        raise EncoderError(f"{spec.weights_path} holds values that are not finite")
    return {key: flush_denormals(tensor.float()) for key, tensor in state.items()}


def check_fit(network: torch.nn.Module, state: Mapping[str, torch.Tensor], complaint: str) -> None:
    """Raises EncoderError, with ``complaint`` and what is wrong, unless names and shapes are those of ``network``."""
    expected = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    found = {key: tuple(tensor.shape) for key, tensor in state.items()}
    if expected != found:
        wrong = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
        raise EncoderError(f"{complaint}: {', '.join(wrong[:5])}")


def flush_denormals(tensor: torch.Tensor) -> torch.Tensor:
    """Values below 1e-20 as zeros: arithmetic on denormals is tens of times slower."""
    return torch.where(tensor.abs() < DENORMAL, torch.zeros_like(tensor), tensor)


def _read_checked(spec: EncoderSpec) -> bytes:
    try:
        content = spec.weights_path.read_bytes()
    except OSError as error:
        raise EncoderError(f"The weights of encoder {spec.name} cannot be read: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != spec.weights_sha256:
        raise EncoderError(f"{spec.weights_path} was altered: SHA-256 {digest}, expected {spec.weights_sha256}")
    return content


def _decode(content: bytes, path: Path) -> dict[str, torch.Tensor]:
    try:
        state: dict[str, torch.Tensor] = load(content)
    except SafetensorError as error:
        raise EncoderError(f"{path} is not a safetensors file: {error}") from error
    return state
