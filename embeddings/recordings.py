"""The manifest of labelled music, and the split that keeps some of it unheard."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from embeddings.components import connect

HELD_OUT_SHARE: Final = 0.3
# Chosen so that the sets kept out when the first weights were trained are kept out still.
SPLIT_NUMBER: Final = 1238
SAME_DURATION_RATIO: Final = 1.02


@dataclass(frozen=True)
class LabelledTrack:
    """One row of a manifest: ``name`` is the path as written there; unknown labels are empty.

    ``collection`` is the column ``set``, where the track was found; ``duration_seconds`` is 0 where it is not given.
    """

    name: str
    path: Path
    title: str
    artist: str
    release: str
    genre: str
    licence: str = ""
    collection: str = ""
    duration_seconds: float = 0.0

    @property
    def source(self) -> str:
        """Who made it: the artist, or where that is unknown the release."""
        return self.artist or self.release or self.name


def read_manifest(manifest: Path) -> list[LabelledTrack]:
    """Rows of a CSV with the columns path, track (or title), artist, release, genre; paths are relative to the file.

    Where the release is empty, the column ``set`` stands in if there is one. Raises ValueError when a column is
    missing or a duration is no number, OSError when the file cannot be read.
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
        collection=cell("set"),
        duration_seconds=float(cell("duration_seconds") or 0),
    )


def held_out_names(tracks: Sequence[LabelledTrack], share: float = HELD_OUT_SHARE) -> frozenset[str]:
    """Names of the tracks to keep out of training: whole families (see ``group_families``), in the order of a hash.

    The same manifest gives the same split on every machine. Families are taken until ``share`` of the tracks is
    reached; one that would take more than half as much again is passed over.
    """
    budget = share * len(tracks)
    chosen: set[str] = set()
    for family in sorted(group_families(tracks), key=_order):
        if len(chosen) < budget and len(chosen) + len(family) <= 1.5 * budget:
            chosen.update(track.name for track in family)
    return frozenset(chosen)


def group_families(tracks: Sequence[LabelledTrack]) -> list[list[LabelledTrack]]:
    """The smallest groups of tracks that no split should cut.

    Tracks belong together that share an artist, a release or a collection, or that are one recording (the same title
    and durations within 2 %), and so do those which a third track links.
    """
    # by name, so that the order of the manifest decides nothing
    ordered = sorted(tracks, key=lambda track: track.name)
    families: dict[int, list[LabelledTrack]] = {}
    for track, family in zip(ordered, connect(_linked_rows(ordered), len(ordered)).tolist(), strict=True):
        families.setdefault(family, []).append(track)
    return list(families.values())


def drop_copies(tracks: Sequence[LabelledTrack]) -> list[LabelledTrack]:
    """One track of each recording (the same title and durations within 2 %), the first by name; untitled ones all."""
    kept: dict[str, list[LabelledTrack]] = {}
    for track in sorted(tracks, key=lambda track: track.name):
        alike = kept.setdefault(plain_title(track) or track.name, [])
        if not any(_is_same_duration(other, track) for other in alike):
            alike.append(track)
    return [track for alike in kept.values() for track in alike]


def plain_title(track: LabelledTrack) -> str:
    return "".join(character for character in track.title.casefold() if character.isalnum())


def _linked_rows(tracks: Sequence[LabelledTrack]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that belong together; others follow from them."""
    seen: dict[tuple[str, str], int] = {}
    titles: dict[str, list[int]] = {}
    for row, track in enumerate(tracks):
        for kind, value in (("artist", track.artist), ("release", track.release), ("collection", track.collection)):
            if value:
                yield seen.setdefault((kind, value.casefold()), row), row
        title = plain_title(track)
        for other in titles.get(title, ()) if title else ():
            if _is_same_duration(tracks[other], track):
                yield other, row
        titles.setdefault(title, []).append(row)


def _is_same_duration(first: LabelledTrack, second: LabelledTrack) -> bool:
    shorter, longer = sorted((first.duration_seconds, second.duration_seconds))
    return 0 < longer <= SAME_DURATION_RATIO * shorter


def _order(family: Sequence[LabelledTrack]) -> str:
    return hashlib.sha256(f"{SPLIT_NUMBER} {family[0].name}".encode()).hexdigest()
