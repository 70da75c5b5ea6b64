"""The registry of encoders. Importing it, listing cards and reading signatures load no torch; creating one does.

There are the shipped one, whatever ``register`` added, and those installed in the folder that ``use_folder`` named. The
folder is read anew each time, so a process that runs finds what was installed since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from embeddings.encoders.cnn_spec import NAME as DEFAULT_ENCODER
from embeddings.encoders.cnn_spec import compact_spec
from embeddings.encoders.families import create_installed, describe_installed
from embeddings.encoders.spec import Encoder, EncoderSpec
from embeddings.encoders.store import find_installed, installed_names, read_installed
from embeddings.errors import EncoderError

__all__ = [
    "DEFAULT_ENCODER",
    "Encoder",
    "EncoderSpec",
    "create_encoder",
    "describe_encoder",
    "family_of",
    "list_encoders",
    "register",
    "use_folder",
]


@dataclass(frozen=True)
class _Entry:
    describe: Callable[[], EncoderSpec]
    module: str


_entries: dict[str, _Entry] = {}
_folder: Path | None = None


def register(name: str, describe: Callable[[], EncoderSpec], module: str) -> None:
    """Offer an encoder: ``describe`` gives its card without torch; ``module`` has ``create()`` and is loaded on demand.

    Raises ValueError when the name is taken.
    """
    if name in _entries:
        raise ValueError(f"encoder {name} is registered already")
    _entries[name] = _Entry(describe, module)


def use_folder(folder: Path | None) -> Path | None:
    """Offer the encoders installed in ``folder`` too, which need not exist yet; with None only the registered ones.

    Gives the folder of before.
    """
    global _folder
    before, _folder = _folder, folder
    return before


def list_encoders() -> list[EncoderSpec]:
    """The cards of all encoders, the shipped one first, installed ones by name.

    Raises EncoderError when the card of the shipped one cannot be read; a broken installed one is logged and left out.
    """
    return [entry.describe() for entry in _entries.values()] + (read_installed(_folder) if _folder else [])


def describe_encoder(name: str | None = None) -> EncoderSpec:
    """The card of one encoder, by default the shipped one. Raises EncoderError when it is unknown or broken."""
    wanted = DEFAULT_ENCODER if name is None else name
    if wanted in _entries:
        return _entries[wanted].describe()
    return describe_installed(find_installed(_folder_of(wanted), wanted))


def family_of(name: str) -> str:
    """The family of an encoder, empty for one that is not installed but registered. Describes none.

    Raises EncoderError when it is unknown or its card cannot be read.
    """
    return "" if name in _entries else find_installed(_folder_of(name), name).family


def create_encoder(name: str | None = None) -> Encoder:
    """Load an encoder, the shipped one by default.

    Raises EncoderError for an unknown name and for missing or altered weights.
    """
    wanted = DEFAULT_ENCODER if name is None else name
    if wanted in _entries:
        encoder: Encoder = import_module(_entries[wanted].module).create()
        return encoder
    return create_installed(find_installed(_folder_of(wanted), wanted))


def _folder_of(wanted: str) -> Path:
    """Where an installed encoder of this name lies. Raises EncoderError when there is none."""
    installed = installed_names(_folder) if _folder else []
    if _folder is None or wanted not in installed:
        raise EncoderError(f"There is no encoder {wanted!r}; there are: {', '.join([*_entries, *installed])}")
    return _folder


register(DEFAULT_ENCODER, compact_spec, "embeddings.encoders.cnn")
