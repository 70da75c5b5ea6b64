"""How strong the correction of hubness should be, and whether what is chosen on some music holds on other music:

    TEST_MUSIC=FOLDER bin/test bench tests/bench/test_strengths.py

Strengths are tried on all excerpts; then sets of music are dealt out to two halves, catalogs of their own. No artist,
set or recording is in both. The strengths that are best for one half are measured on the other.
"""

import itertools
import os

import numpy as np
import pytest

from embeddings.components import connect
from recommender.similarity.nearness import ranks, whitening
from recommender.similarity.nearness.reach import measure_spread
from tests.bench.music import LABELS, cut_excerpts, listen
from tests.bench.test_hubness import HALF, REACH, find_interval, make_catalog, score, served

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]
RIDGES, VIEWS, WEIGHTS = (np.inf, 64.0, 24.0, 8.0), (0.5, 0.6, 0.8, 1.0), (0.0, 0.25)
STRENGTHS = list(itertools.product(RIDGES, VIEWS, WEIGHTS))
IN_USE = (24.0, 0.6, 0.25)
SPLITS = 4


def use(monkeypatch, strength):
    ridge, view, weight = strength
    monkeypatch.setattr(whitening, "_RIDGE", min(ridge, 1e9))
    monkeypatch.setattr(ranks, "_SEEN_BACK", view)
    monkeypatch.setattr(ranks, "_WEIGHT", weight)


def measure(catalog):
    """Skew as a share of plain cosine's, reach, and for each kind of label what P@10 changes, with its interval."""
    plain, lists = catalog.rows[:, :10], served(catalog)
    before, after = (measure_spread(rows, len(catalog.vectors)) for rows in (plain, lists))
    changes = {}
    for kind in catalog.labels:
        first, queries = score(catalog, plain, kind)
        if len(queries):
            moved = score(catalog, lists, kind)[0] - first
            changes[kind] = (moved.mean(), *find_interval(moved, catalog.recordings[queries]))
    return after.hubness / before.hubness, after.reach, changes


def miss(measured) -> int:
    skew, reach, changes = measured
    return (skew > HALF) + (reach < REACH) + sum(high < 0 for _, _, high in changes.values())


def rate(measured) -> tuple[int, float]:
    """The least is the best: who misses least, and of those who loses least."""
    return miss(measured), -float(np.mean([change for change, _, _ in measured[2].values()]))


def tell(strength, measured) -> str:
    skew, reach, changes = measured
    ridge, view, weight = strength
    cells = [f"{changes[kind][0]:+.3f} ({changes[kind][2]:+.3f})" if kind in changes else "" for kind in LABELS]
    return f"| {ridge:g} | {view:g} | {weight:g} | {skew:.0%} | {reach:.1%} | {' | '.join(cells)} | {miss(measured)} |"


def cut(music, is_in):
    vectors, files = cut_excerpts(music)
    kept = np.isin(files, np.flatnonzero(is_in))
    files = files[kept]
    return make_catalog(vectors[kept], music.recordings[files], {kind: music.labels(kind)[files] for kind in LABELS})


def deal_out(music):
    """Which files are in the first half, some times over."""
    links = []
    for labels in (music.labels("set"), music.labels("artist"), music.recordings.astype(str)):
        for label in set(labels.tolist()) - {""}:
            first, *others = np.flatnonzero(labels == label).tolist()
            links += [(first, other) for other in others]
    groups = np.asarray(connect(links, len(music.heard)))
    chance, names = np.random.default_rng(3), np.unique(groups)
    while True:
        half = np.isin(groups, names[chance.random(len(names)) < 0.5])
        if abs(half.mean() - 0.5) < 0.1:
            yield half


def table(title: str) -> str:
    head = f"\n{title}\n\n| ridge | view | weight | skew of plain | reach | {' | '.join(LABELS)} | missed |"
    return f"{head}\n{'|---' * (6 + len(LABELS))}|"


@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_strengths(monkeypatch, capsys):
    music = listen()
    catalog = cut(music, np.full(len(music.heard), True))
    with capsys.disabled():
        print(table("All excerpts: change of P@10 (upper end of the interval)"))
        for strength in STRENGTHS:
            use(monkeypatch, strength)
            print(tell(strength, measure(catalog)))


@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_what_is_chosen_on_one_half_measured_on_the_other(monkeypatch, capsys):
    music = listen()
    with capsys.disabled():
        print(table("Chosen on one half, measured on the other; then those in use, on that same other half"))
        for half in itertools.islice(deal_out(music), SPLITS):
            found = []
            for part in (half, ~half):
                catalog, measured = cut(music, part), {}
                for strength in STRENGTHS:
                    use(monkeypatch, strength)
                    measured[strength] = measure(catalog)
                found.append(measured)
            for own, other in (found, found[::-1]):
                best = min(own, key=lambda strength: rate(own[strength]))
                print(tell(best, other[best]))
                print(tell(IN_USE, other[IN_USE]))
