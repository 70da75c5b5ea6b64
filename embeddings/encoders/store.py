"""Installed encoders: a folder each, with ``card.json`` and the files of its weights. Torch-free.

An encoder appears whole or not at all: it is put together in a hidden folder beside its place, tried out there, and
renamed.
"""

import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from embeddings.encoders.card import (
    CARD_NAME,
    PLAIN_NAME,
    InstalledCard,
    check_card,
    read_installed_card,
    write_installed_card,
)
from embeddings.encoders.cnn_spec import NAME as SHIPPED_NAME
from embeddings.encoders.families import FAMILIES, describe_installed
from embeddings.encoders.spec import EncoderSpec
from embeddings.errors import EncoderError

CHUNK_BYTES: Final = 1 << 20
LEFTOVER_SECONDS: Final = 24 * 3600.0
FETCHED: Final = ".fetched-"
# Hidden names: an encoder that is put together, and with .old one that is being replaced.
_STAGED: Final = re.compile(rf"\.({PLAIN_NAME.pattern})\.[0-9a-f]{{8}}")
_OLD: Final = re.compile(rf"{_STAGED.pattern}\.old")
logger = logging.getLogger(__name__)


def read_installed(home: Path) -> list[EncoderSpec]:
    """All encoders in ``home``, by name. A broken one is logged and left out: it must not stop others."""
    specs = []
    for name in installed_names(home):
        try:
            specs.append(describe_installed(find_installed(home, name)))
        except EncoderError as error:
            logger.warning("an installed encoder is left out: %s", error)
    return specs


def installed_names(home: Path) -> list[str]:
    """The names in ``home``, in order, those of broken encoders too."""
    if not home.is_dir():
        return []
    _restore_replaced(home)
    return sorted(path.name for path in home.iterdir() if not path.name.startswith(".") and path.is_dir())


def find_installed(home: Path, name: str) -> InstalledCard:
    """The card of one encoder in ``home``. Raises EncoderError when it is missing, broken or that of another one."""
    card = read_installed_card(home / name)
    if card.name != name or card.name == SHIPPED_NAME:
        raise EncoderError(f"The encoder in {home / name} calls itself {card.name!r}")
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

    ``check`` may try the encoder out where it was put together, and raise to stop. The same encoder again repairs what
    is lost or damaged. Raises EncoderError when the card makes no sense, a file cannot be read, or the name is taken by
    another encoder and must not be replaced.
    """
    check_name(card.name, card.family)
    home.mkdir(parents=True, exist_ok=True)
    _restore_replaced(home)
    staged = home / f".{card.name}.{secrets.token_hex(4)}"
    staged.mkdir()
    try:
        hashes = {name: _put(content, staged / name) for name, content in files.items()}
        complete = replace(card, files=hashes, folder=staged)
        check_card(complete)
        write_installed_card(complete, staged)
        _sync(staged)
        describe_installed(read_installed_card(staged))
        if check is not None:
            check(complete)
        _move_into_place(staged, home / card.name, may_replace=may_replace)
        _sync(home)
    except (OSError, ValueError, TypeError) as error:
        raise EncoderError(f"Encoder {card.name} cannot be installed: {error}") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return read_installed_card(home / card.name)


def sweep(home: Path) -> None:
    """Remove what installations that were killed more than a day ago left behind."""
    oldest = time.time() - LEFTOVER_SECONDS
    for path in home.iterdir():
        is_leftover = path.name.startswith(FETCHED) or _STAGED.fullmatch(path.name)
        if is_leftover and path.lstat().st_mtime < oldest:
            _remove(path)


def check_name(name: str, family: str) -> None:
    """Raises EncoderError for what is no name, or that of something else than an encoder of ``family``."""
    if name in (SHIPPED_NAME, *(other for other in FAMILIES if other != family)):
        raise EncoderError(f"The name {name} belongs to another encoder: choose another one")
    if not PLAIN_NAME.fullmatch(name):
        raise EncoderError(f"A name has small letters, digits and _ . - only, not {name!r}: choose another one")


def hash_file(path: Path) -> str:
    """SHA-256 of a file of any size, in hex. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


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
    if not os.path.lexists(target):
        staged.rename(target)
        return
    is_same = _is_same(staged, target)
    if not (is_same or may_replace):
        raise FileExistsError(f"{target} holds another encoder of this name: choose another name, or replace it")
    if may_replace or not _is_whole(target):
        _replace(staged, target)


def _replace(staged: Path, target: Path) -> None:
    old = staged.with_name(staged.name + ".old")
    target.rename(old)
    try:
        staged.rename(target)
    except OSError:
        _restore_replaced(target.parent)
        raise
    _remove(old)


def _restore_replaced(home: Path) -> None:
    """Put back, or remove when it was replaced after all, what a replacement that was interrupted had moved aside."""
    for path in list(home.iterdir()):
        if found := _OLD.fullmatch(path.name):
            # another process may do the same, or the folder be read-only
            with suppress(OSError):
                if os.path.lexists(home / found[1]):
                    _remove(path)
                else:
                    path.rename(home / found[1])


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_same(staged: Path, target: Path) -> bool:
    """Whether both give the same vectors, wherever the files of each came from."""
    try:
        return _signature(target) == _signature(staged)
    except EncoderError:
        return False


def _is_whole(folder: Path) -> bool:
    files = read_installed_card(folder).files
    try:
        return all(hash_file(folder / name) == digest for name, digest in files.items())
    except OSError:
        return False


def _signature(folder: Path) -> str:
    return describe_installed(read_installed_card(folder)).signature
