"""What is said of the tracks nearest to a track, as votes about it.

Each recording and each release has one vote, so that an album does not outvote everybody else, and a vote weighs as
much as its track is similar. Only those vote of whom something is said, and who really sound like the track.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recommender.catalog.models import Space, TrackQuerySet
from recommender.similarity.candidates import find_twins
from recommender.similarity.index import get_index
from recommender.similarity.nearness.pairwise import Tracks, compare_pairs
from recommender.similarity.rerank import LEAST_SIMILARITY
from recommender.similarity.sync import alias_of
from recommender.similarity.vectors import stack_vectors

# The index is asked for so many, of whom so many are compared that have something to say, and so many vote.
ASKED: Final = 100
COMPARED: Final = 30
VOTES: Final = 10
# Beside all votes stands this one, which is for something else: one or two alone are no majority.
_DISSENT: Final = 1.0

# What is said of tracks, by their ids; those of whom nothing is said are left out.
Said = Mapping[int, Collection[str]]
_Pair = tuple[int, int]


@dataclass(frozen=True)
class Vote:
    """`values` is what the track says, each with the weight of the vote: its similarity, 0-1."""

    track_id: int
    similarity: float
    values: frozenset[str]


@dataclass(frozen=True)
class Result:
    """`confidence` 0-1 is the weight of those for `value` among all; `speakers` are they, the most similar first."""

    value: str
    confidence: float
    speakers: tuple[int, ...]


def count_votes(votes: Sequence[Vote]) -> list[Result]:
    """One for each value, the surest first."""
    weight = sum(vote.similarity for vote in votes) + _DISSENT
    speaking: dict[str, list[Vote]] = defaultdict(list)
    for vote in sorted(votes, key=lambda each: -each.similarity):
        for value in vote.values:
            speaking[value].append(vote)
    results = [
        Result(value, sum(vote.similarity for vote in those) / weight, tuple(vote.track_id for vote in those))
        for value, those in speaking.items()
    ]
    return sorted(results, key=lambda result: (-result.confidence, result.value))


def choose_voters(similarities: Mapping[int, float], alike: Mapping[int, frozenset[Hashable]]) -> list[int]:
    """The tracks that vote, the most similar first. Of those that are `alike` in anything one does."""
    chosen: list[int] = []
    counted: set[Hashable] = set()
    for track_id in sorted(similarities, key=lambda each: (-similarities[each], each)):
        if similarities[track_id] < LEAST_SIMILARITY or len(chosen) == VOTES:
            break
        if counted.isdisjoint(alike[track_id]):
            chosen.append(track_id)
        counted |= alike[track_id]
    return chosen


def find_votes(
    space: Space, track_ids: Collection[int], allowed: TrackQuerySet, read_said: Callable[[Collection[int]], Said]
) -> dict[int, list[Vote]]:
    """The votes about each of these tracks that has a vector, by tracks that are `allowed`. One question to the index
    and five queries, however many they are. Raises IndexUnavailableError.
    """
    stored = space.embeddings.filter(track__in=track_ids).order_by("track").values_list("track_id", "vector")
    seeds = Tracks(*stack_vectors(stored, space.dimension))
    if not len(seeds):
        return {}
    answers = get_index().neighbours(alias_of(space), seeds.vectors, ASKED)
    said = read_said({found.track_id for answer in answers for found in answer})
    facts = {pk: (file, release) for pk, file, release in _read_facts(allowed, said)}
    near = {
        seed_id: [found.track_id for found in answer if found.track_id in facts and found.track_id != seed_id]
        for seed_id, answer in zip(seeds.ids.tolist(), answers, strict=True)
    }
    pairs = [(seed_id, other) for seed_id, others in near.items() for other in others[:COMPARED]]
    similarities = _compare(space, seeds, pairs)
    alike = _find_alike({other for _, other in pairs}, facts)
    return {
        seed_id: [
            Vote(other, similarities[seed_id][other], frozenset(said[other]))
            for other in choose_voters(similarities[seed_id], alike)
        ]
        for seed_id in near
    }


def _read_facts(allowed: TrackQuerySet, said: Said) -> Iterator[Any]:
    return allowed.filter(pk__in=said).order_by().values_list("pk", "audio_file_id", "release_id").iterator()


def _compare(space: Space, seeds: Tracks, pairs: Sequence[_Pair]) -> Mapping[int, Mapping[int, float]]:
    """The similarities of these pairs, by the seed and the other. Whoever has lost its vector is left out."""
    stored = space.embeddings.filter(track__in={other for _, other in pairs}).values_list("track_id", "vector")
    others = Tracks(*stack_vectors(stored, space.dimension))
    seed_rows, rows = ({pk: row for row, pk in enumerate(side.ids.tolist())} for side in (seeds, others))
    known = [(seed_id, other) for seed_id, other in pairs if other in rows]
    by_seed: dict[int, dict[int, float]] = defaultdict(dict)
    if known:
        sides = [_take(seeds, [seed_rows[seed] for seed, _ in known]), _take(others, [rows[pk] for _, pk in known])]
        for (seed_id, other), similarity in zip(known, compare_pairs(space, *sides).tolist(), strict=True):
            by_seed[seed_id][other] = similarity
    return by_seed


def _take(tracks: Tracks, rows: Sequence[int]) -> Tracks:
    chosen = np.array(rows, np.int64)
    return Tracks(tracks.ids[chosen], tracks.vectors[chosen])


def _find_alike(
    track_ids: Collection[int], facts: Mapping[int, tuple[str, int | None]]
) -> dict[int, frozenset[Hashable]]:
    """Of each track its file, its release and the recordings it may be: whatever two have in common makes them one."""
    twins = find_twins(track_ids)
    found: dict[int, frozenset[Hashable]] = {}
    for track_id in track_ids:
        file, release = facts[track_id]
        own: set[Hashable] = {file, *(("twin", pk) for pk in {track_id, *twins[track_id]})}
        found[track_id] = frozenset(own if release is None else {*own, ("release", release)})
    return found
