"""What the correction of hubness does, beside plain cosine and what others do:

    TEST_MUSIC=FOLDER bin/test bench tests/bench/test_hubness.py

Every system puts the same candidates in order, the 200 nearest by cosine, as recommendations do. Intervals are of the
difference to plain cosine for the same queries; they draw whole recordings, since excerpts of one are much alike.
"""

import os
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

from recommender.similarity.nearness.reach import measure_spread, order_as_served
from recommender.similarity.nearness.sample import SIZE, Sample
from tests.bench.music import LABELS, cut_excerpts, listen

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]
CANDIDATES, PLACES, LOCAL = 200, 10, 10
RESAMPLES = 2_000
REACH, HALF = 0.95, 0.5
SYNTHETIC = 10_000


@dataclass(frozen=True)
class Catalog:
    """`vectors` (n, d); what has one number of `recordings` (n,) is never compared; `labels` by kind (n,)."""

    vectors: np.ndarray
    recordings: np.ndarray
    labels: dict[str, np.ndarray]
    rows: np.ndarray
    cosines: np.ndarray
    local: np.ndarray
    means: np.ndarray
    deviations: np.ndarray


def make_catalog(vectors, recordings, labels) -> Catalog:
    """With the candidates of each vector, the mean cosine of its ten nearest, and mean and deviation of all."""
    parts = [search(vectors, recordings, part) for part in np.array_split(np.arange(len(vectors)), 20)]
    return Catalog(vectors, recordings, labels, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def search(vectors, recordings, part):
    is_same = recordings[part][:, None] == recordings[None, :]
    cosines = np.where(is_same, -np.inf, vectors[part] @ vectors.T)
    rows = np.argpartition(-cosines, CANDIDATES, axis=1)[:, :CANDIDATES]
    values = np.take_along_axis(cosines, rows, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    rows, values = np.take_along_axis(rows, order, axis=1), np.take_along_axis(values, order, axis=1)
    others = np.ma.masked_array(cosines, is_same)
    return rows, values, values[:, :LOCAL].mean(axis=1), others.mean(axis=1).data, others.std(axis=1).data


def order_by(catalog: Catalog, scores) -> np.ndarray:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :PLACES]
    return np.take_along_axis(catalog.rows, order, axis=1)


def served(catalog: Catalog, drawn: int = 0) -> np.ndarray:
    size = min(SIZE, len(catalog.vectors))
    members = np.sort(np.random.default_rng(drawn).choice(len(catalog.vectors), size, replace=False))
    sample = Sample(catalog.recordings[members], catalog.vectors[members])
    nearest = (catalog.rows, catalog.cosines.astype(np.float32))
    return order_as_served(catalog.vectors, catalog.recordings, nearest, sample).rows[:, :PLACES]


def scale_locally(catalog: Catalog) -> np.ndarray:
    """NICDM (Schnitzer et al. 2012): distances by the mean distance to the ten nearest of both."""
    near = np.sqrt(np.maximum(1e-9, 2 - 2 * catalog.cosines))
    scale = near[:, :LOCAL].mean(axis=1)
    return order_by(catalog, -near / np.sqrt(scale[:, None] * scale[catalog.rows]))


def penalise_crowds(catalog: Catalog) -> np.ndarray:
    """CSLS (Conneau et al. 2018)."""
    return order_by(catalog, 2 * catalog.cosines - catalog.local[:, None] - catalog.local[catalog.rows])


def multiply_gaussians(catalog: Catalog) -> np.ndarray:
    """Mutual proximity with a normal distribution for each (Schnitzer et al. 2012)."""
    seen = [(catalog.means[:, None], catalog.deviations[:, None])]
    seen.append((catalog.means[catalog.rows], catalog.deviations[catalog.rows]))
    return order_by(catalog, sum(norm.logcdf((catalog.cosines - mean) / deviation) for mean, deviation in seen))


SYSTEMS = {
    "plain cosine": lambda catalog: catalog.rows[:, :PLACES],
    f"as served (sample of {SIZE:,})": served,
    "CSLS": penalise_crowds,
    "NICDM": scale_locally,
    "Gaussian mutual proximity": multiply_gaussians,
}


def score(catalog: Catalog, lists, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """P@10 of the queries for which there is something to find in another recording, and which queries they are."""
    labels = catalog.labels[kind]
    pairs = np.unique(np.stack([labels, catalog.recordings.astype(labels.dtype)]), axis=1)[0]
    names, counts = np.unique(pairs, return_counts=True)
    queries = np.flatnonzero(np.isin(labels, names[(counts > 1) & (names != "")]))
    return (labels[lists[queries]] == labels[queries][:, None]).mean(axis=1), queries


def find_interval(differences, recordings) -> tuple[float, float]:
    """95 % of the mean of `differences` (n,), by resampling recordings (n,)."""
    _, groups = np.unique(recordings, return_inverse=True)
    sums, counts = np.bincount(groups, weights=differences), np.bincount(groups)
    drawn = np.random.default_rng(0).integers(len(sums), size=(RESAMPLES, len(sums)))
    low, high = np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def compare(catalog: Catalog) -> list[str]:
    """The lines of a table, and what was asked for and is missed."""
    kinds = list(catalog.labels)
    plain = SYSTEMS["plain cosine"](catalog)
    lines = [f"| | skew | reach@10 | largest hub | {' | '.join(f'P@10 {kind}' for kind in kinds)} |"]
    lines.append("|---" * (4 + len(kinds)) + "|")
    for name, system in SYSTEMS.items():
        lists = system(catalog)
        spread, cells = measure_spread(lists, len(catalog.vectors)), []
        for kind in kinds:
            before, queries = score(catalog, plain, kind)
            found, _ = score(catalog, lists, kind)
            low, high = find_interval(found - before, catalog.recordings[queries])
            moved = f" ({found.mean() - before.mean():+.3f}, {low:+.3f} to {high:+.3f})" if lists is not plain else ""
            cells.append(f"{found.mean():.3f}{moved}")
        row = f"{spread.hubness:.2f} | {spread.reach:.1%} | {spread.occurrences.max()} | {' | '.join(cells)}"
        lines.append(f"| {name} | {row} |")
    return [*lines, "", *judge(catalog, plain, SYSTEMS[f"as served (sample of {SIZE:,})"](catalog))]


def judge(catalog: Catalog, plain, lists) -> list[str]:
    before, after = (measure_spread(rows, len(catalog.vectors)) for rows in (plain, lists))
    fall = 1 - after.hubness / before.hubness
    said = [
        f"- reach of 95 %: {'met' if after.reach >= REACH else 'MISSED'} ({after.reach:.1%})",
        f"- skew halved: {'met' if after.hubness <= HALF * before.hubness else 'MISSED'} (by {fall:.0%})",
    ]
    for kind in catalog.labels:
        first, queries = score(catalog, plain, kind)
        second, _ = score(catalog, lists, kind)
        low, high = find_interval(second - first, catalog.recordings[queries])
        one_by_one = find_interval(second - first, queries)
        said.append(
            f"- no loss of P@10 for {kind}: {'met' if high >= 0 else 'MISSED'} ({second.mean() - first.mean():+.5f}, "
            f"{low:+.3f} to {high:+.3f}; each excerpt for itself {one_by_one[0]:+.3f} to {one_by_one[1]:+.3f}; "
            f"{len(queries):,} excerpts of {len(np.unique(catalog.recordings[queries]))} recordings)"
        )
    return said


@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_excerpts_of_real_music(capsys):
    music = listen()
    vectors, files = cut_excerpts(music)
    labels = {kind: music.labels(kind)[files] for kind in LABELS}
    catalog = make_catalog(vectors, music.recordings[files], labels)
    with capsys.disabled():
        print(f"\n{len(vectors):,} excerpts of 30 s of {len(np.unique(music.recordings))} recordings\n")
        print("\n".join(compare(catalog)))


def make_clusters(seed: int, size: int = SYNTHETIC, dimension: int = 128, each: int = 40):
    """Clusters with a hub at the middle of each: vectors, their clusters, and which are hubs."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(size // each, dimension))
    middles /= np.linalg.norm(middles, axis=1)[:, None]
    clusters = np.repeat(np.arange(len(middles)), each)
    is_hub = np.arange(size) % each == 0
    width = np.where(is_hub, 0.15, 1.0) / np.sqrt(dimension)
    vectors = middles[clusters] + rng.normal(size=(size, dimension)) * width[:, None]
    return (vectors / np.linalg.norm(vectors, axis=1)[:, None]).astype(np.float32), clusters, is_hub


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_hubs(seed, capsys):
    vectors, clusters, is_hub = make_clusters(seed)
    catalog = make_catalog(vectors, np.arange(len(vectors)), {"cluster": clusters.astype(str)})
    with capsys.disabled():
        print(f"\n{len(vectors):,} vectors with {is_hub.sum()} planted hubs, seed {seed}\n")
        print("\n".join(compare(catalog)))
        for name, system in SYSTEMS.items():
            occurrences = measure_spread(system(catalog), len(vectors)).occurrences
            print(f"- {name}: a planted hub stands in {occurrences[is_hub].mean():.1f} lists")
