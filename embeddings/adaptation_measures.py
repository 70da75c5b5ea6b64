"""Is a space better for one library than another? Paired measures on tracks that were kept out of training."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from embeddings.blockwise import SPARE, UNKNOWN, LabelKind, count_occurrences, find_neighbours, score_queries
from embeddings.components import connect
from embeddings.heads import Head, apply_head
from embeddings.pooling import pool
from embeddings.retrieval import Estimate, skewness

NEIGHBOURS: Final = 10
HELD_OUT_SHARE: Final = 0.3
# The column of ``score_queries`` and the name of each measure.
MEASURES: Final = {"P@1": 0, "P@5": 1, "P@10": 2, "MAP": 3}
SAME_TRACK: Final = "same track R@1"
# The first with enough queries decides: tracks of one artist on different releases are the best evidence of what
# belongs together, other parts of one track the weakest.
DECIDING: Final = ("same artist MAP", "same release MAP", SAME_TRACK)
LEAST_QUERIES: Final = 30
LEAST_SOURCES: Final = 4
# So much more hubness is a clear loss, unless it may be chance: the standard error of a skewness is sqrt(6 / n).
HUBNESS_MARGIN: Final = 0.25

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Library:
    """Vectors of one encoder with what is known of them, n tracks.

    ``vectors`` (n, d) and ``segments`` (m, d) of unit length; ``segment_tracks`` (m,) is the row of the track of each
    segment, in the order of time; not every track needs segments. ``artists``, ``releases`` and ``recordings`` (n,) are
    numbers, ``UNKNOWN`` for an unknown artist or release.
    """

    vectors: Matrix
    artists: Rows
    releases: Rows
    recordings: Rows
    segments: Matrix
    segment_tracks: Rows

    def __len__(self) -> int:
        return len(self.vectors)

    def part(self, is_wanted: NDArray[np.bool_]) -> "Library":
        """The library with the tracks of a mask (n,) only."""
        rows = np.cumsum(is_wanted) - 1
        has_track = is_wanted[self.segment_tracks]
        return Library(
            vectors=self.vectors[is_wanted],
            artists=self.artists[is_wanted],
            releases=self.releases[is_wanted],
            recordings=self.recordings[is_wanted],
            segments=self.segments[has_track],
            segment_tracks=rows[self.segment_tracks[has_track]].astype(np.int64),
        )

    def sources(self) -> Rows:
        """What must not be on both sides of a split, (n,): tracks linked by artist, release or recording."""
        links: list[tuple[int, int]] = []
        for labels in (self.artists, self.releases, self.recordings):
            known = np.flatnonzero(labels != UNKNOWN)
            _, first, group = np.unique(labels[known], return_index=True, return_inverse=True)
            links += zip(known.tolist(), known[first[group]].tolist(), strict=True)
        return connect(links, len(self))


def hold_out(library: Library, share: float = HELD_OUT_SHARE, seed: int = 0) -> NDArray[np.bool_]:
    """A mask (n,) of about ``share`` of the tracks, whole sources only, the same for the same library and seed.

    Sources come in random order. Those that would take more than a quarter of the share come last, since many sources
    say more than one, and one that would take more than half as much again is passed over.
    """
    sources = library.sources()
    names, counts = np.unique(sources, return_counts=True)
    budget = share * len(library)
    order = np.random.default_rng(seed).permutation(len(names))
    small_first = order[np.argsort(counts[order] > budget / LEAST_SOURCES, kind="stable")]
    chosen: list[int] = []
    taken = 0
    for place in small_first:
        if taken < budget and taken + counts[place] <= 1.5 * budget:
            chosen.append(int(names[place]))
            taken += int(counts[place])
    return np.isin(sources, chosen)


@dataclass(frozen=True)
class Measured:
    """By name of measure the value of each query and the source of each query."""

    values: Mapping[str, NDArray[np.float64]]
    sources: Mapping[str, Rows]


def measure(library: Library, head: Head) -> Measured:
    """How well the vectors of ``library`` under ``head`` find what belongs together, among themselves."""
    vectors = apply_head(head, library.vectors)
    sources = library.sources()
    nothing = np.full(len(library), UNKNOWN)
    kinds = {
        "same artist": LabelKind(library.artists, library.releases),
        "same release": LabelKind(library.releases, nothing),
    }
    values: dict[str, NDArray[np.float64]] = {}
    of: dict[str, Rows] = {}
    for kind, scored in score_queries(vectors, kinds, library.recordings, np.arange(len(library))).items():
        for name, column in MEASURES.items():
            values[f"{kind} {name}"], of[f"{kind} {name}"] = scored.scores[:, column], sources[scored.queries]
    found, tracks = _find_other_halves(library, head)
    values[SAME_TRACK], of[SAME_TRACK] = found, sources[tracks]
    return Measured(values, of)


def measure_hubness(library: Library, head: Head) -> float:
    """Skew of how often tracks are among the ten nearest of others, copies passed over."""
    neighbours = find_neighbours(apply_head(head, library.vectors), NEIGHBOURS + SPARE)
    nearest = neighbours.without_copies(library.recordings, NEIGHBOURS)
    return skewness(count_occurrences(nearest, len(library)))


def _find_other_halves(library: Library, head: Head) -> tuple[NDArray[np.float64], Rows]:
    """1 where the first half of a track finds its second half before that of any other recording, else 0; a tie is
    lost. And the rows of those tracks: the ones with four segments or more."""
    tracks, starts, counts = np.unique(library.segment_tracks, return_index=True, return_counts=True)
    long_enough = counts >= 4
    tracks, starts, counts = tracks[long_enough], starts[long_enough], counts[long_enough]
    if len(tracks) < 2:
        return np.zeros(0), np.zeros(0, np.int64)
    rows = apply_head(head, library.segments)
    # the segment in the middle overlaps with both halves
    first = np.stack([pool(rows[s : s + (n - 1) // 2]) for s, n in zip(starts, counts, strict=True)])
    second = np.stack([pool(rows[s + n // 2 + 1 : s + n]) for s, n in zip(starts, counts, strict=True)])
    similarities = first @ second.T
    groups = library.recordings[tracks]
    is_rival = groups[:, None] != groups[None, :]
    is_beaten = ((similarities >= np.diag(similarities)[:, None]) & is_rival).any(axis=1)
    return (~is_beaten).astype(np.float64), tracks.astype(np.int64)


def compare(before: Measured, after: Measured) -> dict[str, dict[str, Any]]:
    """For each measure with queries: how many, the mean over sources before and after, and the paired difference with
    its interval (None of one source), ready for JSON."""
    found = {}
    for name, old in before.values.items():
        if old.size:
            old, new = (source_means(side.values[name], before.sources[name]) for side in (before, after))
            of_one = {"value": float(np.mean(new - old)), "low": None, "high": None}
            found[name] = {
                "queries": before.values[name].size,
                "sources": old.size,
                "before": float(old.mean()),
                "after": float(new.mean()),
                "difference": asdict(mean_with_interval(new - old)) if old.size > 1 else of_one,
            }
    return found


def source_means(values: NDArray[np.float64], sources: Rows) -> NDArray[np.float64]:
    """The mean of ``values`` (n,) in each of the ``sources`` (n,): (number of sources,)."""
    _, group = np.unique(sources, return_inverse=True)
    return np.asarray(np.bincount(group, weights=values) / np.bincount(group), np.float64)


def mean_with_interval(values: NDArray[np.float64]) -> Estimate:
    """Mean of ``values`` (n,), n >= 2 and one of each source, with its 95 % interval after Student.

    Queries of one source share their luck, so that only sources count. With these even a few, each as uncertain as it
    may be, are not taken for more than they are (Ibragimov and Mueller, "t-Statistic Based Correlation and
    Heterogeneity Robust Inference", 2010); a bootstrap of four sources errs four times too often.
    """
    mean = float(values.mean())
    margin = float(stdtrit(values.size - 1, 0.975) * values.std(ddof=1) / np.sqrt(values.size))
    return Estimate(mean, mean - margin, mean + margin)


@dataclass(frozen=True)
class Verdict:
    """``deciding`` is the measure that decided, empty where none could; ``reason`` is a sentence for people."""

    is_better: bool
    deciding: str
    reason: str


def judge(compared: Mapping[str, Mapping[str, Any]], hubness: tuple[float, float], tracks: int) -> Verdict:
    """Better is what clearly raises the deciding measure and clearly lowers no other; nor may ``hubness``, before and
    after, of so many ``tracks`` rise by more than a quarter, by .25 and by two standard errors."""
    sure = {name: entry for name, entry in compared.items() if _says_something(entry)}
    enough = [name for name in DECIDING if name in sure]
    if not enough:
        return Verdict(
            is_better=False,
            deciding="",
            reason=f"no measure has {LEAST_QUERIES} queries of {LEAST_SOURCES} sources among the tracks held out",
        )
    deciding = enough[0]
    if compared[deciding]["difference"]["low"] <= 0:
        return Verdict(is_better=False, deciding=deciding, reason=f"{deciding} is not clearly higher than before")
    worse = [name for name, entry in sure.items() if entry["difference"]["high"] < 0]
    if worse:
        return Verdict(is_better=False, deciding=deciding, reason=f"clearly lower than before: {', '.join(worse)}")
    before, after = hubness
    if after - before > HUBNESS_MARGIN * max(1, abs(before)) and after - before > 2 * (6 / tracks) ** 0.5:
        return Verdict(is_better=False, deciding=deciding, reason="hubness is clearly higher than before")
    return Verdict(is_better=True, deciding=deciding, reason=f"{deciding} is clearly higher, and nothing clearly lower")


def _says_something(entry: Mapping[str, Any]) -> bool:
    return bool(entry["queries"] >= LEAST_QUERIES and entry["sources"] >= LEAST_SOURCES)
