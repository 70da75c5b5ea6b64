"""Installed encoders: a folder each, with ``card.json`` and the files of its weights. Torch-free.

An encoder appears whole or not at all: it is put together in a hidden folder beside its place, tried out there, and
renamed.
"""

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings.encoders.card import CARD_NAME, InstalledCard, check_card, read_installed_card, write_installed_card
from embeddings.encoders.cnn_spec import NAME as SHIPPED_NAME
from embeddings.encoders.families import FAMILIES, describe_installed
from embeddings.errors import EncoderError

CHUNK_BYTES: Final = 1 << 20
logger = logging.getLogger(__name__)


def read_installed(home: Path) -> list[InstalledCard]:
    """The cards of all encoders in ``home``, by name. A broken one is logged and left out: it must not stop others."""
    cards = []
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            cards.append(find_installed(home, folder.name))
        except EncoderError as error:
            logger.warning("an installed encoder is left out: %s", error)
    return cards


def find_installed(home: Path, name: str) -> InstalledCard:
    """The card of one encoder in ``home``. Raises EncoderError when it is missing or broken."""
    card = read_installed_card(home / name)
    if card.name != name or card.name == SHIPPED_NAME:
        raise EncoderError(f"The encoder in {home / name} calls itself {card.name!r}")
    describe_installed(card)
    return card


def install(
    home: Path,
    card: InstalledCard,
    files: Mapping[str, bytes | Path],
    *,
    check: Callable[[InstalledCard], None] | None = None,
    may_replace: bool = False,
) -> InstalledCard:
    """Put an encoder into ``home`` under ``card.name``; gives its card with the hashes and the folder of ``files``.

    ``check`` may try the encoder out where it was put together, and raise to stop. Raises EncoderError when the card
    makes no sense, a file cannot be read, or the name is taken by another encoder and must not be replaced.
    """
    _check_name(card)
    home.mkdir(parents=True, exist_ok=True)
    staged = home / f".{card.name}.{secrets.token_hex(4)}"
    staged.mkdir()
    try:
        hashes = {name: _put(content, staged / name) for name, content in files.items()}
        complete = replace(card, files=hashes, folder=staged)
        check_card(complete)
        write_installed_card(complete, staged)
        describe_installed(read_installed_card(staged))
        if check is not None:
            check(complete)
        _move_into_place(staged, home / card.name, may_replace=may_replace)
    except (OSError, ValueError, TypeError) as error:
        raise EncoderError(f"Encoder {card.name} cannot be installed: {error}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return read_installed_card(home / card.name)


def uninstall(home: Path, name: str) -> None:
    """Take an encoder away; its vectors in any database stay. Raises EncoderError when it is not there."""
    find_installed(home, name)
    shutil.rmtree(home / name)


def hash_file(path: Path) -> str:
    """SHA-256 of a file of any size, in hex. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _check_name(card: InstalledCard) -> None:
    if card.name in (SHIPPED_NAME, *(name for name in FAMILIES if name != card.family)):
        raise EncoderError(f"The name {card.name} belongs to another encoder: choose another one")
    try:
        check_card(card)
    except (ValueError, TypeError) as error:
        raise EncoderError(f"Encoder {card.name} cannot be installed: {error}") from error


def _put(content: bytes | Path, target: Path) -> str:
    if target.name == CARD_NAME:
        raise ValueError(f"{CARD_NAME} is the card's own name")
    with target.open("wb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, CHUNK_BYTES)
        file.flush()
        os.fsync(file.fileno())
    return hash_file(target)


def _move_into_place(staged: Path, target: Path, *, may_replace: bool) -> None:
    if not target.exists():
        staged.rename(target)
        return
    if not may_replace:
        if _is_same(staged, target):
            return
        raise FileExistsError(f"{target} holds another encoder of this name: choose another name, or replace it")
    old = staged.with_name(staged.name + ".old")
    target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _is_same(staged: Path, target: Path) -> bool:
    """Whether both give the same vectors, wherever the files of each came from."""
    try:
        return _signature(target) == _signature(staged)
    except EncoderError:
        return False


def _signature(folder: Path) -> str:
    return describe_installed(read_installed_card(folder)).signature
