"""JSON cards: where weights came from, and the hashes that pin them. Torch-free.

The shipped encoder has one beside its weights, an installed one has ``card.json`` in its folder.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from embeddings.encoders.front_end import FrontEnd
from embeddings.encoders.spec import EncoderSpec, Option
from embeddings.errors import EncoderError
from embeddings.segments import SegmentSpec

CARD_NAME: Final = "card.json"
NOTICE: Final = "LICENCE.txt"
PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")

Value = TypeVar("Value", str, int, float, bool)


@dataclass(frozen=True, kw_only=True)
class InstalledCard:
    """What an installed encoder says of itself.

    ``family`` names the code that runs it (see ``families``); ``name`` is that of its folder; ``licence`` is that of
    the weights and ``source`` where they came from; ``files`` gives the SHA-256 of each file in ``folder``, ``sources``
    that of each file they were converted from; ``options`` are the family's own. ``parameters`` counts the numbers of
    the network.
    """

    family: str
    name: str
    description: str
    licence: str
    source: str
    dimension: int
    parameters: int
    files: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    folder: Path = Path()

    def hash_of(self, file: str) -> str:
        """The SHA-256 that the card names for ``file``. Raises EncoderError when it names none."""
        if file not in self.files:
            raise EncoderError(f"The card of encoder {self.name} does not name the file {file}")
        return self.files[file]

    def to_spec(
        self, weights: str, *, dimension: int, front_ends: tuple[FrontEnd, ...], segments: SegmentSpec
    ) -> EncoderSpec:
        """With the file ``weights``; what the family knows is given. Raises EncoderError when the file is not named."""
        others = {name: digest for name, digest in self.files.items() if name not in (weights, NOTICE)}
        return EncoderSpec(
            name=self.name,
            description=self.description,
            dimension=dimension,
            parameters=self.parameters,
            licence=self.licence,
            front_ends=front_ends,
            segments=segments,
            pooling="mean",
            weights_file=weights,
            weights_sha256=self.hash_of(weights),
            source=self.source,
            family=self.family,
            folder=self.folder,
            more_files=tuple(sorted(others.items())),
            options=tuple(sorted(self.options.items())),
        )

    def option(self, name: str, kind: type[Value]) -> Value:
        """Raises EncoderError when the card has no such option of this kind."""
        value = self.options.get(name)
        if not isinstance(value, kind):
            raise EncoderError(f"The card of encoder {self.name} lacks the option {name}")
        return value


_TEXTS: Final = ("family", "name", "description", "licence", "source")
_COUNTS: Final = ("dimension", "parameters")
_TABLES: Final = ("files", "sources", "options")


def read_card(path: Path) -> dict[str, Any]:
    """The card at ``path``. Raises EncoderError when it is missing, broken or lacks the hash of its weights."""
    card = _read_json(path)
    if not isinstance(card.get("sha256"), str):
        raise EncoderError(f"The card {path} does not name the SHA-256 of its weights")
    return card


def read_installed_card(folder: Path) -> InstalledCard:
    """The card of the encoder in ``folder``. Raises EncoderError when it is missing or makes no sense."""
    path = folder / CARD_NAME
    found = _read_json(path)
    try:
        card = InstalledCard(
            **{name: _checked(found, name, str) for name in _TEXTS},
            **{name: _checked(found, name, int) for name in _COUNTS},
            **{name: _checked(found, name, dict) for name in _TABLES},
            folder=folder,
        )
        check_card(card)
    except (TypeError, ValueError) as error:
        raise EncoderError(f"The card {path} makes no sense: {error}") from error
    return card


def check_card(card: InstalledCard) -> None:
    """Raises ValueError when a name, hash, number or option cannot be."""
    if not PLAIN_NAME.fullmatch(card.name):
        raise ValueError(f"a name has small letters, digits and _ . - only, not {card.name!r}")
    for name, digest in card.files.items():
        if not FILE_NAME.fullmatch(name) or not isinstance(digest, str) or not SHA256.fullmatch(digest):
            raise ValueError(f"{name!r} with SHA-256 {digest!r} names no file")
    if card.dimension < 1 or card.parameters < 0:
        raise ValueError(f"dimension {card.dimension} and {card.parameters} parameters cannot be")
    for name, value in card.options.items():
        if not isinstance(value, Option):
            raise TypeError(f"option {name} is neither a text nor a number: {value!r}")


def write_installed_card(card: InstalledCard, folder: Path) -> None:
    content = {name: getattr(card, name) for name in (*_TEXTS, *_COUNTS)}
    content |= {name: dict(sorted(getattr(card, name).items())) for name in _TABLES}
    with (folder / CARD_NAME).open("w") as file:
        file.write(json.dumps(content, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read_json(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(f"The card {path} cannot be read: {error}") from error
    if not isinstance(card, dict):
        raise EncoderError(f"The card {path} is not a JSON object")
    return card


def _checked(found: dict[str, Any], name: str, kind: type) -> Any:
    value = found.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is missing or no {kind.__name__}")
    return value
