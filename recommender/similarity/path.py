"""A path from one track to another, in steps that are all as small as they can be.

Candidates are the neighbours of points on the arc between both vectors, asked of the index together. Among them the
path is found whose largest step is smallest, by beam search over partial paths. What is still ahead of each is known
but for those who would be met again: a dynamic programme from the far end gives it. Costs are a high power of the
dissimilarity, so that their sum is ruled by the largest, and of two paths with the same largest step the one wins whose
next largest is smaller.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from recommender.catalog.models import PairRule, Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import find_artists, find_twins
from recommender.similarity.errors import BadWishError, IndexUnavailableError
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.nearness.pairwise import Similarities, Tracks, compare_all, compare_pairs
from recommender.similarity.rerank import COPY_COSINE, COPY_SECONDS
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import Vector, stack_vectors

logger = logging.getLogger(__name__)

LEAST_COUNT: Final = 3
LARGEST_COUNT: Final = 30
# Neighbours of each point. Where the viewer may see few of them, further ones are asked for.
_SIZES: Final = (100, 1_000)
_ENOUGH: Final = 60
# So many are compared with each other; of more, those nearest to their points.
_MOST_CANDIDATES: Final = 600
_WIDTH: Final = 32
_POWER: Final = 9
# Two vectors nearer than this, in radians, have no arc between them; opposite ones have too many.
_LEAST_ANGLE: Final = 1e-3

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Path:
    """`tracks` with both ends, none where there is no path; `similarities` 0-1 of each with the next, one fewer.

    `is_heard`: both ends have a vector. `is_degraded`: the index could not be asked.
    """

    tracks: list[Track] = field(default_factory=list)
    similarities: list[float] = field(default_factory=list)
    is_heard: bool = True
    is_degraded: bool = False


@dataclass(frozen=True, eq=False)
class _Heard(Tracks):
    """With their lengths, (n,)."""

    seconds: NDArray[np.float64]

    def at(self, rows: slice | list[int]) -> _Heard:
        return _Heard(self.ids[rows], self.vectors[rows], self.seconds[rows])


class _Begun(NamedTuple):
    """The first parts of w paths: their rows (w, length), what their steps cost (w,), who may not follow (w, n)."""

    rows: NDArray[np.int64]
    spent: Similarities
    blocked: Flags


def find_path(first: Track, last: Track, viewer: Viewer, count: int) -> Path:
    """The path of `count` tracks from `first` to `last`, both of which `viewer` may see. Raises BadWishError.

    Between the ends nobody appears twice, nor anybody of the ends, and no recording.
    """
    if not LEAST_COUNT <= count <= LARGEST_COUNT:
        bounds = {"least": LEAST_COUNT, "most": LARGEST_COUNT}
        raise BadWishError(_("A path has %(least)d to %(most)d tracks.") % bounds)
    if first.pk == last.pk:
        raise BadWishError(_("A path leads from one track to another one."))
    space = active_space()
    ends = _load(space, Track.objects.filter(pk__in=(first.pk, last.pk))) if space else None
    if space is None or ends is None or len(ends) < 2:
        return Path(is_heard=False)
    if ends.ids[0] != first.pk:
        ends = ends.at(slice(None, None, -1))
    try:
        between = _gather(space, ends, Track.objects.visible_to(viewer).recommendable(), count)
    except IndexUnavailableError as error:
        logger.warning("paths are off: %s", error)
        return Path(is_degraded=True)
    return _lay(space, ends, between, count)


def walk_arc(first: Vector, last: Vector, count: int) -> Vector:
    """`count` points in equal angles on the great circle from `first` to `last`: (count, dimension), of unit length.

    Spherical linear interpolation (Shoemake 1985).
    """
    angle = float(np.arccos(np.clip(first @ last, -1, 1)))
    shares = np.linspace(0, 1, count)[:, None]
    if angle < _LEAST_ANGLE or np.pi - angle < _LEAST_ANGLE:
        return np.asarray(np.where(shares < 0.5, first, last), np.float32)
    points = (np.sin((1 - shares) * angle) * first + np.sin(shares * angle) * last) / np.sin(angle)
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)


def find_smoothest(similarities: Similarities, conflicts: Flags, count: int) -> list[int]:
    """Rows of the path from the first row to the last, of `count`; empty where there is none.

    `similarities` (n, n), `conflicts` (n, n): who may not be on one path, each with itself included. The ends may.
    """
    costs = (1 - np.clip(similarities, 0, 1)) ** _POWER
    ahead = _count_ahead(costs, conflicts, count)
    begun = _Begun(np.zeros((1, 1), np.int64), np.zeros(1), (conflicts[0] | conflicts[-1])[None, :])
    for place in range(1, count - 1):
        begun = _extend(begun, costs, conflicts, ahead[place])
    paths = [[*rows, len(costs) - 1] for rows in begun.rows.tolist()]
    return min(paths, key=partial(_weigh, costs), default=[])


def _count_ahead(costs: Similarities, conflicts: Flags, count: int) -> list[Similarities]:
    """For every place and row what the cheapest way to the end costs from there; infinite where there is none.

    No step of it is one that no path may take: to the same row, to a version, to an artist of the row or of an end. It
    is never more than what is really ahead, and less only where it meets somebody again two steps later or more. To
    rule that out as well is to find the path itself, which is NP-hard; the beam does it, for the paths it holds.
    """
    steps = np.where(conflicts | (conflicts[0] | conflicts[-1])[None, :], np.inf, costs)
    ahead = [costs[:, -1]]
    while len(ahead) < count - 2:
        ahead.append((steps + ahead[-1][None, :]).min(axis=1))
    return [np.zeros(0), *ahead[::-1]]


def _extend(begun: _Begun, costs: Similarities, conflicts: Flags, ahead: Similarities) -> _Begun:
    """The paths that are one step longer, those that may become the cheapest; none where nobody may follow."""
    spent = begun.spent[:, None] + costs[begun.rows[:, -1]]
    expected = np.where(begun.blocked, np.inf, spent + ahead[None, :])
    best = np.argsort(expected, axis=None, kind="stable")[: min(_WIDTH, np.count_nonzero(np.isfinite(expected)))]
    parents, rows = np.unravel_index(best, expected.shape)
    return _Begun(
        np.concatenate([begun.rows[parents], rows[:, None]], axis=1),
        spent[parents, rows],
        begun.blocked[parents] | conflicts[rows],
    )


def _weigh(costs: Similarities, rows: list[int]) -> tuple[float, float]:
    steps = costs[rows[:-1], rows[1:]]
    return float(steps.max()), float(steps.sum())


def _gather(space: Space, ends: _Heard, allowed: TrackQuerySet, count: int) -> _Heard:
    """Tracks near the arc that may be between the ends."""
    files = Track.objects.filter(pk__in=ends.ids.tolist()).values("audio_file")
    others = allowed.exclude(audio_file__in=files)

    def choose(track_ids: list[int]) -> list[int]:
        known = set(others.filter(pk__in=track_ids, embeddings__space=space).values_list("pk", flat=True))
        return [track_id for track_id in track_ids if track_id in known]

    points = walk_arc(ends.vectors[0], ends.vectors[1], count)
    nearest = choose_nearest(
        Question(space=space, vectors=points, allowed=others, looked_at=_MOST_CANDIDATES),
        choose,
        lambda found: len(found) >= _ENOUGH,
        sizes=_SIZES,
    )
    return _load(space, others.filter(pk__in=nearest[:_MOST_CANDIDATES]))


def _load(space: Space, tracks: TrackQuerySet) -> _Heard:
    stored = tracks.filter(embeddings__space=space).order_by("pk")
    rows = list(stored.values_list("pk", "embeddings__vector", "duration_seconds"))
    known = Tracks(*stack_vectors(((pk, vector) for pk, vector, _ in rows), space.dimension))
    seconds = {pk: duration or 0.0 for pk, _, duration in rows}
    return _Heard(known.ids, known.vectors, np.array([seconds[pk] for pk in known.ids.tolist()], np.float64))


def _lay(space: Space, ends: _Heard, between: _Heard, count: int) -> Path:
    tracks = _join(ends.at([0]), between, ends.at([1]))
    similarities = compare_all(space, tracks, tracks)
    for first, second in _find_rules(tracks.ids):
        similarities[first, second] = similarities[second, first] = 0.0
    rows = find_smoothest(similarities, _find_conflicts(tracks), count)
    if not rows:
        return Path()
    steps = compare_pairs(space, tracks.at(rows[:-1]), tracks.at(rows[1:]))
    ids = tracks.ids[rows].tolist()
    listed = Track.objects.for_listing().in_bulk(ids)
    if len(listed) < len(ids):  # one has gone meanwhile
        return Path()
    return Path(tracks=[listed[pk] for pk in ids], similarities=steps.tolist())


def _join(*parts: _Heard) -> _Heard:
    return _Heard(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.seconds for part in parts]),
    )


def _find_rules(ids: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Rows of pairs of which curators say that they are not similar."""
    row_of = {track_id: row for row, track_id in enumerate(ids.tolist())}
    rules = (
        PairRule.objects.unlike()
        .filter(Q(first__in=row_of) & Q(second__in=row_of))
        .values_list("first_id", "second_id")
    )
    return [(row_of[first], row_of[second]) for first, second in rules]


def _find_conflicts(tracks: _Heard) -> Flags:
    """Who shares an artist or may be the same recording: (n, n)."""
    ids = tracks.ids.tolist()
    row_of = {track_id: row for row, track_id in enumerate(ids)}
    artists, twins = find_artists(ids), find_twins(ids)
    columns = {artist: column for column, artist in enumerate(sorted(set().union(*artists.values())))}
    credited = np.zeros((len(ids), len(columns)), np.float32)
    conflicts = _find_copies(tracks)
    for row, track_id in enumerate(ids):
        credited[row, [columns[artist] for artist in artists[track_id]]] = 1
        conflicts[row, [row_of[twin] for twin in twins[track_id] if twin in row_of]] = True
    return conflicts | (credited @ credited.T > 0) | np.eye(len(ids), dtype=bool)


def _find_copies(tracks: _Heard) -> Flags:
    is_as_long = np.abs(tracks.seconds[:, None] - tracks.seconds[None, :]) <= COPY_SECONDS
    return np.asarray((tracks.vectors @ tracks.vectors.T >= COPY_COSINE) & is_as_long, np.bool_)
