"""What sounds like a passage of a track: tracks by the one moment of theirs that comes nearest to it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from recommender.catalog.models import Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import Candidate, Seed, find_seed, gather, sort_nearest
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.moments import Moment, Passage, find_best_moments, pool_passage
from recommender.similarity.nearness.ranks import (
    join_shares,
    let_outsiders_in,
    rank_shares,
    rank_shares_in,
    similarity_of,
)
from recommender.similarity.nearness.segment_sample import segment_sample_of
from recommender.similarity.recommend import (
    Chosen,
    SimilarTracks,
    Wish,
    describe,
    find_shape,
    has_strangers,
    is_enough,
)
from recommender.similarity.rerank import Shape, rerank
from recommender.similarity.segments import find_segments
from recommender.similarity.sounds import Sound
from recommender.similarity.vectors import Vector

logger = logging.getLogger(__name__)

# For each track eight segments are asked for.
_SIZES: Final = (100, 500, 2_000)
# Of so many all segments are compared with the passage: where filters leave more, of those nearest as a whole.
_MOST_COMPARED: Final = 400

# Where the matching moment of each track begins, and its vector.
Moments = Mapping[int, tuple[float, Vector]]


def similar_to_passage(track: Track, viewer: Viewer, passage: Passage, wish: Wish | None = None) -> SimilarTracks:
    """The tracks with a moment that sounds most like `passage`, each with that moment; never the same recording.

    Similarities are of moments, ranked among the moments of this catalog. A track whose segments are unknown has none.
    """
    wish = wish or Wish()
    found = find_seed(track)
    segments = find_segments(found[0], [track.pk]).get(track.pk) if found else None
    if found is None or segments is None:
        return SimilarTracks()
    # Which tracks belong together says nothing of their moments.
    space, seed = found[0], replace(found[1], vector=pool_passage(segments, passage), together_ids=frozenset())
    return find_similar_moments(space, seed, track, viewer, wish, from_seconds=passage.from_seconds)


def find_similar_moments(
    space: Space, seed: Seed, told: Track | Sound, viewer: Viewer, wish: Wish, *, from_seconds: float = 0.0
) -> SimilarTracks:
    """As `recommend.find_similar`, by moments. `from_seconds`: where in the seed its vector begins."""
    allowed = Track.objects.visible_to(viewer).recommendable().filter(wish.filters.condition())
    allowed = allowed.exclude(pk__in=seed.twin_ids)
    try:
        (candidates, chosen, reports), moments = _choose(space, allowed, find_shape(space, seed, viewer, wish), wish)
    except IndexUnavailableError as error:
        logger.warning("search for a passage is off: %s", error)
        return SimilarTracks(is_degraded=True)
    return SimilarTracks(
        recommendations=[
            replace(found, moment=_moment_of(from_seconds, moments[found.track.pk][0], found.cosine))
            for found in describe(told, chosen, viewer)
        ],
        steps=reports,
        is_floor_reached=len(chosen) < wish.limit and has_strangers(candidates),
    )


def _moment_of(from_seconds: float, start: float, cosine: float) -> Moment:
    return Moment(seed_seconds=from_seconds, other_seconds=start, cosine=cosine)


class _Found(NamedTuple):
    """What was near, the moments of it, and what is shown."""

    found: Chosen
    moments: Moments


def _choose(space: Space, allowed: TrackQuerySet, shape: Shape, wish: Wish) -> _Found:
    def choose(track_ids: list[int]) -> _Found:
        candidates, moments = _gather_moments(space, shape.seed, allowed, track_ids)
        return _Found(Chosen(candidates, *rerank(candidates, shape, wish.steps)), moments)

    def is_done(so_far: _Found) -> bool:
        return len(so_far.moments) >= _MOST_COMPARED or is_enough(wish, so_far.found)

    question = Question(
        space=space,
        vectors=shape.seed.vector[None, :],
        allowed=allowed,
        is_narrow=not wish.filters.is_empty,
        by_moments=True,
        looked_at=_MOST_COMPARED,
    )
    return choose_nearest(question, choose, is_done, sizes=_SIZES)


def _gather_moments(
    space: Space, seed: Seed, allowed: TrackQuerySet, track_ids: Sequence[int]
) -> tuple[list[Candidate], Moments]:
    """As `gather`, with the moment that is nearest to the passage in place of the whole track."""
    place = {track_id: number for number, track_id in enumerate(track_ids)}
    known = sorted(gather(space, seed, allowed, track_ids), key=lambda candidate: place[candidate.track_id])
    moments = find_best_moments(space, seed.vector, [candidate.track_id for candidate in known[:_MOST_COMPARED]])
    found = _weigh(space, seed, [candidate for candidate in known if candidate.track_id in moments], moments)
    return found, moments


def _weigh(space: Space, seed: Seed, known: Sequence[Candidate], moments: Moments) -> list[Candidate]:
    """Nearest first, by mutual rank among the moments of other tracks."""
    if not known:
        return []
    vectors = np.stack([moments[candidate.track_id][1] for candidate in known])
    cosines, sample = vectors @ seed.vector, segment_sample_of(space)
    to_sample = sample.cosines(seed.vector[None, :], np.array([seed.track_id]))[0]
    by_seed = rank_shares_in(cosines, to_sample)
    ids = np.array([candidate.track_id for candidate in known])
    joined = join_shares(by_seed, rank_shares(cosines, sample.cosines(vectors, ids)))
    similarities, seen_by_seed = (
        similarity_of(let_outsiders_in(shares, cosines, len(sample.track_ids))) for shares in (joined, by_seed)
    )
    found = [
        replace(
            candidate,
            cosine=float(cosines[row]),
            similarity=float(similarities[row]),
            seen_by_seed=float(seen_by_seed[row]),
            vector=vectors[row],
        )
        for row, candidate in enumerate(known)
    ]
    return sort_nearest(found)
