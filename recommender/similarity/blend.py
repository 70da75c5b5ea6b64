"""What sounds like several tracks and unlike others.

A candidate's agreement is the mean of two similarities: that to the middle of all that is liked, and the root mean
square of those to each of it. The middle finds best what the seeds have in common; the second part keeps what is very
near some of several unlike seeds. Of all ways that are corrected for hubs, and so have a floor, this one does best in
sum: better than reciprocal rank fusion, the maximum, the mean or the middle alone. The bare cosine to the middle is its
equal for seeds of one kind and better for mixed ones, but knows no floor (tests/bench/test_blend.py).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from recommender.catalog.models import Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import (
    NO_TRACK,
    Candidate,
    Seed,
    find_pairs,
    find_twins,
    gather,
    sort_nearest,
    stack,
)
from recommender.similarity.errors import BadWishError, IndexUnavailableError, check_count
from recommender.similarity.explain import Reason, explain, explain_taste
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.nearness.pairwise import Similarities, Tracks, compare_all
from recommender.similarity.recommend import count_passed_over, has_strangers
from recommender.similarity.rerank import (
    COPY_COSINE,
    COPY_SECONDS,
    LEAST_SIMILARITY,
    SHAPED,
    Shape,
    StepReport,
    rerank,
)
from recommender.similarity.spaces import active_space
from recommender.similarity.taste import read_taste
from recommender.similarity.vectors import Vector, stack_vectors

logger = logging.getLogger(__name__)

MOST_SEEDS: Final = 20
LARGEST_LIMIT: Final = 100
LEAST_WEIGHT, LARGEST_WEIGHT = 0.1, 10.0
# Neighbours of each seed and of the middle; of all these together twice as many are rated. A second question is asked
# where the viewer may see so few of them that better ones may lie beyond.
_SIZES: Final = (200, 2_000)
_RATED_PER_ANSWER: Final = 2
_ENOUGH: Final = 100


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """`weight` counts against those of the others. Raises BadWishError."""

    track: Track
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (isfinite(self.weight) and LEAST_WEIGHT <= self.weight <= LARGEST_WEIGHT):
            bounds = {"least": f"{LEAST_WEIGHT:g}", "largest": f"{LARGEST_WEIGHT:g}"}
            raise BadWishError(_("A weight is a number from %(least)s to %(largest)s.") % bounds)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is liked and what is not; nothing of `without` is found. Raises BadWishError when it makes no sense."""

    likes: Sequence[Ingredient]
    unlikes: Sequence[Ingredient] = ()
    limit: int = 10
    without: TrackQuerySet | None = None

    def __post_init__(self) -> None:
        check_count(self.limit, LARGEST_LIMIT)
        if not self.likes:
            raise BadWishError(_("A blend needs at least one track to be like."))
        if max(len(self.likes), len(self.unlikes)) > MOST_SEEDS:
            sentence = _("A blend takes at most %(most)d tracks to be like, and as many to be unlike.")
            raise BadWishError(sentence % {"most": MOST_SEEDS})
        ids = [ingredient.track.pk for ingredient in (*self.likes, *self.unlikes)]
        if len(set(ids)) < len(ids):
            raise BadWishError(_("The same track is there twice: it can be liked or not, once."))


@dataclass(frozen=True, kw_only=True)
class Blended:
    """`because`: the liked track that supports it most, and `reasons` are what both have in common."""

    track: Track
    similarity: float
    versions: int
    because: Track
    reasons: list[Reason]


@dataclass(frozen=True, kw_only=True)
class Blend:
    """`is_heard`: some of what is liked has a vector. The rest is as in `recommend.SimilarTracks`."""

    found: list[Blended] = field(default_factory=list)
    is_heard: bool = True
    is_floor_reached: bool = False
    is_degraded: bool = False
    passed_over: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seeds:
    likes: Tracks
    like_weights: NDArray[np.float64]
    like_seconds: NDArray[np.float64]
    unlikes: Tracks
    unlike_weights: NDArray[np.float64]
    middle: Seed


@dataclass(frozen=True, eq=False)
class _Rated:
    """`supporters`: for each candidate the liked track that is most like it, by its weight."""

    candidates: list[Candidate]
    supporters: Mapping[int, int]


class _Found(NamedTuple):
    rated: _Rated
    chosen: list[Candidate]
    steps: list[StepReport]


def find_blend(recipe: Recipe, viewer: Viewer) -> Blend:
    """The tracks that sound most like all that is liked, among those `viewer` may see, as the viewer's taste orders
    them: it moves a candidate by as much as in the list of one track.
    """
    space = active_space()
    seeds = _find_seeds(space, recipe) if space else None
    if space is None or seeds is None:
        return Blend(is_heard=False)
    files = [ingredient.track.audio_file_id for ingredient in (*recipe.likes, *recipe.unlikes)]
    allowed = Track.objects.visible_to(viewer).recommendable().exclude(audio_file__in=files)
    if recipe.without is not None:
        allowed = allowed.exclude(audio_file__in=recipe.without.values("audio_file"))
    taste = read_taste(viewer, space, [ingredient.track.pk for ingredient in (*recipe.likes, *recipe.unlikes)])
    try:
        found = _choose(space, seeds, allowed, Shape(seed=seeds.middle, limit=recipe.limit, taste=taste))
    except IndexUnavailableError as error:
        logger.warning("blends are off: %s", error)
        return Blend(is_degraded=True)
    return Blend(
        found=_describe(found.chosen, found.rated.supporters),
        is_floor_reached=len(found.chosen) < recipe.limit and has_strangers(found.rated.candidates),
        passed_over=count_passed_over(found.steps),
    )


def agree(to_middle: Similarities, to_likes: Similarities, weights: NDArray[np.float64]) -> Similarities:
    """How much each candidate is like all seeds, 0-1: (n,) from (n,), (seeds, n) and (seeds,)."""
    squares = np.average(np.clip(to_likes, 0, 1) ** 2, axis=0, weights=weights)
    return np.asarray((np.clip(to_middle, 0, 1) + np.sqrt(squares)) / 2, np.float64)


def demote(agreement: Similarities, to_unlikes: Similarities, weights: NDArray[np.float64]) -> Similarities:
    """`agreement` less what sounds like one of the unliked: from nothing at the floor to all at the same sound."""
    if not len(to_unlikes):
        return agreement
    nearness = np.clip((to_unlikes - LEAST_SIMILARITY) / (1 - LEAST_SIMILARITY), 0, 1)
    return np.asarray(agreement * (1 - np.clip(nearness * weights[:, None], 0, 1).max(axis=0)), np.float64)


def _find_seeds(space: Space, recipe: Recipe) -> _Seeds | None:
    """None where nothing that is liked has a vector."""
    liked, unliked = ([ingredient.track.pk for ingredient in part] for part in (recipe.likes, recipe.unlikes))
    everything = [*liked, *unliked]
    stored = dict(space.embeddings.filter(track__in=everything).values_list("track_id", "vector"))
    likes, like_weights = _stack(recipe.likes, stored, space.dimension)
    unlikes, unlike_weights = _stack(recipe.unlikes, stored, space.dimension)
    if not len(likes):
        return None
    paired = find_pairs(liked)
    middle = Seed(
        track_id=NO_TRACK,
        audio_file="",
        vector=_average(likes.vectors, like_weights),
        duration_seconds=0.0,
        twin_ids=paired.twin_ids.union(everything, *find_twins(unliked).values()),
        unlike_ids=paired.unlike_ids,
    )
    seconds = {ingredient.track.pk: ingredient.track.duration_seconds or 0.0 for ingredient in recipe.likes}
    return _Seeds(
        likes=likes,
        like_weights=like_weights,
        like_seconds=np.array([seconds[pk] for pk in likes.ids.tolist()], np.float64),
        unlikes=unlikes,
        unlike_weights=unlike_weights,
        middle=middle,
    )


def _stack(
    ingredients: Sequence[Ingredient], stored: Mapping[int, bytes | memoryview], dimension: int
) -> tuple[Tracks, NDArray[np.float64]]:
    weights = {ingredient.track.pk: ingredient.weight for ingredient in ingredients}
    ids, vectors = stack_vectors(((pk, stored[pk]) for pk in weights if pk in stored), dimension)
    return Tracks(ids, vectors), np.array([weights[int(pk)] for pk in ids], np.float64)


def _average(vectors: Vector, weights: NDArray[np.float64]) -> Vector:
    """The mean direction; the heaviest where the vectors cancel each other."""
    middle = np.average(vectors.astype(np.float64), axis=0, weights=weights)
    length = float(np.linalg.norm(middle))
    if length < 1e-6:
        return np.asarray(vectors[int(np.argmax(weights))], np.float32)
    return np.asarray(middle / length, np.float32)


def _choose(space: Space, seeds: _Seeds, allowed: TrackQuerySet, shape: Shape) -> _Found:
    def choose(track_ids: list[int]) -> _Found:
        rated = _rate(space, seeds, gather(space, seeds.middle, allowed, track_ids))
        return _Found(rated, *rerank(_drop_copies_of(seeds, rated.candidates), shape, SHAPED))

    question = Question(
        space=space,
        vectors=np.concatenate([seeds.middle.vector[None, :], seeds.likes.vectors]),
        allowed=allowed,
        per_answer=_RATED_PER_ANSWER,
    )
    return choose_nearest(
        question,
        choose,
        lambda found: len(found.chosen) >= shape.limit or len(found.rated.candidates) >= _ENOUGH,
        sizes=_SIZES,
    )


def _rate(space: Space, seeds: _Seeds, candidates: Sequence[Candidate]) -> _Rated:
    """The candidates with their agreement in place of the similarity to the middle, best first."""
    if not candidates:
        return _Rated([], {})
    counted = len(seeds.likes) + 1
    asked = Tracks(
        np.concatenate([[NO_TRACK], seeds.likes.ids, seeds.unlikes.ids]),
        np.concatenate([seeds.middle.vector[None, :], seeds.likes.vectors, seeds.unlikes.vectors]),
    )
    found = compare_all(space, asked, _stacked(candidates), aside=asked.ids)
    agreement = agree(found[0], found[1:counted], seeds.like_weights)
    rates = demote(agreement, found[counted:], seeds.unlike_weights)
    strongest = seeds.likes.ids[(found[1:counted] * seeds.like_weights[:, None]).argmax(axis=0)]
    rated = [replace(candidate, similarity=float(rate)) for candidate, rate in zip(candidates, rates, strict=True)]
    return _Rated(
        sort_nearest(rated),
        {candidate.track_id: int(pk) for candidate, pk in zip(candidates, strongest, strict=True)},
    )


def _drop_copies_of(seeds: _Seeds, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Without what is nearly the same sound as one of the seeds, and of its length."""
    if not candidates:
        return []
    seconds = np.array([candidate.duration_seconds for candidate in candidates])
    is_copy = seeds.likes.vectors @ _stacked(candidates).vectors.T >= COPY_COSINE
    is_copy &= np.abs(seeds.like_seconds[:, None] - seconds[None, :]) <= COPY_SECONDS
    return [candidates[row] for row in np.flatnonzero(~is_copy.any(axis=0)).tolist()]


def _stacked(candidates: Sequence[Candidate]) -> Tracks:
    ids = np.array([candidate.track_id for candidate in candidates], np.int64)
    return Tracks(ids, stack(candidates))


def _describe(chosen: Sequence[Candidate], supporters: Mapping[int, int]) -> list[Blended]:
    shown = {candidate.track_id for candidate in chosen}
    listed = Track.objects.for_listing().prefetch_related("tags")
    tracks = listed.in_bulk(shown | {supporters[track_id] for track_id in shown})
    return [
        Blended(
            track=tracks[candidate.track_id],
            similarity=candidate.similarity,
            versions=1 + len(candidate.versions),
            because=tracks[supporters[candidate.track_id]],
            reasons=[
                *explain(tracks[supporters[candidate.track_id]], tracks[candidate.track_id]),
                *explain_taste(candidate.moved),
            ],
        )
        for candidate in chosen
        if {candidate.track_id, supporters[candidate.track_id]} <= tracks.keys()
    ]
