"""The few of a listener's own tracks that stand for their taste, and what is near them.

A taste is rarely one thing, and the middle of several is near to none of them. So it is told by a few tracks, each of
which stands for a part of the others (k-medoids by greedy facility location: Nemhauser, Wolsey and Fisher 1978).
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Count, F, Max, Value
from django.utils import timezone
from numpy.typing import NDArray

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Space, Track, TrackQuerySet
from recommender.listening.feedback import Kind, newest_feedback
from recommender.listening.models import Opinion, Play, Verdict
from recommender.similarity.candidates import Candidate, Seed, compare_with, sort_nearest, stack
from recommender.similarity.rerank import LEAST_SIMILARITY, SHAPED, Shape, rerank
from recommender.similarity.taste import MOST_FEEDBACK, Taste, weigh
from recommender.similarity.vectors import Vector, stack_vectors

MOST_MEDOIDS: Final = 4
# What tells a taste: so many of the newest likes, and of the tracks played most.
_MOST_TELLING: Final = 200
# A like weighs as much as so many plays; a track played once may have been tried only.
_PLAYS_OF_A_LIKE: Final = 3
_OFTEN: Final = 2
_MOST_PLAYS: Final = 10
# Of what the first medoid brings.
_LEAST_GAIN: Final = 0.03


@dataclass(frozen=True, kw_only=True, eq=False)
class Leaning:
    """`medoids` stand for the taste of a listener, `liked` is what they like, `taste` what they said of all else."""

    medoids: list[Seed]
    liked: frozenset[int]
    taste: Taste

    @property
    def ids(self) -> list[int]:
        return [medoid.track_id for medoid in self.medoids]

    @property
    def vectors(self) -> Vector:
        """(n, dimension)."""
        return np.stack([medoid.vector for medoid in self.medoids])


class Around(NamedTuple):
    """What is near a medoid, in order. `is_all`: what is further from it is below the floor."""

    found: list[Candidate]
    is_all: bool


def read_leaning(listener: User, space: Space) -> Leaning | None:
    """None where nothing tells of a taste."""
    weights = weigh_tracks(listener)
    feedback = newest_feedback(listener, weights, most=MOST_FEEDBACK) if weights else []
    vectors, seconds = _find_heard(space, {*weights, *(each.track_id for each in feedback)}) if weights else ({}, {})
    ids = sorted(weights.keys() & vectors.keys())
    if not ids:
        return None
    weighed = np.array([weights[track_id] for track_id in ids])
    rows = choose_medoids(np.stack([vectors[track_id] for track_id in ids]), weighed, MOST_MEDOIDS)
    medoids = [_make_seed(ids[row], vectors[ids[row]], seconds[ids[row]]) for row in rows]
    standing = {medoid.track_id for medoid in medoids}
    said = [each for each in feedback if each.track_id not in standing]
    return Leaning(
        medoids=medoids,
        liked=frozenset(each.track_id for each in feedback if each.kind == Kind.LIKE),
        taste=weigh(said, vectors, space.dimension, timezone.now()),
    )


def _make_seed(track_id: int, vector: Vector, seconds: float | None) -> Seed:
    # What is of its file, or ruled to be unlike it, is left out in SQL; what is paired with it names it as its twin.
    return Seed(track_id=track_id, audio_file="", vector=vector, duration_seconds=seconds or 0.0, twin_ids=frozenset())


def choose_medoids(vectors: Vector, weights: NDArray[np.float64], most: int) -> list[int]:
    """Rows of unit vectors (n, dimension) that stand for all of them, the one that stands for most first.

    Each is the one that brings the rest, as they weigh (n,), nearest to their nearest medoid; one that brings little is
    left out, so that a taste of one kind has one.
    """
    cosines = np.maximum(vectors @ vectors.T, 0)
    reached = np.zeros(len(vectors))
    chosen: list[int] = []
    least = 0.0
    while len(chosen) < min(most, len(vectors)):
        gains = (np.maximum(cosines - reached[None, :], 0) * weights[None, :]).sum(axis=1)
        best = int(np.argmax(gains))
        if gains[best] <= least:
            break
        least = least or _LEAST_GAIN * float(gains[best])
        chosen.append(best)
        reached = np.maximum(reached, cosines[best])
    return chosen


def weigh_tracks(listener: User) -> dict[int, float]:
    """Track id -> how much it tells of the taste. Only what the listener may still see. In one query."""
    visible = Track.objects.visible_to(listener)
    liked = Opinion.objects.filter(listener=listener, verdict=Verdict.LIKE, track__in=visible)
    disliked = Opinion.objects.filter(listener=listener, verdict=Verdict.DISLIKE)
    heard = Play.objects.filter(listener=listener, is_skipped=False, track__in=visible)
    often = heard.exclude(track__in=disliked.values("track")).values_list("track_id").order_by()
    counted = often.annotate(at=Max("started_at"), times=Count("pk")).filter(times__gte=_OFTEN)
    likes = liked.order_by().annotate(at=F("given_at"), times=Value(0)).values_list("track_id", "at", "times")
    told: list[tuple[int, dt.datetime, int]] = list(likes.union(counted, all=True))
    newest = sorted((row for row in told if not row[2]), key=lambda row: row[1], reverse=True)[:_MOST_TELLING]
    most = sorted((row for row in told if row[2]), key=lambda row: (-row[2], row[0]))[:_MOST_TELLING]
    weights = dict.fromkeys((row[0] for row in newest), float(_PLAYS_OF_A_LIKE))
    for track_id, _, times in most:
        weights[track_id] = weights.get(track_id, 0.0) + min(times, _MOST_PLAYS)
    return weights


def without_own(tracks: TrackQuerySet, leaning: Leaning) -> TrackQuerySet:
    """Without the files of the medoids, and what curators do not call similar to one of them."""
    unlike = PairRule.objects.unlike()
    return (
        tracks.exclude(audio_file__in=Track.objects.filter(pk__in=leaning.ids).values("audio_file"))
        .exclude(pk__in=unlike.filter(first__in=leaning.ids).values("second"))
        .exclude(pk__in=unlike.filter(second__in=leaning.ids).values("first"))
    )


def find_around(
    space: Space, leaning: Leaning, candidates: Sequence[Candidate], *, limit: int, least: int
) -> Mapping[int, Around]:
    """Of each medoid at most `limit`. Its part of the candidates is looked at, and `least` of them in any case."""
    most = max(least, len(candidates) // len(leaning.medoids))
    found = {}
    for medoid in leaning.medoids:
        seen = _see_from(space, medoid, candidates, most)
        chosen, _ = rerank(seen, Shape(seed=medoid, limit=limit, taste=leaning.taste), SHAPED)
        found[medoid.track_id] = Around(chosen, any(each.seen_by_seed < LEAST_SIMILARITY for each in seen))
    return found


def _find_heard(space: Space, track_ids: Collection[int]) -> tuple[Mapping[int, Vector], Mapping[int, float | None]]:
    """The vectors of those that have one, and their lengths in seconds."""
    stored = space.embeddings.filter(track__in=track_ids)
    rows = list(stored.values_list("track_id", "vector", "track__duration_seconds"))
    ids, vectors = stack_vectors(((track_id, vector) for track_id, vector, _ in rows), space.dimension)
    return dict(zip(ids.tolist(), vectors, strict=True)), {track_id: seconds for track_id, _, seconds in rows}


def _see_from(space: Space, seed: Seed, candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """So many of them that are nearest to `seed`, as similar as they are to it, nearest first."""
    if not candidates:
        return []
    vectors = stack(candidates)
    nearest = np.argsort(-(vectors @ seed.vector), kind="stable")[:most]
    ids, vectors = np.array([candidates[row].track_id for row in nearest], np.int64), vectors[nearest]
    cosines = vectors @ seed.vector
    similarities, seen_by_seed = compare_with(space, seed, ids, vectors)
    return sort_nearest(
        replace(
            candidates[row],
            cosine=float(cosines[place]),
            similarity=float(similarities[place]),
            seen_by_seed=float(seen_by_seed[place]),
        )
        for place, row in enumerate(nearest.tolist())
    )
