"""Two artists side by side: how near the tracks of one are to those of the other, compared with those of each among
themselves.

All is measured as `similarity.groups` does it, by the best match of each track, and in ranks of the catalog without the
two of them: so the three numbers mean the same, and an artist whose tracks all sound alike is not far from everybody.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.catalog.models import Artist, Space, Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.groups import divide, match_both_ways, spread
from recommender.similarity.nearness.pairwise import Similarities, Tracks, compare_all
from recommender.similarity.rerank import LEAST_SIMILARITY
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import TrackIds, stack_vectors

# So many tracks stand for each, spread over all of them.
MOST_TRACKS: Final = 60
MOST_PAIRS: Final = 8
# Of pairs that do not really sound alike only so many are worth hearing.
_PAIRS_IN_ANY_CASE: Final = 3
# In so many of the pairs a track may stand.
_MOST_OF_ONE: Final = 2


@dataclass(frozen=True)
class Match:
    """A track of the one and a track of the other, `similarity` 0-1."""

    first: int
    second: int
    similarity: float


@dataclass(frozen=True, kw_only=True)
class Side:
    """`track_ids` that stand for an artist, each with how near the nearest of the other is (`reached`), nearest first.
    `within` is how near they are among themselves, None of a single one.
    """

    track_ids: Sequence[int]
    reached: Sequence[float]
    within: float | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    first: Side
    second: Side
    between: float
    nearest: Sequence[Match]


def compare_artists(first: Artist, second: Artist, viewer: Viewer) -> Pair | None:
    """Of the tracks that `viewer` may see. What is credited to both is left out: it says nothing. None where nothing of
    one of them was listened to.
    """
    space = active_space()
    tracks = _load(space, first.pk, second.pk, viewer) if space else {}
    if space is None or len(tracks) < 2:
        return None
    one, other = tracks[first.pk], tracks[second.pk]
    aside = np.concatenate([one.ids, other.ids])
    found = compare_all(space, one, other, aside=aside)
    return Pair(
        first=_see(space, one, found.max(axis=1), aside),
        second=_see(space, other, found.max(axis=0), aside),
        between=match_both_ways(found),
        nearest=_choose_nearest(found, one, other),
    )


def _load(space: Space, first: int, second: int, viewer: Viewer) -> dict[int, Tracks]:
    heard = Track.objects.visible_to(viewer).recommendable().filter(embeddings__space=space).order_by()
    rows = heard.filter(credits__artist__in=(first, second)).values_list("credits__artist", "pk")
    credited: dict[int, set[int]] = {first: set(), second: set()}
    for artist, track_id in rows:
        credited[artist].add(track_id)
    shared = credited[first] & credited[second]
    chosen = {artist: spread(sorted(ids - shared), MOST_TRACKS) for artist, ids in credited.items()}
    stored = space.embeddings.filter(track__in=[track_id for ids in chosen.values() for track_id in ids])
    vectors = stack_vectors(stored.order_by("track").values_list("track_id", "vector"), space.dimension)
    return divide(Tracks(*vectors), chosen)


def _see(space: Space, own: Tracks, reached: Similarities, aside: TrackIds) -> Side:
    order = np.argsort(-reached, kind="stable")
    return Side(
        track_ids=own.ids[order].tolist(), reached=reached[order].tolist(), within=_measure_within(space, own, aside)
    )


def _measure_within(space: Space, own: Tracks, aside: TrackIds) -> float | None:
    if len(own) < 2:
        return None
    found = compare_all(space, own, own, aside=aside)
    np.fill_diagonal(found, -np.inf)
    return match_both_ways(found)


def _choose_nearest(found: Similarities, one: Tracks, other: Tracks) -> list[Match]:
    """Nearest first, and not one track again and again; those below the floor only where there are few others."""
    seen: Counter[int] = Counter()
    matches: list[Match] = []
    for place in np.argsort(-found, axis=None, kind="stable").tolist():
        row, column = divmod(place, found.shape[1])
        first, second, similarity = int(one.ids[row]), int(other.ids[column]), float(found[row, column])
        if similarity < LEAST_SIMILARITY and len(matches) >= _PAIRS_IN_ANY_CASE:
            break
        if seen[first] < _MOST_OF_ONE and seen[second] < _MOST_OF_ONE:
            seen.update((first, second))
            matches.append(Match(first, second, similarity))
        if len(matches) == MOST_PAIRS:
            break
    return matches
