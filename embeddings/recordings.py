"""The manifest of labelled music, and the split that keeps some of it unheard."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HELD_OUT_SHARE: Final = 0.25


@dataclass(frozen=True)
class LabelledTrack:
    """One row of a manifest: ``name`` is the path as written there; unknown labels are empty."""

    name: str
    path: Path
    title: str
    artist: str
    release: str
    genre: str
    licence: str = ""

    @property
    def source(self) -> str:
        """What must not be on both sides of a split: the artist, or where that is unknown the release."""
        return self.artist or self.release or self.name


def read_manifest(manifest: Path) -> list[LabelledTrack]:
    """Rows of a CSV with the columns path, track (or title), artist, release, genre; paths are relative to the file.

    Where the release is empty, the column ``set`` stands in if there is one. Raises ValueError when a column is
    missing, OSError when the file cannot be read.
    """
    with manifest.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns = set(reader.fieldnames or ())
        if missing := sorted({"path", "artist", "release", "genre"} - columns):
            raise ValueError(f"{manifest} lacks the columns: {', '.join(missing)}")
        return [_labelled(row, manifest.parent) for row in reader]


def _labelled(row: dict[str, str], folder: Path) -> LabelledTrack:
    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    return LabelledTrack(
        name=cell("path"),
        path=folder / cell("path"),
        title=cell("track") or cell("title"),
        artist=cell("artist"),
        release=cell("release") or cell("set"),
        genre=cell("genre"),
        licence=cell("licence"),
    )


def held_out_names(tracks: Sequence[LabelledTrack], share: float = HELD_OUT_SHARE) -> frozenset[str]:
    """Names of the tracks to keep out of training: whole sources, in the order of a hash of the source's name.

    The same manifest gives the same split on every machine. Sources are taken until ``share`` of the tracks is
    reached; one that would take more than half as much again is passed over.
    """
    sizes: dict[str, int] = {}
    for track in tracks:
        sizes[track.source] = sizes.get(track.source, 0) + 1
    budget = share * len(tracks)
    chosen: set[str] = set()
    taken = 0
    for source in sorted(sizes, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
        if taken < budget and taken + sizes[source] <= 1.5 * budget:
            chosen.add(source)
            taken += sizes[source]
    return frozenset(track.name for track in tracks if track.source in chosen)
