"""How often what neighbours suggest is right, on labelled music:

    python -m embeddings embed --out vectors.npz MUSIC...
    TEST_VECTORS=vectors.npz TEST_MANIFEST=manifest.csv bin/test bench tests/bench/test_suggestions.py

Each track in turn is asked about as if nothing were said of it, with other files of its recording left out. Then a
tenth of the tracks get the label of another one, by chance: how many of these look wrong, and how many of the others.
"""

import csv
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recommender.curation.suggestions import LEAST, propose_genres, propose_others
from recommender.similarity.by_sound import SAME_COSINE
from recommender.similarity.nearness.pairwise import Tracks, compare_in
from recommender.similarity.nearness.sample import Sample
from recommender.similarity.voting import ASKED, COMPARED, Vote, choose_voters

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
LABELS, LEASTS, ROUNDS = ("genre", "set"), (0.5, 0.6, 0.7, 0.8), 20


class Labelled:
    """Vectors (n, d) with their rows of the manifest, and the similarities of all of them (n, n)."""

    def __init__(self, vectors: Path, manifest: Path) -> None:
        with manifest.open(newline="") as file:
            known = {row["path"]: row for row in csv.DictReader(file)}
        with np.load(vectors) as stored:
            paths, everything = stored["paths"].tolist(), stored["vectors"].astype(np.float32)
        found = [next((row for name, row in known.items() if str(path).endswith(name)), None) for path in paths]
        kept = [place for place, row in enumerate(found) if row]
        self.rows = [found[place] for place in kept]
        tracks = Tracks(np.arange(len(kept)), everything[kept])
        self.cosines = tracks.vectors @ tracks.vectors.T
        self.similarities = compare_in(Sample(tracks.ids, tracks.vectors), tracks, tracks)

    def labels(self, kind: str) -> list[str]:
        return [row[kind] for row in self.rows]

    def votes(self, seed: int, said: list[str], without: str = "") -> list[Vote]:
        """As `find_votes` has them, of those that say something and are no other file of the recording. `without`:
        nor have the same in this column.
        """
        near = [int(place) for place in np.argsort(-self.cosines[seed], kind="stable") if place != seed][:ASKED]
        own = self.rows[seed].get(without, "")
        others = [
            place
            for place in near
            if said[place]
            and self.cosines[seed, place] < SAME_COSINE
            and not (own and self.rows[place][without] == own)
        ]
        similarities = {place: float(self.similarities[seed, place]) for place in others[:COMPARED]}
        alike = {place: frozenset([self.rows[place]["release"] or place]) for place in similarities}
        return [Vote(pk, similarities[pk], frozenset([said[pk]])) for pk in choose_voters(similarities, alike)]


def measure_precision(music: Labelled, kind: str, without: str = "") -> list[str]:
    """The rows of a table: of how many tracks something was suggested at all, and how often it was right."""
    said = music.labels(kind)
    counts = Counter(said)
    queries = [place for place, label in enumerate(said) if label and counts[label] > 1]
    first = {
        place: next(iter(propose_genres(music.votes(place, said, without), frozenset())), None) for place in queries
    }
    lines = []
    for least in LEASTS:
        sure = [place for place in queries if first[place] and first[place].confidence >= least]
        right = sum(first[place].value == said[place] for place in sure)
        asked = f"{kind} | {without or 'nothing'} | {least:.2f}"
        lines.append(f"| {asked} | {len(sure)} of {len(queries)} | {share(right, len(sure))} |")
    return lines


def measure_wrong(music: Labelled, kind: str) -> str:
    said = music.labels(kind)
    known, chance = [place for place, label in enumerate(said) if label], np.random.default_rng(0)
    planted = found = others = blamed = corrected = 0
    for _round in range(ROUNDS):
        spoilt = list(said)
        wrong = set(chance.choice(known, len(known) // 10, replace=False).tolist())
        for place in wrong:
            spoilt[place] = str(chance.choice([said[other] for other in known if said[other] != said[place]]))
        for place in known:
            proposals = propose_others(music.votes(place, spoilt), frozenset([spoilt[place]]))
            is_found = bool(proposals) and proposals[0].confidence >= LEAST
            if place in wrong:
                planted, found = planted + 1, found + is_found
                corrected += is_found and proposals[0].value == said[place]
            else:
                others, blamed = others + 1, blamed + is_found
    return (
        f"{kind}: {share(found, planted)} of the wrong labels look wrong, {share(blamed, others)} of the others; "
        f"the right one is suggested for {share(corrected, found)} of those found"
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"


@pytest.mark.skipif("TEST_VECTORS" not in os.environ, reason="TEST_VECTORS names no file")
def test_suggestions(capsys):
    music = Labelled(Path(os.environ["TEST_VECTORS"]), Path(os.environ["TEST_MANIFEST"]))
    with capsys.disabled():
        print(f"\n{len(music.rows)} tracks\n\n| label | also left out | confidence | suggested for | right |")
        print("|---|---|---|---|---|")
        for kind, without in (("genre", ""), ("set", ""), ("set", "release"), ("set", "artist")):
            print("\n".join(measure_precision(music, kind, without)))
        print()
        for kind in LABELS:
            print(measure_wrong(music, kind))
