"""The registry of encoders. Importing it, listing cards and reading signatures load no torch; creating one does."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from embeddings.encoders.cnn_spec import NAME as DEFAULT_ENCODER
from embeddings.encoders.cnn_spec import compact_spec
from embeddings.encoders.spec import Encoder, EncoderSpec
from embeddings.errors import EncoderError

__all__ = ["DEFAULT_ENCODER", "Encoder", "EncoderSpec", "create_encoder", "list_encoders", "register"]


@dataclass(frozen=True)
class _Entry:
    describe: Callable[[], EncoderSpec]
    module: str


_entries: dict[str, _Entry] = {}


def register(name: str, describe: Callable[[], EncoderSpec], module: str) -> None:
    """Offer an encoder: ``describe`` gives its card without torch; ``module`` has ``create()`` and is loaded on demand.

    Raises ValueError when the name is taken.
    """
    if name in _entries:
        raise ValueError(f"encoder {name} is registered already")
    _entries[name] = _Entry(describe, module)


def list_encoders() -> list[EncoderSpec]:
    """The cards of all encoders, the shipped one first. Raises EncoderError when a card cannot be read."""
    return [entry.describe() for entry in _entries.values()]


def create_encoder(name: str | None = None) -> Encoder:
    """Load an encoder, the shipped one by default.

    Raises EncoderError for an unknown name and for missing or altered weights.
    """
    wanted = DEFAULT_ENCODER if name is None else name
    if wanted not in _entries:
        raise EncoderError(f"There is no encoder {wanted!r}; there are: {', '.join(_entries)}")
    encoder: Encoder = import_module(_entries[wanted].module).create()
    return encoder


register(DEFAULT_ENCODER, compact_spec, "embeddings.encoders.cnn")
