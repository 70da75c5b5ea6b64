"""What is missing from a listener's ears: tracks near what they like that they have never played.

Their taste is told by a few of their own tracks (`similarity.medoids`), and what sounds like each takes its turn.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final, NamedTuple

from recommender.accounts.models import User
from recommender.catalog.models import Space, Track, TrackQuerySet
from recommender.listening.models import Play
from recommender.similarity.candidates import Candidate, gather
from recommender.similarity.errors import IndexUnavailableError, check_count
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.medoids import Leaning, find_around, read_leaning, without_own
from recommender.similarity.rerank import Shape
from recommender.similarity.spaces import active_space

logger = logging.getLogger(__name__)

LARGEST_COUNT: Final = 100
# Asked for near each medoid; more where a listener has heard nearly all of that.
_SIZES: Final = (500, 4_096)


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


class _Chosen(NamedTuple):
    """Candidates with the medoid each is near to. `is_all`: what is further from any of these is below the floor."""

    turns: list[tuple[int, Candidate]]
    is_all: bool


def find_missing(listener: User, count: int) -> MissingTracks:
    """Up to `count` tracks, those near each part of the taste in turn. Raises BadWishError."""
    check_count(count, LARGEST_COUNT)
    space = active_space()
    leaning = read_leaning(listener, space) if space else None
    if space is None or leaning is None:
        return MissingTracks(is_known=False)
    try:
        chosen = _choose(listener, space, leaning, count)
    except IndexUnavailableError as error:
        logger.warning("what is missing cannot be found: %s", error)
        return MissingTracks(is_degraded=True)
    return MissingTracks(tracks=_describe(chosen))


def _choose(listener: User, space: Space, leaning: Leaning, count: int) -> list[tuple[int, Candidate]]:
    """With the medoid each is near to. Raises IndexUnavailableError."""
    unheard = _find_unheard(listener, leaning)

    def choose(track_ids: list[int]) -> _Chosen:
        found = gather(space, leaning.medoids[0], unheard, track_ids)
        candidates = _without_heard_versions(listener, found, leaning.ids)
        near = find_around(space, leaning, candidates, limit=count, least=_SIZES[0])
        turns = _take_turns({medoid: each.found for medoid, each in near.items()}, count)
        return _Chosen(turns, all(each.is_all for each in near.values()))

    question = Question(space=space, vectors=leaning.vectors, allowed=unheard)
    found = choose_nearest(question, choose, lambda so_far: so_far.is_all or len(so_far.turns) >= count, sizes=_SIZES)
    return found.turns


def _find_unheard(listener: User, leaning: Leaning) -> TrackQuerySet:
    """What the listener may see and never played or judged, and is no medoid and not ruled to be unlike one."""
    known = Track.objects.visible_to(listener).recommendable()
    return without_own(known.exclude(plays__listener=listener).exclude(opinions__listener=listener), leaning)


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
