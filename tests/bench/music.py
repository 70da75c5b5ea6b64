"""Labelled music for benches: TEST_MUSIC names a folder with `manifest.csv` (path, title, artist, release, genre, set).

What was heard is kept for the run only. Eight hours take about ten minutes of one core.
"""

import csv
import dataclasses
import functools
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings import create_encoder
from embeddings.alignment import align, is_same_recording
from embeddings.components import connect
from embeddings.decoding import decode_blocks
from embeddings.fingerprint import HEARD_SECONDS, compute_fingerprint
from embeddings.pooling import pool
from embeddings.segments import collect_segments

RATE_HZ = 16_000
LABELS = ("artist", "release", "genre", "set")
EXCERPT_SECONDS, EVERY_SECONDS = 30.0, 11.0
BATCH = 32


@dataclass(frozen=True)
class Heard:
    """A file: its row of the manifest, its windows' `vectors` (n, d) and their `starts` (n,) in seconds."""

    row: dict[str, str]
    vectors: np.ndarray
    starts: np.ndarray
    fingerprint: np.ndarray
    seconds: float

    @property
    def vector(self) -> np.ndarray:
        return pool(self.vectors)


@dataclass(frozen=True)
class Music:
    """`recordings` (n,) has one number for files that hold the same recording."""

    heard: list[Heard]
    recordings: np.ndarray

    def labels(self, kind: str) -> np.ndarray:
        """(n,) text, empty where unknown. Releases of different sets are different ones, whatever their names."""
        rows = [one.row for one in self.heard]
        if kind == "release":
            return np.array([f"{row['set']}: {row['release']}" if row["release"] else "" for row in rows])
        return np.array([row[kind] for row in rows])


@functools.cache
def listen() -> Music:
    folder, encoder = Path(os.environ["TEST_MUSIC"]), create_encoder()
    spec = dataclasses.replace(encoder.spec.segments, max_segments=100_000)
    with (folder / "manifest.csv").open(newline="") as manifest:
        heard = [hear(folder, row, encoder, spec) for row in csv.DictReader(manifest)]
    links = [
        (first, second)
        for first, second in itertools.combinations(range(len(heard)), 2)
        if are_one_recording(heard[first], heard[second])
    ]
    return Music(heard, np.asarray(connect(links, len(heard))))


def hear(folder, row, encoder, spec) -> Heard:
    wave = np.concatenate(list(decode_blocks(folder / row["path"], RATE_HZ, max_seconds=float("inf"))))
    segments = collect_segments([wave], spec)
    batches = range(0, len(segments.waveforms), BATCH)
    vectors = [encoder.describe_segments(segments.waveforms[start : start + BATCH])[0] for start in batches]
    fingerprint = compute_fingerprint(wave[: round(HEARD_SECONDS * RATE_HZ)])
    return Heard(row, np.concatenate(vectors), segments.starts_seconds, fingerprint, len(wave) / RATE_HZ)


def are_one_recording(first: Heard, second: Heard) -> bool:
    return is_same_recording(align(first.fingerprint, second.fingerprint), first.seconds, second.seconds)


def cut_excerpts(music: Music) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of stretches of 30 s, one every 11 s, and the file each is cut from. What is shorter is one excerpt."""
    vectors, files = [], []
    window = create_encoder().spec.segments.window_seconds
    for number, one in enumerate(music.heard):
        last = max(0.0, one.starts[-1] + window - EXCERPT_SECONDS)
        for start in np.arange(0, last + 0.1, EVERY_SECONDS):
            is_inside = (one.starts >= start - 0.01) & (one.starts + window <= start + EXCERPT_SECONDS + 0.1)
            if is_inside.any():
                vectors.append(pool(one.vectors[is_inside]))
                files.append(number)
    return np.stack(vectors).astype(np.float32), np.array(files)
