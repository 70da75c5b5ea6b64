"""What a case of the bad-input corpus is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.synthesis import CONTAINERS, synthesise, write_audio
from recommender.catalog.models import Track

RATE_HZ = 44_100
TITLE = "A title"


class Material:
    """Music to spoil: made from arithmetic, encoded when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.music = synthesise("rock", 3, 6, RATE_HZ)
        self._made: dict[str, bytes] = {}

    def encoded(self, container: str) -> bytes:
        """The six seconds of stereo in a container named in `CONTAINERS`, with a title where it can hold one."""
        if container not in self._made:
            self._made[container] = self.write(self.music, container, tags={"title": TITLE})
        return self._made[container]

    def write(self, samples: np.ndarray, container: str = "wav", rate_hz: int = RATE_HZ, **given: object) -> bytes:
        path = self.folder / f"made{CONTAINERS[container].suffix}"
        return write_audio(path, samples, rate_hz, container=container, **given).read_bytes()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the corpus.

    `number` and `row` are those of the table; `expected` are the ways it may end: a state with its reason ("ready",
    "unindexed silent", "failed corrupt"), or a refusal ("415 not_audio"). `check` looks at the track afterwards;
    `largest_bytes` and `longest_seconds` stand in for the limits where the real ones would take hours to reach.
    `is_named`: it is about the name alone, so that the file is sent under it byte for byte, and not analysed.
    """

    number: int
    row: str
    build: Callable[[Material], bytes]
    expected: frozenset[str]
    file_name: str = "song.mp3"
    check: Callable[[Track], None] | None = None
    largest_bytes: int | None = None
    longest_seconds: int | None = None
    is_slow: bool = False
    is_named: bool = False

    def __str__(self) -> str:
        return f"{self.number} {self.row}"


def case(number: int, row: str, build: Callable[[Material], bytes], *expected: str, **given: object) -> Case:
    return Case(number=number, row=row, build=build, expected=frozenset(expected), **given)


def of(container: str, change: Callable[[bytes], bytes] = lambda content: content) -> Callable[[Material], bytes]:
    """The music in a container, then changed."""
    return lambda material: change(material.encoded(container))


def just(content: bytes) -> Callable[[Material], bytes]:
    return lambda _: content


def lasts(seconds: float, *, within: float = 0.15) -> Callable[[Track], None]:
    def check(track: Track) -> None:
        assert abs(track.duration_seconds - seconds) < within, track.duration_seconds

    return check


def is_cut(track: Track) -> None:
    assert track.is_truncated


def says_title(track: Track) -> None:
    assert track.title == TITLE


def shows_no_cover(track: Track) -> None:
    assert track.title == TITLE
    assert not track.has_cover
