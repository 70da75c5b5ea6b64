"""From a file that somebody published to a safetensors file for a network of ours: at installation, never later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.spec import Option
from embeddings.encoders.weights import check_fit, flush_denormals
from embeddings.errors import EncoderError


@dataclass(frozen=True)
class Converted:
    """What goes into the folder of the encoder, and what its card says of it."""

    files: Mapping[str, bytes | Path]
    dimension: int
    parameters: int
    options: Mapping[str, Option] = field(default_factory=dict)


def encode(network: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> tuple[bytes, int]:
    """A safetensors file of ``state``, values below 1e-20 as zeros, and how many numbers it holds.

    Raises EncoderError when the state does not fit the network or holds values that are not finite or no floats.
    """
    check_fit(network, state, f"These weights do not fit {type(network).__name__}")
    if not all(tensor.is_floating_point() for tensor in state.values()):
        raise EncoderError("These weights are not floating-point numbers")
    clean = {key: flush_denormals(tensor.float()).contiguous() for key, tensor in state.items()}
    if not all(torch.isfinite(tensor).all() for tensor in clean.values()):
        raise EncoderError("These weights hold values that are not finite")
    return save(clean), sum(tensor.numel() for tensor in clean.values())


def read_torch_file(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file that ``torch.save`` wrote, read without running any code of it. Raises EncoderError."""
    with as_encoder_error(f"{path} cannot be read as weights of torch"):
        state = torch.load(path, weights_only=True, map_location="cpu")
    if not isinstance(state, dict):
        raise EncoderError(f"{path} holds no table of tensors")
    return _only_plain({key: tensor for key, tensor in state.items() if isinstance(tensor, torch.Tensor)}, path)


def read_safetensors_file(path: Path) -> dict[str, torch.Tensor]:
    """Raises EncoderError."""
    with as_encoder_error(f"{path} cannot be read as safetensors"):
        state: dict[str, torch.Tensor] = load_file(path)
    return _only_plain(state, path)


def find_by_suffix(sources: Sequence[Path], *suffixes: str) -> Path:
    """The one file that ends so. Raises EncoderError when there is none, or several."""
    found = [path for path in sources if path.suffix in suffixes]
    if len(found) != 1:
        given = ", ".join(path.name for path in sources) or "nothing"
        raise EncoderError(f"One file that ends in {' or '.join(suffixes)} is needed; given: {given}")
    return found[0]


def _only_plain(state: dict[str, torch.Tensor], path: Path) -> dict[str, torch.Tensor]:
    for key, tensor in state.items():
        if not isinstance(key, str) or not _is_plain(tensor):
            raise EncoderError(f"{path} holds under {key!r} something else than a dense tensor of real numbers")
    return state


def _is_plain(tensor: torch.Tensor) -> bool:
    """Dense, real and all there: one number may be said to fill a tensor of any size."""
    if tensor.layout != torch.strided or tensor.is_meta or tensor.is_quantized or tensor.is_complex():
        return False
    return tensor.untyped_storage().nbytes() >= tensor.numel() * tensor.element_size()
