"""What is missing from a listener's ears: tracks near what they like that they have never played.

A taste is rarely one thing, and the middle of several is near to none of them. So it is told by a few of the
listener's own tracks, each of which stands for a part of the others (k-medoids by greedy facility location: Nemhauser,
Wolsey and Fisher 1978), and what sounds like each of them takes its turn.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Count
from numpy.typing import NDArray

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Space, Track
from recommender.listening.models import Opinion, Play, Verdict
from recommender.similarity.candidates import Candidate, Seed, find_twins, gather
from recommender.similarity.errors import IndexUnavailableError, check_count
from recommender.similarity.index import get_index
from recommender.similarity.recommend import Recommendation, describe
from recommender.similarity.rerank import SHAPED, Shape, rerank
from recommender.similarity.spaces import active_space
from recommender.similarity.sync import alias_of
from recommender.similarity.taste import find_vectors, read_taste
from recommender.similarity.vectors import Vector

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
_FETCHES: Final = (1_000, 4_096)
# Of what the first medoid brings.
_LEAST_GAIN: Final = 0.03


class Missing(NamedTuple):
    """A track never heard, and the listener's own track that it is near."""

    found: Recommendation
    because: Track


@dataclass(frozen=True, kw_only=True)
class MissingTracks:
    """`is_known`: the listener liked something or played it often. `is_degraded`: the index could not be asked."""

    tracks: list[Missing] = field(default_factory=list)
    is_known: bool = True
    is_degraded: bool = False


def find_missing(listener: User, count: int) -> MissingTracks:
    """Up to `count` tracks, those near each part of the taste in turn. Raises BadWishError."""
    check_count(count, LARGEST_COUNT)
    space = active_space()
    medoids = _find_medoids(listener, space) if space else {}
    if space is None or not medoids:
        return MissingTracks(is_known=False)
    try:
        for fetch in _FETCHES:
            chosen = _take_turns(_find_near(listener, space, medoids, count, fetch=fetch), count)
            if len(chosen) >= count:
                break
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


def _find_medoids(listener: User, space: Space) -> Mapping[int, Vector]:
    weights = _weigh_tracks(listener)
    vectors = find_vectors(space, weights)
    if not vectors:
        return {}
    ids = sorted(vectors)
    rows = choose_medoids(
        np.stack([vectors[track_id] for track_id in ids]),
        np.array([weights[track_id] for track_id in ids]),
        MOST_MEDOIDS,
    )
    return {ids[row]: vectors[ids[row]] for row in rows}


def _weigh_tracks(listener: User) -> dict[int, float]:
    """Track id -> how much it tells of the taste. Only what the listener may still see."""
    visible = Track.objects.visible_to(listener)
    liked = Opinion.objects.filter(listener=listener, verdict=Verdict.LIKE, track__in=visible)
    weights = dict.fromkeys(
        liked.order_by("-given_at").values_list("track_id", flat=True)[:_MOST_TELLING], float(_PLAYS_OF_A_LIKE)
    )
    heard = Play.objects.filter(listener=listener, is_skipped=False, track__in=visible)
    disliked = Opinion.objects.filter(listener=listener, verdict=Verdict.DISLIKE)
    often = heard.exclude(track__in=disliked.values("track")).values_list("track_id")
    counted = often.annotate(times=Count("pk")).filter(times__gte=_OFTEN).order_by("-times", "track_id")
    for track_id, times in counted[:_MOST_TELLING]:
        weights[track_id] = weights.get(track_id, 0.0) + min(times, _MOST_PLAYS)
    return weights


def _find_near(
    listener: User, space: Space, medoids: Mapping[int, Vector], count: int, *, fetch: int
) -> Mapping[int, list[Candidate]]:
    """For each medoid what sounds like it, nearest first. Raises IndexUnavailableError."""
    answers = get_index().neighbours(alias_of(space), np.stack(list(medoids.values())), fetch)
    known = Track.objects.visible_to(listener).recommendable()
    unheard = known.exclude(plays__listener=listener).exclude(opinions__listener=listener)
    tracks = Track.objects.only("audio_file", "duration_seconds").in_bulk(list(medoids))
    twins = find_twins(list(medoids))
    near = {}
    for (track_id, vector), found in zip(medoids.items(), answers, strict=True):
        seed = Seed(
            track_id=track_id,
            audio_file=tracks[track_id].audio_file_id,
            vector=vector,
            duration_seconds=tracks[track_id].duration_seconds or 0.0,
            twin_ids=twins[track_id],
            unlike_ids=PairRule.objects.unlike([track_id]),
        )
        shape = Shape(seed=seed, limit=count, taste=read_taste(listener, space, [track_id]))
        candidates = gather(space, seed, unheard, [neighbour.track_id for neighbour in found])
        near[track_id], _ = rerank(_without_heard_versions(listener, candidates), shape, SHAPED)
    return near


def _without_heard_versions(listener: User, candidates: Sequence[Candidate]) -> list[Candidate]:
    versions = {twin for each in candidates for twin in each.twin_ids}
    heard = set(Play.objects.filter(listener=listener, track__in=versions).values_list("track_id", flat=True))
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
    owned = Track.objects.for_listing().in_bulk({medoid for medoid, _ in chosen})
    told: dict[int, Missing] = {}
    for medoid, track in owned.items():
        of_medoid = [candidate for owner, candidate in chosen if owner == medoid]
        told |= {found.track.pk: Missing(found, track) for found in describe(track, of_medoid)}
    return [told[candidate.track_id] for _, candidate in chosen if candidate.track_id in told]
