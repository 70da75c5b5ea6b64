"""Neighbours with what re-ranking reads of them: three queries, whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.catalog.models import Credit, RecordingPair, Space, Track, TrackQuerySet, Verdict
from recommender.similarity.nearness import Shares, rank_shares, similarity_of
from recommender.similarity.sample import sample_of
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors


@dataclass(frozen=True, kw_only=True, eq=False)
class Seed:
    """What the listener starts from. `twin_ids` are tracks that are, or may be, the same recording."""

    track_id: int
    audio_file: str
    vector: Vector
    duration_seconds: float
    twin_ids: frozenset[int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """`cosine` as the vectors have it, `similarity` 0-1 as this catalog has it (`similarity.nearness`).

    `seen_by_seed` is the similarity by the seed's own ranks, which no candidate further from it exceeds. `versions` are
    those that were folded into this one.
    """

    track_id: int
    cosine: float
    similarity: float
    seen_by_seed: float
    vector: Vector
    artist_ids: frozenset[int]
    release_id: int | None
    duration_seconds: float
    twin_ids: frozenset[int]
    versions: tuple[int, ...] = ()


def find_seed(space: Space, track: Track) -> Seed | None:
    """None where the track has no vector in this space."""
    stored = track.embeddings.filter(space=space).values_list("track_id", "vector")
    _, vectors = stack_vectors(stored, space.dimension)
    if not len(vectors):
        return None
    return Seed(
        track_id=track.pk,
        audio_file=track.audio_file_id,
        vector=vectors[0],
        duration_seconds=track.duration_seconds or 0.0,
        twin_ids=_find_twins([track.pk])[track.pk],
    )


def gather(space: Space, seed: Seed, allowed: TrackQuerySet, track_ids: Collection[int]) -> list[Candidate]:
    """Those of `track_ids` that are among `allowed` and not the seed's own file, nearest first."""
    rows = {row["pk"]: row for row in _facts(space, seed, allowed, track_ids)}
    ids, vectors = stack_vectors(((pk, row["embeddings__vector"]) for pk, row in rows.items()), space.dimension)
    if not len(ids):
        return []
    cosines = vectors @ seed.vector
    seen_by_seed, seen_by_others = _similarities(space, seed, cosines, ids, vectors)
    artists, twins = _find_artists(rows), _find_twins(rows)
    found = [
        Candidate(
            track_id=int(track_id),
            cosine=float(cosines[row]),
            similarity=float(min(seen_by_seed[row], seen_by_others[row])),
            seen_by_seed=float(seen_by_seed[row]),
            vector=vectors[row],
            artist_ids=artists[int(track_id)],
            release_id=rows[int(track_id)]["release_id"],
            duration_seconds=rows[int(track_id)]["duration_seconds"] or 0.0,
            twin_ids=twins[int(track_id)],
        )
        for row, track_id in enumerate(ids)
    ]
    return sorted(found, key=lambda candidate: (-candidate.similarity, -candidate.cosine, candidate.track_id))


def _facts(space: Space, seed: Seed, allowed: TrackQuerySet, track_ids: Collection[int]) -> Any:
    others = allowed.filter(pk__in=track_ids, embeddings__space=space).exclude(audio_file=seed.audio_file)
    return others.values("pk", "release_id", "duration_seconds", "embeddings__vector")


def _similarities(space: Space, seed: Seed, cosines: Vector, ids: TrackIds, vectors: Vector) -> tuple[Shares, Shares]:
    """How similar each is by the ranks of the seed, and by its own: (n,) and (n,)."""
    sample = sample_of(space)
    seed_to_sample = sample.cosines(seed.vector[None, :], np.array([seed.track_id]))
    by_seed = rank_shares(cosines, np.broadcast_to(seed_to_sample, (len(ids), seed_to_sample.shape[1])))
    return similarity_of(by_seed), similarity_of(rank_shares(cosines, sample.cosines(vectors, ids)))


def _find_artists(track_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for track_id, artist_id in Credit.objects.filter(track__in=track_ids).values_list("track_id", "artist_id"):
        found[track_id].add(artist_id)
    return _frozen(found)


def _find_twins(track_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Tracks of one recording, as far as the comparison of fingerprints and the curators say so."""
    pairs = RecordingPair.objects.exclude(verdict=Verdict.DIFFERENT).values_list("first_id", "second_id")
    found: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs.filter(first__in=track_ids).union(pairs.filter(second__in=track_ids)):
        found[first].add(second)
        found[second].add(first)
    return _frozen(found)


def _frozen(sets: Mapping[int, set[int]]) -> Mapping[int, frozenset[int]]:
    return defaultdict(frozenset, {key: frozenset(values) for key, values in sets.items()})
