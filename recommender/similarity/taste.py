"""What a listener said moves similarity: a track, and its neighbourhood, up or down for that listener.

Every like, dislike, skip and "not similar" is a vector with a weight. A candidate is moved by the sum of the weights,
each as strong as the candidate is near: in full at a cosine of 1, not at all from NEIGHBOURHOOD on. So to dislike one
track of a kind asks for less of that kind, and several skips of a kind come to a dislike. What is said of neighbours
fades with time. What is said of a track itself holds until it is taken back, except that a skip is only a hint.

Bounded twice: by how far anything moves, and by how much of what was said is looked at.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from recommender.accounts.models import User
from recommender.catalog.models import Embedding, Space
from recommender.catalog.models.music import Viewer
from recommender.listening.feedback import Feedback, Kind, newest_feedback
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

MOST_LIFTED: Final = 0.1
MOST_DEMOTED: Final = 0.3
MOST_FEEDBACK: Final = 200
# Tracks of one kind are nearer than this; in the shipped encoder one pair in twenty is.
NEIGHBOURHOOD: Final = 0.75

WEIGHTS: Final[Mapping[Kind, float]] = {Kind.LIKE: 0.06, Kind.DISLIKE: -0.3, Kind.UNLIKE: -0.3, Kind.SKIP: -0.06}
HALF_LIFE_DAYS: Final[Mapping[Kind, float]] = {
    Kind.LIKE: 180.0,
    Kind.DISLIKE: 180.0,
    Kind.UNLIKE: 180.0,
    Kind.SKIP: 14.0,
}

Weights = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Taste:
    """`vectors` (n, dimension) of the tracks `track_ids` (n,), of which something was said. `own` (n,) moves such a
    track itself, `near` (n,) its neighbours. `unlike_ids` do not sound like the seed to this listener.
    """

    track_ids: TrackIds
    vectors: Vector
    own: Weights
    near: Weights
    unlike_ids: frozenset[int] = frozenset()

    def move(self, track_ids: TrackIds, vectors: Vector) -> Weights:
        """By how much similarity to anything changes for tracks (k,) with unit vectors (k, dimension): (k,)."""
        nearness = np.clip((vectors @ self.vectors.T - NEIGHBOURHOOD) / (1 - NEIGHBOURHOOD), 0, 1)
        is_own = track_ids[:, None] == self.track_ids[None, :]
        moved = np.where(is_own, self.own[None, :], nearness * self.near[None, :])
        lifted = np.minimum(MOST_LIFTED, np.maximum(moved, 0).sum(axis=1))
        demoted = np.minimum(MOST_DEMOTED, np.maximum(-moved, 0).sum(axis=1))
        return np.asarray(lifted - demoted, np.float64)


def weigh(feedback: Sequence[Feedback], vectors: Mapping[int, Vector], dimension: int, now: dt.datetime) -> Taste:
    """A taste of what was said of tracks with these vectors; of a track without one only that it was said."""
    known = [each for each in feedback if each.track_id in vectors]
    weights = np.array([WEIGHTS[each.kind] for each in known], np.float64)
    faded = weights * [_fade(each, now) for each in known]
    is_hint = np.array([each.kind == Kind.SKIP for each in known], bool)
    stacked = np.stack([vectors[each.track_id] for each in known]) if known else np.zeros((0, dimension), np.float32)
    return Taste(
        track_ids=np.array([each.track_id for each in known], np.int64),
        vectors=stacked,
        own=np.where(is_hint, faded, weights),
        near=faded,
        unlike_ids=frozenset(each.track_id for each in feedback if each.kind == Kind.UNLIKE),
    )


def read_taste(viewer: Viewer, space: Space, seed_ids: Collection[int]) -> Taste | None:
    """In two queries. None for somebody who is not signed in or said nothing yet. What was said of the seeds themselves
    does not count: it would move all that sounds like them alike.
    """
    if not isinstance(viewer, User) or not viewer.is_active:
        return None
    newest = newest_feedback(viewer, seed_ids, most=MOST_FEEDBACK)
    feedback = [each for each in newest if each.track_id not in seed_ids]
    if not feedback:
        return None
    vectors = find_vectors(space, {each.track_id for each in feedback})
    return weigh(feedback, vectors, space.dimension, timezone.now())


def find_vectors(space: Space, track_ids: Collection[int]) -> Mapping[int, Vector]:
    """Of those that have one in `space`."""
    rows = Embedding.objects.filter(space=space, track__in=track_ids).values_list("track_id", "vector")
    ids, vectors = stack_vectors(rows, space.dimension)
    return dict(zip(ids.tolist(), vectors, strict=True))


def _fade(feedback: Feedback, now: dt.datetime) -> float:
    """1 for what is said now, a half after the half-life of its kind."""
    days = max(0.0, (now - feedback.given_at).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE_DAYS[feedback.kind]))
