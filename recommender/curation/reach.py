"""Hubs and orphans: what is recommended far too often, what never, and what the correction changes.

Measured among what everybody may see, when somebody asks, and kept until there are more such tracks, fewer or newer
ones.
"""

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.models import Max
from django.utils import timezone

from recommender.catalog.models import Embedding, Space, Track, TrackQuerySet, Visibility
from recommender.similarity.nearness.reach import CANDIDATES, Spread, find_nearest, measure_spread, order_as_served
from recommender.similarity.nearness.sample import Sample, draw_rows
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import stack_vectors

LISTED: Final = 20
# All pairs of so many take about a second; of a larger library so many tracks stand for it.
MOST_MEASURED: Final = 4_096
LEAST_MEASURED: Final = 3


@dataclass(frozen=True)
class Found:
    """A track and in how many lists of ten it stands: by cosine alone, and as recommended. `nearest`: the largest
    cosine to any other."""

    track: Track
    plain: int
    served: int
    nearest: float


@dataclass(frozen=True)
class Measured:
    """`track_ids` (n,) are the tracks that were measured, of `total`; `nearest` (n,) the largest cosines."""

    measured_at: dt.datetime
    total: int
    track_ids: list[int]
    plain: Spread
    served: Spread
    nearest: list[float]


@dataclass(frozen=True)
class Reach:
    """`orphans` is how many there are; of them `loneliest` are listed."""

    measured: Measured
    hubs: list[Found]
    loneliest: list[Found]
    orphans: int

    @property
    def is_drawn(self) -> bool:
        return len(self.measured.track_ids) < self.measured.total


def describe_reach() -> Reach | None:
    """None where fewer than three tracks can be compared."""
    space = active_space()
    measured = measure_reach(space) if space else None
    if measured is None:
        return None
    served = measured.served.occurrences
    orphans = np.flatnonzero(served == 0)
    loneliest = orphans[np.argsort(np.array(measured.nearest)[orphans], kind="stable")]
    hubs = np.argsort(-served, kind="stable")
    return Reach(
        measured=measured,
        hubs=_find(measured, hubs[:LISTED].tolist()),
        loneliest=_find(measured, loneliest[:LISTED].tolist()),
        orphans=len(orphans),
    )


def measure_reach(space: Space) -> Measured | None:
    """Anew only after tracks were added, removed, published or withdrawn, or the index was made anew."""
    measurable = _measurable(space)
    newest = Embedding.objects.indexed(space).aggregate(newest=Max("pk"))["newest"]
    total = measurable.count()
    return _measure(space.pk, space.generation, newest, total) if total >= LEAST_MEASURED else None


@functools.lru_cache(maxsize=2)
def _measure(space_id: int, _generation: str, _newest: int, total: int) -> Measured | None:
    space = Space.objects.get(pk=space_id)
    ids = list(_measurable(space).order_by("pk").values_list("pk", flat=True))
    drawn = [ids[row] for row in draw_rows(len(ids), MOST_MEASURED)]
    stored = Embedding.objects.indexed(space).filter(track__in=drawn).order_by("track_id")
    track_ids, vectors = stack_vectors(stored.values_list("track_id", "vector"), space.dimension)
    if len(track_ids) < LEAST_MEASURED:
        return None
    nearest = find_nearest(vectors, CANDIDATES)
    members = draw_rows(len(track_ids))
    sample = Sample(track_ids[members], vectors[members])
    lists = order_as_served(vectors, track_ids, nearest, sample)
    return Measured(
        measured_at=timezone.now(),
        total=total,
        track_ids=track_ids.tolist(),
        plain=measure_spread(nearest[0], len(track_ids)),
        served=measure_spread(lists.rows, len(track_ids)),
        nearest=nearest[1][:, 0].tolist(),
    )


def _measurable(space: Space) -> TrackQuerySet:
    """What may be recommended to everybody."""
    indexed = Track.objects.recommendable().filter(embeddings__space=space, visibility=Visibility.PUBLISHED)
    return indexed.filter(embeddings__indexed_generation=space.generation)


def _find(measured: Measured, rows: list[int]) -> list[Found]:
    """What was deleted or withdrawn since is left out."""
    shown = Track.objects.recommendable().filter(visibility=Visibility.PUBLISHED)
    known = shown.for_listing().in_bulk([measured.track_ids[row] for row in rows])
    return [
        Found(
            track=known[measured.track_ids[row]],
            plain=int(measured.plain.occurrences[row]),
            served=int(measured.served.occurrences[row]),
            nearest=measured.nearest[row],
        )
        for row in rows
        if measured.track_ids[row] in known
    ]
