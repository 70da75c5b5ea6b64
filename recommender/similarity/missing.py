"""What is missing from a listener's ears: tracks near what they like that they have never played.

A taste is rarely one thing, and the middle of several is near to none of them. So it is told by a few of the
listener's own tracks, each of which stands for a part of the others (k-medoids by greedy facility location: Nemhauser,
Wolsey and Fisher 1978), and what sounds like each of them takes its turn.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Count, F, Max, Value
from django.utils import timezone
from numpy.typing import NDArray

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Space, Track, TrackQuerySet
from recommender.listening.feedback import newest_feedback
from recommender.listening.models import Opinion, Play, Verdict
from recommender.similarity.candidates import Candidate, Seed, compare_with, gather, sort_nearest, stack
from recommender.similarity.errors import IndexUnavailableError, check_count
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.rerank import LEAST_SIMILARITY, SHAPED, Shape, rerank
from recommender.similarity.spaces import active_space
from recommender.similarity.taste import MOST_FEEDBACK, Taste, weigh
from recommender.similarity.vectors import Vector, stack_vectors

logger = logging.getLogger(__name__)

LARGEST_COUNT: Final = 100
MOST_MEDOIDS: Final = 4
# What tells a taste: so many of the newest likes, and of the tracks played most.
_MOST_TELLING: Final = 200
# A like weighs as much as so many plays; a track played once may have been tried only.
_PLAYS_OF_A_LIKE: Final = 3
_OFTEN: Final = 2
_MOST_PLAYS: Final = 10
# Asked for near each medoid; more where a listener has heard nearly all of that.
_SIZES: Final = (500, 4_096)
# Of what the first medoid brings.
_LEAST_GAIN: Final = 0.03


class Missing(NamedTuple):
    """A track never heard, and the listener's own track that it is near."""

    track: Track
    because: Track


@dataclass(frozen=True, kw_only=True)
class MissingTracks:
    """`is_known`: the listener liked something or played it often. `is_degraded`: the index could not be asked."""

    tracks: list[Missing] = field(default_factory=list)
    is_known: bool = True
    is_degraded: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class _Told:
    """The tracks that stand for the taste, and what else the listener said."""

    seeds: list[Seed]
    taste: Taste


class _Chosen(NamedTuple):
    """Candidates with the medoid each is near to. `is_all`: what is further from any of these is below the floor."""

    turns: list[tuple[int, Candidate]]
    is_all: bool


def find_missing(listener: User, count: int) -> MissingTracks:
    """Up to `count` tracks, those near each part of the taste in turn. Raises BadWishError."""
    check_count(count, LARGEST_COUNT)
    space = active_space()
    told = _read_listener(listener, space) if space else None
    if space is None or told is None:
        return MissingTracks(is_known=False)
    try:
        chosen = _choose(listener, space, told, count)
    except IndexUnavailableError as error:
        logger.warning("what is missing cannot be found: %s", error)
        return MissingTracks(is_degraded=True)
    return MissingTracks(tracks=_describe(chosen))


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


def _read_listener(listener: User, space: Space) -> _Told | None:
    """None where nothing tells of a taste."""
    weights = weigh_tracks(listener)
    feedback = newest_feedback(listener, weights, most=MOST_FEEDBACK) if weights else []
    vectors, seconds = _find_heard(space, {*weights, *(each.track_id for each in feedback)}) if weights else ({}, {})
    ids = sorted(weights.keys() & vectors.keys())
    if not ids:
        return None
    weighed = np.array([weights[track_id] for track_id in ids])
    rows = choose_medoids(np.stack([vectors[track_id] for track_id in ids]), weighed, MOST_MEDOIDS)
    medoids = [ids[row] for row in rows]
    said = [each for each in feedback if each.track_id not in medoids]
    return _Told(
        # What is paired with a medoid is left out before.
        seeds=[
            Seed(
                track_id=medoid,
                audio_file="",
                vector=vectors[medoid],
                duration_seconds=seconds.get(medoid) or 0.0,
                twin_ids=frozenset(),
            )
            for medoid in medoids
        ],
        taste=weigh(said, vectors, space.dimension, timezone.now()),
    )


def _find_heard(space: Space, track_ids: Collection[int]) -> tuple[Mapping[int, Vector], Mapping[int, float | None]]:
    """The vectors of those that have one, and their lengths in seconds."""
    stored = space.embeddings.filter(track__in=track_ids)
    rows = list(stored.values_list("track_id", "vector", "track__duration_seconds"))
    ids, vectors = stack_vectors(((track_id, vector) for track_id, vector, _ in rows), space.dimension)
    return dict(zip(ids.tolist(), vectors, strict=True)), {track_id: seconds for track_id, _, seconds in rows}


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


def _choose(listener: User, space: Space, told: _Told, count: int) -> list[tuple[int, Candidate]]:
    """With the medoid each is near to. Raises IndexUnavailableError."""
    medoids = [seed.track_id for seed in told.seeds]
    unheard = _find_unheard(listener, medoids)

    def choose(track_ids: list[int]) -> _Chosen:
        found = gather(space, told.seeds[0], unheard, track_ids)
        candidates = _without_heard_versions(listener, found, medoids)
        near, is_all = {}, True
        for seed in told.seeds:
            shape = Shape(seed=seed, limit=count, taste=told.taste)
            seen = _see_from(space, seed, candidates, max(_SIZES[0], len(candidates) // len(medoids)))
            near[seed.track_id], _ = rerank(seen, shape, SHAPED)
            is_all &= any(each.seen_by_seed < LEAST_SIMILARITY for each in seen)
        return _Chosen(_take_turns(near, count), is_all)

    vectors = np.stack([seed.vector for seed in told.seeds])
    question = Question(space=space, vectors=vectors, allowed=unheard)
    found = choose_nearest(question, choose, lambda so_far: so_far.is_all or len(so_far.turns) >= count, sizes=_SIZES)
    return found.turns


def _find_unheard(listener: User, medoids: Sequence[int]) -> TrackQuerySet:
    """What the listener may see and never played or judged, and curators do not call unlike one of the medoids."""
    known = Track.objects.visible_to(listener).recommendable()
    unheard = known.exclude(plays__listener=listener).exclude(opinions__listener=listener)
    unlike = PairRule.objects
    return (
        unheard.exclude(audio_file__in=Track.objects.filter(pk__in=medoids).values("audio_file"))
        .exclude(pk__in=unlike.filter(first__in=medoids).values("second"))
        .exclude(pk__in=unlike.filter(second__in=medoids).values("first"))
    )


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


def _without_heard_versions(listener: User, candidates: Sequence[Candidate], medoids: Sequence[int]) -> list[Candidate]:
    versions = {twin for each in candidates for twin in each.twin_ids}
    heard = set(medoids)
    if versions:
        heard |= set(Play.objects.filter(listener=listener, track__in=versions).values_list("track_id", flat=True))
    return [each for each in candidates if each.twin_ids.isdisjoint(heard)]


def _take_turns(near: Mapping[int, Sequence[Candidate]], count: int) -> list[tuple[int, Candidate]]:
    """One of each medoid in turn: each recording once, and nobody more often than in any other list."""
    chosen: list[tuple[int, Candidate]] = []
    taken: set[int] = set()
    credited: Counter[int] = Counter()
    turns = zip_longest(*([(medoid, each) for each in found] for medoid, found in near.items()))
    for medoid, each in (pair for turn in turns for pair in turn if pair):
        is_fresh = each.track_id not in taken and each.twin_ids.isdisjoint(taken)
        if is_fresh and all(credited[artist_id] < Shape.per_artist for artist_id in each.artist_ids):
            chosen.append((medoid, each))
            taken.add(each.track_id)
            credited.update(each.artist_ids)
    return chosen[:count]


def _describe(chosen: Sequence[tuple[int, Candidate]]) -> list[Missing]:
    ids = {track_id for medoid, candidate in chosen for track_id in (medoid, candidate.track_id)}
    tracks = Track.objects.for_listing().in_bulk(ids)
    return [
        Missing(tracks[candidate.track_id], tracks[medoid])
        for medoid, candidate in chosen
        if {medoid, candidate.track_id} <= tracks.keys()
    ]
