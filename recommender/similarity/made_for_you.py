"""Shelves made for a listener: around a few tracks that stand for their taste, what sounds like each of them.

The tracks are chosen as for what is missing (`similarity.medoids`). Other than there, what was played long ago may come
again, and whole shelves are shown side by side.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import Space, Track, TrackQuerySet, TrackTag
from recommender.listening.models import Opinion, Play
from recommender.similarity.candidates import Candidate, gather
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.medoids import MOST_MEDOIDS, Around, Leaning, find_around, read_leaning, without_own
from recommender.similarity.spaces import active_space

logger = logging.getLogger(__name__)

MOST_TRACKS: Final = 12
# A shelf with fewer is none.
LEAST_TRACKS: Final = 3
MOST_WORDS: Final = 3
# What was played since is still in the ear.
FRESH_AFTER: Final = dt.timedelta(days=30)
# Asked for near each medoid; more where the listener has heard, or may see, too little of that.
_SIZES: Final = (120, 1_000)
# The likeliest words of a track, along with it rather than in a query of their own.
_LIKELIEST: Final = TrackTag.objects.filter(track=OuterRef("pk")).order_by("-probability").values("name")
_WORDS: Final = {f"word_{place}": Subquery(_LIKELIEST[place : place + 1]) for place in range(MOST_WORDS)}


@dataclass(frozen=True, kw_only=True)
class MadeShelf:
    """`tracks` sound like `because`, nearest first. `words` describe it as the page speaks, the likeliest first."""

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


def make_shelves(listener: User) -> MadeForYou:
    """At most MOST_MEDOIDS, of what the listener has no opinion of and did not play lately: no track is on two."""
    space = active_space()
    leaning = read_leaning(listener, space) if space else None
    if space is None or leaning is None:
        return MadeForYou(is_known=False)
    try:
        found = _fill(listener, space, leaning)
    except IndexUnavailableError as error:
        logger.warning("nothing can be made for anybody: %s", error)
        return MadeForYou(is_degraded=True)
    return MadeForYou(shelves=_describe(listener, found, leaning.liked))


def _fill(listener: User, space: Space, leaning: Leaning) -> Mapping[int, list[Candidate]]:
    """For each medoid what is on its shelf, in order. Raises IndexUnavailableError."""
    fresh = _find_fresh(listener, leaning)

    def choose(track_ids: list[int]) -> Mapping[int, Around]:
        candidates = gather(space, leaning.medoids[0], fresh, track_ids)
        # What stands on one shelf is missing from those after it.
        limit = MOST_MEDOIDS * MOST_TRACKS
        return _share_out(find_around(space, leaning, candidates, limit=limit, least=_SIZES[0]))

    def is_enough(shelves: Mapping[int, Around]) -> bool:
        return all(shelf.is_all or len(shelf.found) >= LEAST_TRACKS for shelf in shelves.values())

    question = Question(space=space, vectors=leaning.vectors, allowed=fresh)
    filled = choose_nearest(question, choose, is_enough, sizes=_SIZES)
    return {medoid: shelf.found for medoid, shelf in filled.items()}


def _share_out(near: Mapping[int, Around]) -> Mapping[int, Around]:
    """Each recording to the first of those it is near to, and to each no more than a shelf holds."""
    shelves: dict[int, Around] = {}
    taken: set[int] = set()
    for medoid, around in near.items():
        left = [each for each in around.found if each.track_id not in taken and each.twin_ids.isdisjoint(taken)]
        shelves[medoid] = Around(left[:MOST_TRACKS], around.is_all)
        taken |= {each.track_id for each in shelves[medoid].found}
    return shelves


def _find_fresh(listener: User, leaning: Leaning) -> TrackQuerySet:
    judged = Opinion.objects.filter(listener=listener).values("track")
    heard = Play.objects.filter(listener=listener, started_at__gte=timezone.now() - FRESH_AFTER).values("track")
    known = Track.objects.visible_to(listener).recommendable()
    return without_own(known.exclude(pk__in=judged).exclude(pk__in=heard), leaning)


def _describe(listener: User, found: Mapping[int, Sequence[Candidate]], liked: frozenset[int]) -> list[MadeShelf]:
    """With their tracks. What the listener may not see any more by now is left out."""
    shown = {track_id: chosen for track_id, chosen in found.items() if len(chosen) >= LEAST_TRACKS}
    listed = Track.objects.visible_to(listener).for_listing().annotate(**_WORDS)
    tracks = listed.in_bulk([*shown, *(each.track_id for chosen in shown.values() for each in chosen)])
    return [
        MadeShelf(
            because=tracks[track_id],
            is_liked=track_id in liked,
            words=[name_word(word) for name in _WORDS if (word := getattr(tracks[track_id], name))],
            tracks=[tracks[each.track_id] for each in chosen if each.track_id in tracks],
        )
        for track_id, chosen in shown.items()
        if track_id in tracks
    ]
