"""The files below some folders, in the order of their names, one after the other: nothing of the walk piles up.

Names may be any bytes. What is hidden is left out, and so is our own home. Links are followed, each folder once.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

Identity = tuple[int, int]


@dataclass(frozen=True)
class FoundFile:
    """`name` is the path below the folder that was asked for. `problem` is a sentence where it cannot be read."""

    path: Path
    name: str
    size_bytes: int = 0
    modified_ns: int = 0
    is_asked_for: bool = False
    problem: str = ""


def find_files(roots: Iterable[Path]) -> Iterator[FoundFile]:
    """The files named in `roots` and those below its folders. What is neither file nor folder is passed over."""
    visited = {_identify(os.stat(settings.STORAGE.home))}  # noqa: PTH116 - as for the others
    for root in roots:
        absolute = root.parent.resolve() / root.name if root.name else root.resolve()
        if absolute.is_dir():
            yield from _walk(absolute.resolve(), visited)
        elif absolute.is_file():
            info = absolute.stat()
            yield FoundFile(absolute, absolute.name, info.st_size, info.st_mtime_ns, is_asked_for=True)


def key_of(path: Path) -> str:
    """`path` as text that every database takes: names may be any bytes. No path but an absolute one starts with /."""
    raw = os.fsencode(path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "bytes:" + raw.decode("latin-1")


def printable(name: str | Path) -> str:
    """Any path as one line of text, what cannot be shown written out."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _walk(root: Path, visited: set[Identity]) -> Iterator[FoundFile]:
    folders = [root]
    while folders:
        folder = folders.pop()
        below: list[Path] = []
        try:
            if (identity := _identify(folder.stat())) in visited:
                continue
            visited.add(identity)
            with os.scandir(folder) as entries:
                shown = sorted((entry for entry in entries if not entry.name.startswith(".")), key=_by_name)
        except OSError as error:
            yield FoundFile(folder, str(folder.relative_to(root)), problem=_explain(error))
            continue
        for entry in shown:
            found = _describe(Path(entry.path), root)
            if found is None:
                below.append(Path(entry.path))
            elif found.problem or entry.is_file():
                yield found
        folders += reversed(below)


def _describe(path: Path, root: Path) -> FoundFile | None:
    """None for a folder."""
    name = str(path.relative_to(root))
    try:
        info = path.stat()
    except OSError as error:
        return FoundFile(path, name, problem=_explain(error))
    return None if stat.S_ISDIR(info.st_mode) else FoundFile(path, name, info.st_size, info.st_mtime_ns)


def _identify(info: os.stat_result) -> Identity:
    return info.st_dev, info.st_ino


def _by_name(entry: os.DirEntry[str]) -> bytes:
    return os.fsencode(entry.name)


def _explain(error: OSError) -> str:
    return f"It cannot be read: {error.strerror}."
