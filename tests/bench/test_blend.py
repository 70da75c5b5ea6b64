"""How to rank what is like several seeds, measured on labelled music:

    python -m embeddings embed --segments --out vectors.npz MUSIC...
    TEST_VECTORS=vectors.npz TEST_MANIFEST=manifest.csv bin/test bench tests/bench/test_blend.py

Excerpts of 30 s are the catalog. Two or three recordings of one label are the seeds, and the others of that label are
looked for, one excerpt each, with the seeds' own recordings left out. In the mixed protocol the two seeds have
different labels, and both are right. In the last one a recording of another label is unliked: found are tracks of the
liked label and, which is to fall, of the unliked one.
"""

import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.pooling import pool
from recommender.similarity.blend import agree, demote
from recommender.similarity.nearness.pairwise import Tracks, compare_in
from recommender.similarity.nearness.sample import Sample

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

EXCERPT_SECONDS, WINDOW_SECONDS, SHOWN, DRAWS = 30.0, 10.24, 10, 40
LABELS = ("release", "artist", "genre", "set")


class Music:
    """Excerpts with the recordings they are from, and the similarities of all of them."""

    def __init__(self, vectors: Path, manifest: Path) -> None:
        with manifest.open(newline="") as file:
            rows = list(csv.DictReader(file))
        with np.load(vectors) as stored:
            arrays = {name: stored[name] for name in stored.files}
        known = {row["path"]: row for row in rows}
        cut, self.rows = [], []
        for number, path in enumerate(arrays["paths"].tolist()):
            row = next((row for name, row in known.items() if str(path).endswith(name)), None)
            if row is None:
                continue
            part = slice(*arrays["segment_offsets"][number : number + 2])
            found = list(excerpts(arrays["segment_vectors"][part], arrays["segment_starts_seconds"][part]))
            cut += found
            self.rows += [row] * len(found)
        self.vectors = np.stack(cut)
        self.recordings = np.unique([row["path"] for row in self.rows], return_inverse=True)[1]
        self.all = Tracks(np.arange(len(self.vectors)), self.vectors)
        self.sample = Sample(self.all.ids, self.vectors)

    def similarities(self, vectors: np.ndarray, aside: list[int]) -> np.ndarray:
        """(n, all), with the seeds aside."""
        asked = Tracks(np.full(len(vectors), -1), vectors)
        return compare_in(self.sample, asked, self.all, aside=np.array(aside))


def excerpts(segments: np.ndarray, starts: np.ndarray) -> Iterator[np.ndarray]:
    end = starts[-1] + WINDOW_SECONDS
    for first in np.arange(0, max(end - EXCERPT_SECONDS, 0) + 0.1, EXCERPT_SECONDS):
        inside = (starts >= first - 0.01) & (starts + WINDOW_SECONDS <= first + EXCERPT_SECONDS + 0.1)
        if inside.any():
            yield pool(segments[inside])


def rate(music: Music, seeds: list[int]) -> dict[str, np.ndarray]:
    middle = music.vectors[seeds].mean(axis=0)
    middle /= np.linalg.norm(middle)
    found = music.similarities(np.concatenate([middle[None], music.vectors[seeds]]), seeds)
    to_middle, to_seeds = found[0], found[1:]
    ranks = 1 + np.argsort(np.argsort(-to_seeds, axis=1), axis=1)
    return {
        "centroid, cosine": music.vectors @ middle,
        "centroid": to_middle,
        "mean of seeds": to_seeds.mean(axis=0),
        "max of seeds": to_seeds.max(axis=0),
        "min of seeds": to_seeds.min(axis=0),
        "reciprocal rank, k=60": (1 / (60 + ranks)).sum(axis=0),
        "agreement (in use)": agree(to_middle, to_seeds, np.ones(len(seeds))),
    }


def show(music: Music, rates: np.ndarray, seeds: list[int]) -> np.ndarray:
    """Rows of the best excerpts, one of each recording but the seeds'."""
    rates = np.where(np.isin(music.recordings, music.recordings[seeds]), -np.inf, rates)
    order = np.argsort(-rates, kind="stable")
    _, first = np.unique(music.recordings[order], return_index=True)
    return order[np.sort(first)][:SHOWN]


def draw(music: Music, labels: np.ndarray, label: str, count: int, rng: np.random.Generator) -> list[int]:
    recordings = rng.choice(np.unique(music.recordings[labels == label]), count, replace=False)
    return [int(rng.choice(np.flatnonzero(music.recordings == recording))) for recording in recordings]


def large_labels(music: Music, labels: np.ndarray, least: int) -> list[str]:
    sizes = {label: len(np.unique(music.recordings[labels == label])) for label in np.unique(labels) if label}
    return [label for label, size in sizes.items() if size >= least]


def judge_alike(music: Music, labels: np.ndarray, count: int, found: dict[str, list[float]]) -> None:
    rng = np.random.default_rng(0)
    for label in large_labels(music, labels, count + 2):
        others = len(np.unique(music.recordings[labels == label])) - count
        for _ in range(DRAWS):
            seeds = draw(music, labels, label, count, rng)
            for method, rates in rate(music, seeds).items():
                hits = labels[show(music, rates, seeds)] == label
                found[method].append(hits.sum() / min(SHOWN, others))


def judge_mixed(music: Music, labels: np.ndarray, found: dict[str, list[float]]) -> None:
    rng = np.random.default_rng(0)
    known = large_labels(music, labels, 4)
    for _ in range(3 * DRAWS if len(known) > 1 else 0):
        pair = rng.choice(known, 2, replace=False)
        seeds = [draw(music, labels, label, 1, rng)[0] for label in pair]
        for method, rates in rate(music, seeds).items():
            found[method].append(float(np.isin(labels[show(music, rates, seeds)], pair).mean()))


def judge_unliked(music: Music, labels: np.ndarray) -> dict[str, tuple[float, float]]:
    """Shares of the liked and of the unliked label among the first, without and with the demotion."""
    rng = np.random.default_rng(0)
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    known = large_labels(music, labels, 4)
    for _ in range(3 * DRAWS if len(known) > 1 else 0):
        liked, unliked = rng.choice(known, 2, replace=False)
        seeds, against = draw(music, labels, liked, 2, rng), draw(music, labels, unliked, 1, rng)
        rates = rate(music, seeds)["agreement (in use)"]
        to_unliked = music.similarities(music.vectors[against], against)
        for method, shown in (("without", rates), ("with", demote(rates, to_unliked, np.ones(1)))):
            names = labels[show(music, shown, seeds + against)]
            found[method].append((float((names == liked).mean()), float((names == unliked).mean())))
    return {method: tuple(np.mean(pairs, axis=0).tolist()) for method, pairs in found.items()}


@pytest.mark.skipif(not {"TEST_VECTORS", "TEST_MANIFEST"} <= os.environ.keys(), reason="no labelled vectors are named")
def test_ways_to_rank_for_several_seeds(capsys):
    music = Music(Path(os.environ["TEST_VECTORS"]), Path(os.environ["TEST_MANIFEST"]))
    table: dict[str, dict[str, list[float]]] = {}
    for name in LABELS:
        labels = np.array([row.get(name) or "" for row in music.rows])
        for count in (2, 3):
            judge_alike(music, labels, count, table.setdefault(f"{name} {count}", defaultdict(list)))
        judge_mixed(music, labels, table.setdefault(f"{name} mix", defaultdict(list)))
    columns = {column: found for column, found in table.items() if found}
    counts = {name: len(found["centroid"]) for name, found in columns.items()}
    with capsys.disabled():
        print(f"\n{len(music.rows)} excerpts; queries: {counts}")
        print(f"{'':24s}" + "".join(f"{column:>12s}" for column in columns))
        for method in next(iter(columns.values())):
            print(f"{method:24s}" + "".join(f"{np.mean(found[method]):12.3f}" for found in columns.values()))
        for name in LABELS:
            labels = np.array([row.get(name) or "" for row in music.rows])
            print(f"one {name} unliked, share of liked and unliked: {judge_unliked(music, labels)}")
