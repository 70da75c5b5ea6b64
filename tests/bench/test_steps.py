"""What each step of a recommendation changes, on labelled music:

    TEST_MUSIC=FOLDER bin/test bench tests/bench/test_steps.py

Every file is a track of one catalog and asks for ten others. A row has all steps of the rows above it, too.
"""

import os
from dataclasses import dataclass, replace

import numpy as np
import pytest

from recommender.similarity.candidates import Candidate, Seed
from recommender.similarity.nearness.ranks import similarity_of
from recommender.similarity.nearness.reach import find_nearest, measure_spread, order_as_served
from recommender.similarity.nearness.sample import Sample
from recommender.similarity.rerank import SHAPED, Shape, drop_unlike, move_by_taste, rerank, spread_out
from tests.bench.music import LABELS, Music, listen

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]
LIMIT = 10
STRICTNESS = (1.0, 0.75, 0.5, 0.25)
# They need curators and listeners, of whom this catalog has none.
WITHOUT_PEOPLE = [step for step in SHAPED if step not in (drop_unlike, move_by_taste)]


@dataclass(frozen=True)
class Catalog:
    """`candidates` of each track, in the order of recommendations."""

    music: Music
    vectors: np.ndarray
    labels: dict[str, np.ndarray]
    seeds: list[Seed]
    candidates: list[list[Candidate]]


def make_catalog(music: Music) -> Catalog:
    vectors = np.stack([one.vector for one in music.heard]).astype(np.float32)
    ids = np.arange(len(vectors))
    labels = {kind: music.labels(kind) for kind in LABELS}
    sample = Sample(ids, vectors)
    lists = order_as_served(vectors, ids, find_nearest(vectors, len(ids) - 1), sample)
    numbers = {kind: np.unique(labels[kind], return_inverse=True)[1] for kind in ("artist", "release")}
    plain = [describe(row, vectors, music, labels, numbers) for row in ids.tolist()]
    candidates = []
    for row in ids.tolist():
        by_seed = similarity_of(sample.rank_by_cosine(vectors[row], row, vectors[lists.rows[row]]))
        found = zip(lists.rows[row].tolist(), lists.cosines[row], lists.similarities[row], by_seed, strict=True)
        candidates.append(
            [
                replace(plain[other], cosine=float(cosine), similarity=float(similarity), seen_by_seed=float(seen))
                for other, cosine, similarity, seen in found
            ]
        )
    return Catalog(music, vectors, labels, [as_seed(candidate) for candidate in plain], candidates)


def describe(row, vectors, music, labels, numbers) -> Candidate:
    """A track of the catalog; how near it is to a seed is still to be said."""
    is_twin = (music.recordings == music.recordings[row]) & (np.arange(len(vectors)) != row)
    return Candidate(
        track_id=row,
        cosine=0.0,
        similarity=0.0,
        seen_by_seed=0.0,
        vector=vectors[row],
        artist_ids=frozenset({int(numbers["artist"][row])} if labels["artist"][row] else ()),
        release_id=int(numbers["release"][row]) if labels["release"][row] else None,
        duration_seconds=music.heard[row].seconds,
        twin_ids=frozenset(np.flatnonzero(is_twin).tolist()),
    )


def as_seed(track: Candidate) -> Seed:
    return Seed(
        track_id=track.track_id,
        audio_file=str(track.track_id),
        vector=track.vector,
        duration_seconds=track.duration_seconds,
        twin_ids=track.twin_ids,
    )


def list_stages(catalog: Catalog):
    """Names, and the lists of all tracks."""
    yield "plain cosine", [by_cosine(found)[:LIMIT] for found in catalog.candidates]
    yield "+ correction of hubness", recommend(catalog, ())
    for count, step in enumerate(WITHOUT_PEOPLE, start=1):
        if step is not spread_out:
            yield f"+ {step.__name__}", recommend(catalog, WITHOUT_PEOPLE[:count])
    for strictness in STRICTNESS:
        yield f"+ spread_out, strictness {strictness:.0%}", recommend(catalog, WITHOUT_PEOPLE, strictness)


def by_cosine(candidates):
    return sorted(candidates, key=lambda candidate: -candidate.cosine)


def recommend(catalog: Catalog, steps, strictness: float = 1.0):
    return [
        rerank(candidates, Shape(seed=seed, limit=LIMIT, strictness=strictness), steps)[0]
        for seed, candidates in zip(catalog.seeds, catalog.candidates, strict=True)
    ]


def share_of_same(catalog: Catalog, lists, kind: str) -> float:
    """Of what is shown to seeds that have such a label, and somebody to share it with in another recording."""
    labels, shares = catalog.labels[kind], []
    for seed, shown in enumerate(lists):
        others = catalog.music.recordings != catalog.music.recordings[seed]
        if shown and labels[seed] and (labels[others] == labels[seed]).any():
            shares.append(np.mean([labels[candidate.track_id] == labels[seed] for candidate in shown]))
    return float(np.mean(shares))


def count_repeats(catalog: Catalog, lists) -> int:
    """Tracks shown that are another version of the seed, or of one shown before."""
    repeats = 0
    for seed, shown in enumerate(lists):
        recordings = [catalog.music.recordings[number] for number in [seed, *(one.track_id for one in shown)]]
        repeats += len(recordings) - len(set(recordings))
    return repeats


def likeness_within(shown) -> float:
    vectors = np.stack([candidate.vector for candidate in shown])
    return float((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)].mean())


def measure(catalog: Catalog, lists) -> str:
    rows = np.full((len(lists), LIMIT), -1)
    for row, shown in zip(rows, lists, strict=True):
        row[: len(shown)] = [candidate.track_id for candidate in shown]
    spread = measure_spread(rows, len(lists))
    cells = [f"{share_of_same(catalog, lists, kind):.3f}" for kind in ("genre", "artist", "release", "set")]
    cells += [str(count_repeats(catalog, lists)), f"{np.mean([likeness_within(s) for s in lists if len(s) > 1]):.3f}"]
    cells += [f"{spread.hubness:.2f}", f"{spread.reach:.1%}", f"{np.mean([len(shown) for shown in lists]):.1f}"]
    return " | ".join([*cells, f"{np.mean([len(shown) == LIMIT for shown in lists]):.0%}"])


@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_every_step(capsys):
    catalog = make_catalog(listen())
    with capsys.disabled():
        print(f"\n{len(catalog.seeds)} tracks, {len(np.unique(catalog.music.recordings))} recordings\n")
        print("| | genre | artist | release | set | repeats | cosine within | skew | reach | shown | full |")
        print("|---" * 11 + "|")
        for name, lists in list_stages(catalog):
            print(f"| {name} | {measure(catalog, lists)} |")
