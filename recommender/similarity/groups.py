"""Artists and releases that sound alike, from the vectors of their tracks that the viewer may see.

Two of them are as similar as their tracks are on the mean, each with its best match on the other side, both ways: the
modified Hausdorff distance (Dubuisson and Jain 1994) with the mean of both directions in place of the larger one. So
somebody with one track like a ballad of yours is not like you. What rests on few tracks is shrunk towards what two
strangers have (n / (n + k) as in Bell and Koren 2007, "Scalable Collaborative Filtering with Jointly Derived
Neighborhood Interpolation Weights"), so that of two that match as well the one with more to show comes first.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.db.models import F

from recommender.catalog.models import Artist, Release, Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.nearness.pairwise import Similarities, Tracks, compare_all
from recommender.similarity.rerank import LEAST_SIMILARITY
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import stack_vectors

logger = logging.getLogger(__name__)

MOST_SHOWN: Final = 8
# So many tracks stand for an artist or a release, spread over all of them.
_MOST_OWN: Final = 12
_MOST_TRACKS: Final = 12
# Neighbours of each of these; more where they are of too few others.
_SIZES: Final = (100, 1_000)
# So many are compared track by track: those with the most neighbours.
_MOST_COMPARED: Final = 32
# What two tracks taken at random have, and how many tracks outweigh it.
_OF_STRANGERS: Final = 0.25
_SHRINKAGE: Final = 1.0


@dataclass(frozen=True)
class Alike:
    """`group_id` of an artist or a release, `similarity` 0-1 before it was shrunk."""

    group_id: int
    similarity: float


def find_similar_artists(artist: Artist, viewer: Viewer) -> list[Alike]:
    """Who sounds like `artist`, best first; at most MOST_SHOWN. Nobody where the index cannot be asked."""
    return _find_alike("credits__artist", artist.pk, viewer)


def find_similar_releases(release: Release, viewer: Viewer) -> list[Alike]:
    return _find_alike("release", release.pk, viewer)


def match_both_ways(similarities: Similarities) -> float:
    """The mean over both sides of the mean best match; `similarities` (n, m), n and m at least 1."""
    return float((similarities.max(axis=1).mean() + similarities.max(axis=0).mean()) / 2)


def shrink(similarity: float, tracks: int) -> float:
    """`tracks`: of the side that has fewer."""
    return (tracks * similarity + _SHRINKAGE * _OF_STRANGERS) / (tracks + _SHRINKAGE)


def _find_alike(by: str, own_id: int, viewer: Viewer) -> list[Alike]:
    space = active_space()
    if space is None:
        return []
    heard = Track.objects.visible_to(viewer).recommendable().filter(embeddings__space=space)
    own = _load(space, heard.filter(**{by: own_id}), _MOST_OWN)
    if not len(own):
        return []
    # What is credited to both says nothing about how alike they are.
    of_others = heard.exclude(pk__in=heard.filter(**{by: own_id}).values("pk"))
    try:
        others = choose_nearest(
            Question(space=space, vectors=own.vectors, allowed=of_others),
            lambda track_ids: _gather(space, of_others, by, track_ids),
            lambda groups: len(groups) >= MOST_SHOWN,
            sizes=_SIZES,
        )
    except IndexUnavailableError as error:
        logger.warning("similar artists and releases are off: %s", error)
        return []
    return _rank(space, own, others)


def _load(space: Space, tracks: TrackQuerySet, most: int) -> Tracks:
    ids = spread(sorted(set(tracks.values_list("pk", flat=True))), most)
    stored = space.embeddings.filter(track__in=ids).order_by("track").values_list("track_id", "vector")
    return Tracks(*stack_vectors(stored, space.dimension))


def spread(ids: Sequence[int], most: int) -> list[int]:
    """At most so many of them, from the first to the last."""
    places = np.linspace(0, len(ids) - 1, min(most, len(ids))).round().astype(int)
    return [ids[place] for place in places.tolist()]


def _gather(space: Space, of_others: TrackQuerySet, by: str, found: Iterable[int]) -> dict[int, Tracks]:
    """The tracks of all who have some among `found`."""
    near = of_others.filter(pk__in=found, **{f"{by}__isnull": False}).annotate(group=F(by))
    counts = Counter(near.values_list("group", flat=True))
    groups = [group for group, _ in counts.most_common(_MOST_COMPARED)]
    members: dict[int, list[int]] = defaultdict(list)
    theirs = of_others.filter(**{f"{by}__in": groups}).annotate(group=F(by)).order_by("pk")
    for group, track_id in theirs.values_list("group", "pk"):
        members[group].append(track_id)
    chosen = {group: spread(ids, _MOST_TRACKS) for group, ids in members.items()}
    everything = sorted({track_id for ids in chosen.values() for track_id in ids})
    stored = space.embeddings.filter(track__in=everything).values_list("track_id", "vector")
    return divide(Tracks(*stack_vectors(stored, space.dimension)), chosen)


def divide(tracks: Tracks, chosen: Mapping[int, Sequence[int]]) -> dict[int, Tracks]:
    """Those of each group by its ids; groups without any are left out."""
    row_of = {track_id: row for row, track_id in enumerate(tracks.ids.tolist())}
    divided = {}
    for group, ids in chosen.items():
        rows = [row_of[track_id] for track_id in ids if track_id in row_of]
        if rows:
            divided[group] = Tracks(tracks.ids[rows], tracks.vectors[rows])
    return divided


def _rank(space: Space, own: Tracks, others: Mapping[int, Tracks]) -> list[Alike]:
    if not others:
        return []
    everything = Tracks(
        np.concatenate([tracks.ids for tracks in others.values()]),
        np.concatenate([tracks.vectors for tracks in others.values()]),
    )
    similarities = compare_all(space, own, everything, aside=own.ids)
    ends = np.cumsum([len(tracks) for tracks in others.values()])[:-1]
    found = []
    for group, part in zip(others, np.split(similarities, ends, axis=1), strict=True):
        alike = Alike(group, match_both_ways(part))
        if alike.similarity >= LEAST_SIMILARITY:
            found.append((shrink(alike.similarity, min(part.shape)), alike))
    ranked = sorted(found, key=lambda pair: (-pair[0], pair[1].group_id))
    return [alike for _, alike in ranked[:MOST_SHOWN]]
