"""The manifest of labelled music, the pieces in it that occur twice, and the split that keeps some of it unheard."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

HELD_OUT_SHARE: Final = 0.25
TWIN_DISTANCE: Final = 0.06
TWIN_DURATION_RATIO: Final = 1.01


@dataclass(frozen=True)
class LabelledTrack:
    """One row of a manifest: ``name`` is the path as written there; unknown labels are empty."""

    name: str
    path: Path
    title: str
    artist: str
    release: str
    genre: str

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


def group_twins(fingerprints: NDArray[np.float32], durations: Iterable[float]) -> NDArray[np.int64]:
    """Group numbers (n,) that are equal for tracks which are one recording in two encodings.

    ``fingerprints`` (n, d) are means and deviations of the MFCC of each track, ``durations`` in seconds. Two tracks
    are one recording when their lengths agree within 1 % and their standardised fingerprints nearly coincide.
    """
    lengths = np.asarray(list(durations))
    spread = np.maximum(fingerprints.std(axis=0), 1e-9)
    standard = (fingerprints - fingerprints.mean(axis=0)) / spread
    groups = np.arange(len(lengths))
    for i in range(len(lengths)):
        ratio = np.maximum(lengths, lengths[i]) / np.maximum(np.minimum(lengths, lengths[i]), 1e-9)
        distance = np.sqrt(np.mean((standard - standard[i]) ** 2, axis=1))
        same = (ratio <= TWIN_DURATION_RATIO) & (distance <= TWIN_DISTANCE)
        groups[same] = groups[same].min()
    return groups
