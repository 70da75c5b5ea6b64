"""Shelves made for a listener: around a few tracks that stand for their taste, what sounds like each of them.

The tracks are chosen as for what is missing (`similarity.missing`). Other than there, what was played long ago may come
again, and all parts of the taste are answered by one question to the index and one look at the candidates.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

import numpy as np
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Space, Track, TrackQuerySet, TrackTag
from recommender.listening.feedback import Kind, newest_feedback
from recommender.listening.models import Opinion, Play
from recommender.similarity.candidates import NO_TRACK, Candidate, Seed, gather, sort_nearest, stack
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import get_index
from recommender.similarity.missing import MOST_MEDOIDS, choose_medoids, weigh_tracks
from recommender.similarity.pairwise import Tracks, compare_all
from recommender.similarity.rerank import SHAPED, Shape, rerank
from recommender.similarity.spaces import active_space
from recommender.similarity.sync import alias_of
from recommender.similarity.taste import MOST_FEEDBACK, Taste, find_vectors, weigh
from recommender.similarity.vectors import Vector

logger = logging.getLogger(__name__)

MOST_TRACKS: Final = 12
# A shelf with fewer is none.
LEAST_TRACKS: Final = 3
MOST_WORDS: Final = 3
# What was played since is still in the ear.
FRESH_AFTER: Final = dt.timedelta(days=30)
_FETCH: Final = 120
# The likeliest words of a track, along with it rather than in a query of their own.
_LIKELIEST: Final = TrackTag.objects.filter(track=OuterRef("pk")).order_by("-probability").values("name")
_WORDS: Final = {f"word_{place}": Subquery(_LIKELIEST[place : place + 1]) for place in range(MOST_WORDS)}


@dataclass(frozen=True, kw_only=True)
class MadeShelf:
    """`tracks` sound like `because`, nearest first. `words` describe it, the likeliest first."""

    because: Track
    is_liked: bool
    words: list[str]
    tracks: list[Track]


@dataclass(frozen=True, kw_only=True)
class MadeForYou:
    """`is_known`: the listener liked something or played it often. `is_degraded`: the index could not be asked."""

    shelves: list[MadeShelf] = field(default_factory=list)
    is_known: bool = True
    is_degraded: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class _Heard:
    """The tracks that stand for the taste, with their vectors and whether they are liked; what was said of others."""

    seeds: Mapping[int, Vector]
    liked: frozenset[int]
    taste: Taste | None


def make_shelves(listener: User) -> MadeForYou:
    """At most MOST_MEDOIDS, of what the listener has no opinion of and did not play lately: no track is on two."""
    space = active_space()
    heard = _read_listener(listener, space) if space else None
    if space is None or heard is None:
        return MadeForYou(is_known=False)
    try:
        found = _find_around(listener, space, heard)
    except IndexUnavailableError as error:
        logger.warning("nothing can be made for anybody: %s", error)
        return MadeForYou(is_degraded=True)
    return MadeForYou(shelves=_describe(listener, found, heard.liked))


def _read_listener(listener: User, space: Space) -> _Heard | None:
    """None where nothing tells of a taste."""
    weights = weigh_tracks(listener)
    feedback = newest_feedback(listener, (), most=MOST_FEEDBACK) if weights else []
    vectors = find_vectors(space, {*weights, *(each.track_id for each in feedback)}) if weights else {}
    ids = sorted(weights.keys() & vectors.keys())
    if not ids:
        return None
    stacked = np.stack([vectors[track_id] for track_id in ids])
    rows = choose_medoids(stacked, np.array([weights[track_id] for track_id in ids]), MOST_MEDOIDS)
    seeds = {ids[row]: vectors[ids[row]] for row in rows}
    said = [each for each in feedback if each.track_id not in seeds]
    return _Heard(
        seeds=seeds,
        liked=frozenset(each.track_id for each in feedback if each.kind == Kind.LIKE),
        taste=weigh(said, vectors, space.dimension, timezone.now()) if said else None,
    )


def _find_around(listener: User, space: Space, heard: _Heard) -> Mapping[int, list[Candidate]]:
    """For each seed what is shown of it, in order. Raises IndexUnavailableError."""
    vectors = np.stack(list(heard.seeds.values()))
    answers = get_index().neighbours(alias_of(space), vectors, _FETCH)
    near = {neighbour.track_id for answer in answers for neighbour in answer}
    candidates = gather(space, _sound_of(NO_TRACK, vectors[0]), _allowed(listener, list(heard.seeds)), near)
    if not candidates:
        return {}
    others = Tracks(np.array([each.track_id for each in candidates], np.int64), stack(candidates))
    shares = compare_all(space, Tracks(np.array(list(heard.seeds), np.int64), vectors), others)
    found: dict[int, list[Candidate]] = {}
    taken: set[int] = set()
    for (track_id, vector), row in zip(heard.seeds.items(), shares, strict=True):
        shape = Shape(seed=_sound_of(track_id, vector), limit=MOST_TRACKS, taste=heard.taste)
        seen = _see_from(vector, candidates, row.tolist())
        left = [each for each in seen if each.track_id not in taken and each.twin_ids.isdisjoint(taken)]
        found[track_id], _ = rerank(left, shape, SHAPED)
        taken |= {each.track_id for each in found[track_id]}
    return found


def _see_from(vector: Vector, candidates: Sequence[Candidate], similarities: Sequence[float]) -> list[Candidate]:
    """With their similarities to one seed, nearest first."""
    pairs = zip(candidates, similarities, strict=True)
    told = (
        replace(each, similarity=like, seen_by_seed=like, cosine=float(each.vector @ vector)) for each, like in pairs
    )
    return sort_nearest(told)


def _sound_of(track_id: int, vector: Vector) -> Seed:
    """Of a seed no more has to be known: what is paired with it is left out in SQL, or names it as its twin."""
    return Seed(track_id=track_id, audio_file="", vector=vector, duration_seconds=inf, twin_ids=frozenset())


def _allowed(listener: User, seed_ids: Sequence[int]) -> TrackQuerySet:
    known = Track.objects.visible_to(listener).recommendable().exclude(pk__in=seed_ids)
    judged = Opinion.objects.filter(listener=listener).values("track")
    heard = Play.objects.filter(listener=listener, started_at__gte=timezone.now() - FRESH_AFTER).values("track")
    rules = PairRule.objects
    return (
        known.exclude(pk__in=judged)
        .exclude(pk__in=heard)
        .exclude(pk__in=rules.filter(first__in=seed_ids).values("second"))
        .exclude(pk__in=rules.filter(second__in=seed_ids).values("first"))
    )


def _describe(listener: User, found: Mapping[int, Sequence[Candidate]], liked: frozenset[int]) -> list[MadeShelf]:
    """With their tracks. What the listener may not see any more by now is left out."""
    shown = {track_id: chosen for track_id, chosen in found.items() if len(chosen) >= LEAST_TRACKS}
    listed = Track.objects.visible_to(listener).for_listing().annotate(**_WORDS)
    tracks = listed.in_bulk([*shown, *(each.track_id for chosen in shown.values() for each in chosen)])
    return [
        MadeShelf(
            because=tracks[track_id],
            is_liked=track_id in liked,
            words=[word for name in _WORDS if (word := getattr(tracks[track_id], name))],
            tracks=[tracks[each.track_id] for each in chosen if each.track_id in tracks],
        )
        for track_id, chosen in shown.items()
        if track_id in tracks
    ]
