"""From candidates to a list people like to hear: steps that each take candidates and give fewer, or in another order.

All of them are in SHAPED, in the order in which they are applied. Each says how many it left out, and each can be
switched off but for what curators rule, which holds for everybody.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.similarity.candidates import Candidate, Seed, stack
from recommender.similarity.taste import Taste
from recommender.similarity.vectors import Vector

# Encodings of one recording are this near, and of one length.
COPY_COSINE: Final = 0.995
COPY_SECONDS: Final = 1.0
# Of candidates in the order of their lengths so many are compared at once with those that are hardly longer.
_AT_ONCE: Final = 128
# Nearer than nine tenths of the catalog (`similarity.nearness.ranks`): what is less does not sound like the seed.
LEAST_SIMILARITY: Final = 0.54
# How much of the similarity an adventurous list gives up for being unlike what it holds already.
_WIDEST_SPREAD: Final = 0.6


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the steps are told. `strictness` 0-1: from adventurous to locked in. `taste` is the listener's."""

    seed: Seed
    limit: int
    per_artist: int = 2
    per_release: int = 2
    strictness: float = 1.0
    taste: Taste | None = None


Step = Callable[[Sequence[Candidate], Shape], list[Candidate]]


@dataclass(frozen=True)
class StepReport:
    name: str
    left_out: int


def keep_above_floor(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """Without those that do not really sound like the seed, unless curators say that they belong to it."""
    return [each for each in candidates if each.similarity >= LEAST_SIMILARITY or each.is_ruled]


def drop_unlike(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """Without what curators say is not similar to the seed, in all its versions."""
    return [candidate for candidate in candidates if not _is_among(candidate, shape.seed.unlike_ids)]


def move_by_taste(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """In the order that what the listener said before makes of them. Without what is not similar to the seed to this
    listener, and without what falls below the floor.

    It follows the floor: what the listener likes does not make strangers sound like the seed. It comes before all that
    chooses between candidates, so that of several versions, or of an artist's tracks, the best liked stay.
    """
    if shape.taste is None or not candidates:
        return list(candidates)
    left = [candidate for candidate in candidates if not _is_among(candidate, shape.taste.unlike_ids)]
    moved = _move(left, shape.taste)
    kept = [each for each in moved if not each.worth < LEAST_SIMILARITY <= each.similarity]
    return sorted(kept, key=lambda each: (-each.worth, -each.similarity, each.track_id))


def fold_versions(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """One of each recording, the nearest, which carries the others. None of the seed's own recording."""
    kept: dict[int, list[int]] = {}
    group_of: dict[int, int] = {}
    for candidate in candidates:
        if shape.seed.track_id in candidate.twin_ids or candidate.track_id in shape.seed.twin_ids:
            continue
        known = next((group_of[twin] for twin in candidate.twin_ids if twin in group_of), candidate.track_id)
        group_of[candidate.track_id] = known
        kept.setdefault(known, []).append(candidate.track_id)
    return [_carry(candidate, kept[candidate.track_id][1:]) for candidate in candidates if candidate.track_id in kept]


def drop_copies(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """Without what is nearly the same sound as the seed or as one before it, and of the same length."""
    if not candidates:
        return []
    vectors = stack(candidates)
    seconds = np.array([candidate.duration_seconds for candidate in candidates])
    is_dropped = (vectors @ shape.seed.vector >= COPY_COSINE) & (
        np.abs(seconds - shape.seed.duration_seconds) <= COPY_SECONDS
    )
    copies = _find_copies(vectors, seconds)
    for row in sorted(copies):
        if not is_dropped[row]:
            is_dropped[copies[row]] = True
    return [candidates[row] for row in np.flatnonzero(~is_dropped).tolist()]


def _find_copies(vectors: Vector, seconds: NDArray[np.float64]) -> Mapping[int, list[int]]:
    """Row -> the rows after it that are copies of it. Only rows of nearly one length are compared with each other."""
    order = np.argsort(seconds, kind="stable")
    ends = np.searchsorted(seconds[order], seconds[order] + COPY_SECONDS, side="right")
    copies: dict[int, list[int]] = defaultdict(list)
    for start in range(0, len(order), _AT_ONCE):
        rows = order[start : start + _AT_ONCE]
        others = order[start : ends[min(start + _AT_ONCE, len(order)) - 1]]
        is_copy = vectors[rows] @ vectors[others].T >= COPY_COSINE
        is_copy &= np.abs(seconds[rows, None] - seconds[None, others]) <= COPY_SECONDS
        # Of two in one block each is found from the other as well; nobody is a copy of itself.
        is_copy &= np.arange(len(rows))[:, None] < np.arange(len(others))[None, :]
        for one, other in zip(*np.nonzero(is_copy), strict=True):
            pair = int(rows[one]), int(others[other])
            copies[min(pair)].append(max(pair))
    return copies


def cap_artists(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """At most `per_artist` of everybody who is credited, beside all that belongs to the seed."""
    seen: Counter[int] = Counter()
    kept = []
    for candidate in candidates:
        if candidate.is_ruled or all(seen[artist_id] < shape.per_artist for artist_id in candidate.artist_ids):
            seen.update(candidate.artist_ids)
            kept.append(candidate)
    return kept


def cap_releases(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """At most `per_release` of each release, beside all that belongs to the seed; tracks without one are no release."""
    seen: Counter[int] = Counter()
    kept = []
    for candidate in candidates:
        release = () if candidate.release_id is None else (candidate.release_id,)
        if candidate.is_ruled or all(seen[release_id] < shape.per_release for release_id in release):
            seen.update(release)
            kept.append(candidate)
    return kept


def spread_out(candidates: Sequence[Candidate], shape: Shape) -> list[Candidate]:
    """First the `limit` to be shown, each the nearest that is unlike those before it, more so the less strict.

    Maximal marginal relevance (Carbonell and Goldstein 1998).
    """
    weight = _WIDEST_SPREAD * (1 - shape.strictness)
    if not weight or not candidates:
        return list(candidates)
    vectors = stack(candidates)
    gain = np.array([candidate.worth for candidate in candidates])
    likeness = np.full(len(candidates), -np.inf)
    chosen: list[int] = []
    while len(chosen) < min(shape.limit, len(candidates)):
        worth = gain - weight * np.maximum(likeness, 0) if chosen else gain
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        likeness = np.maximum(likeness, vectors @ vectors[chosen[-1]])
    rest = np.delete(np.arange(len(candidates)), chosen).tolist()
    return [candidates[row] for row in chosen + rest]


def _carry(candidate: Candidate, versions: Sequence[int]) -> Candidate:
    # Nearly all have none, and a copy of every candidate is a twentieth of the time that a page takes.
    return replace(candidate, versions=(*candidate.versions, *versions)) if versions else candidate


def _is_among(candidate: Candidate, track_ids: frozenset[int]) -> bool:
    return candidate.track_id in track_ids or not candidate.twin_ids.isdisjoint(track_ids)


def _move(candidates: Sequence[Candidate], taste: Taste) -> list[Candidate]:
    if not candidates:
        return []
    vectors = stack(candidates)
    moved = taste.move(np.array([candidate.track_id for candidate in candidates], np.int64), vectors)
    return [replace(candidate, moved=float(by)) for candidate, by in zip(candidates, moved, strict=True)]


RAW: Final[tuple[Step, ...]] = (keep_above_floor, drop_unlike)
SHAPED: Final[tuple[Step, ...]] = (
    keep_above_floor,
    drop_unlike,
    move_by_taste,
    fold_versions,
    drop_copies,
    cap_artists,
    cap_releases,
    spread_out,
)


def rerank(
    candidates: Sequence[Candidate], shape: Shape, steps: Sequence[Step]
) -> tuple[list[Candidate], list[StepReport]]:
    """The candidates to be shown, at most `limit`, and what each step left out."""
    left = list(candidates)
    reports = []
    for step in steps:
        before, left = len(left), step(left, shape)
        reports.append(StepReport(step.__name__, before - len(left)))
    return left[: shape.limit], reports
