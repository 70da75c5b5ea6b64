"""A radio that never ends: what follows, given where it started and what became of the tracks it played.

The question to the index moves with the session, towards what was liked and away from what was skipped or disliked
(Rocchio 1971). What is nearest to it comes next, as the listener's taste orders it, so long as its artist has not been
heard just now and no version of it was played. Where all such tracks are used up, first the artists may return, then
other versions, and last of all what was played longest ago. There is no floor: a radio goes on into what is less
alike rather than stop.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final, NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.listening.feedback import Kind, feedback_of_sitting
from recommender.listening.models import Opinion, Verdict
from recommender.similarity.candidates import Candidate, Seed, find_artists, find_pairs, gather
from recommender.similarity.errors import BadWishError, IndexUnavailableError, check_count
from recommender.similarity.fetching import SIZES, Question, choose_nearest
from recommender.similarity.recommend import Recommendation, describe
from recommender.similarity.rerank import Shape, Step, drop_copies, drop_unlike, fold_versions, move_by_taste, rerank
from recommender.similarity.spaces import active_space
from recommender.similarity.taste import find_vectors, read_taste
from recommender.similarity.vectors import Vector

logger = logging.getLogger(__name__)

LARGEST_COUNT: Final = 50
MOST_SEEDS: Final = 10
# So many of the tracks played last are remembered: about twenty hours of music.
REMEMBERED: Final = 300
# No artist within so many tracks of the last one.
ARTIST_WINDOW: Final = 5
LIKED_WEIGHT: Final = 0.6
SKIPPED_WEIGHT: Final = 0.3
_STEPS: Final[tuple[Step, ...]] = (drop_unlike, move_by_taste, fold_versions, drop_copies)


@dataclass(frozen=True, kw_only=True)
class Session:
    """What became of this radio so far: `played` in the order of playing; what was `liked` and what was `skipped`."""

    played: tuple[int, ...] = ()
    liked: frozenset[int] = frozenset()
    skipped: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class RadioTracks:
    """What comes next. `is_repeating`: all there is was played already. `is_degraded`: the index could not be asked."""

    tracks: list[Recommendation] = field(default_factory=list)
    is_repeating: bool = False
    is_degraded: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class _Radio:
    """One question: around `seed`, whose vector is where the session has moved to, among `allowed`."""

    space: Space
    seed: Seed
    allowed: TrackQuerySet
    shape: Shape
    played: tuple[int, ...]
    skipped: frozenset[int]
    count: int


class _Fresh(NamedTuple):
    """What follows the rules, and what else there is, the best first."""

    chosen: list[Candidate]
    others: list[Candidate]


def next_tracks(seeds: Sequence[Track], viewer: Viewer, session: Session, count: int) -> RadioTracks:
    """`count` tracks to follow what was played, fewer only where the viewer may hear fewer altogether.

    The viewer has to be allowed to see the seeds. Ids of tracks the viewer may not see steer nothing. Raises
    BadWishError.
    """
    check_count(count, LARGEST_COUNT)
    if not 1 <= len(seeds) <= MOST_SEEDS:
        raise BadWishError(_("A radio starts from 1 to %(most)d tracks.") % {"most": MOST_SEEDS})
    space = active_space()
    radio = _tune(space, seeds, viewer, _complete(viewer, session), count) if space else None
    if radio is None:
        return RadioTracks()
    try:
        fresh = _choose_fresh(radio)
    except IndexUnavailableError as error:
        logger.warning("the radio is off: %s", error)
        return RadioTracks(is_degraded=True)
    again = _choose_again(radio, fresh) if len(fresh) < count else []
    return RadioTracks(tracks=describe(seeds[0], [*fresh, *again], viewer), is_repeating=bool(again))


def _complete(viewer: Viewer, session: Session) -> Session:
    """With what a listener said of these tracks meanwhile."""
    if not isinstance(viewer, User):
        return replace(session, played=session.played[-REMEMBERED:])
    known = {*session.played[-REMEMBERED:], *session.liked, *session.skipped}
    said = feedback_of_sitting(viewer, known)
    liked = {each.track_id for each in said if each.kind == Kind.LIKE}
    left = {each.track_id for each in said if each.kind != Kind.LIKE}
    return Session(
        played=session.played[-REMEMBERED:],
        liked=(session.liked | liked) - left,
        skipped=(session.skipped | left) - liked,
    )


def _tune(space: Space, seeds: Sequence[Track], viewer: Viewer, session: Session, count: int) -> _Radio | None:
    """None where no seed has a vector."""
    visible = Track.objects.visible_to(viewer)
    # Ids come from an address: those of tracks that are hidden from the viewer must not change what comes next.
    told = visible.filter(pk__in={*session.played, *session.liked, *session.skipped})
    known = set(told.values_list("pk", flat=True))
    steering = known & (session.liked | session.skipped)
    seed_ids = [seed.pk for seed in seeds]
    vectors = find_vectors(space, {*seed_ids, *steering})
    started = [vectors[seed_id] for seed_id in seed_ids if seed_id in vectors]
    if not started:
        return None
    steered = [[vectors[each] for each in ids & vectors.keys()] for ids in (session.liked, session.skipped)]
    seed = Seed(
        track_id=seed_ids[0],
        audio_file="",
        vector=steer(started, *steered),
        # Where nothing is as it was in one track, nothing is a copy of it.
        duration_seconds=(seeds[0].duration_seconds or 0.0) if len(seeds) == 1 and not steering else inf,
        **find_pairs(seed_ids)._asdict(),
    )
    taste = read_taste(viewer, space, seed_ids)
    unwanted = seed.unlike_ids | (taste.unlike_ids if taste else frozenset())
    return _Radio(
        space=space,
        seed=seed,
        allowed=_without_disliked(visible.recommendable().exclude(pk__in=unwanted), viewer),
        shape=Shape(seed=seed, limit=SIZES[-1], taste=taste),
        # Whatever was played twice counts from the last time.
        played=tuple(dict.fromkeys([*seed_ids, *(each for each in session.played if each in known)][::-1]))[::-1],
        skipped=session.skipped,
        count=count,
    )


def _without_disliked(tracks: TrackQuerySet, viewer: Viewer) -> TrackQuerySet:
    """In a list they come late, and everybody is free to choose them; a radio would play them unasked."""
    if not isinstance(viewer, User):
        return tracks
    disliked = Opinion.objects.filter(listener=viewer, verdict=Verdict.DISLIKE)
    return tracks.exclude(pk__in=disliked.values("track"))


def steer(started: Sequence[Vector], liked: Sequence[Vector], skipped: Sequence[Vector]) -> Vector:
    """Where the radio is now: the middle of unit vectors (dimension,), moved towards some and away from others."""
    moved = np.mean(started, axis=0)
    if liked:
        moved = moved + LIKED_WEIGHT * np.mean(liked, axis=0)
    if skipped:
        moved = moved - SKIPPED_WEIGHT * np.mean(skipped, axis=0)
    length = float(np.linalg.norm(moved))
    # Opposites cancel each other out, and no direction is left.
    return np.asarray(moved / length if length > 1e-3 else started[0], np.float32)


def _choose_fresh(radio: _Radio) -> list[Candidate]:
    """What was not played yet, by the rules as far as there is enough that follows them."""
    heard = _artists_of(radio.played[-ARTIST_WINDOW:])

    def choose(track_ids: list[int]) -> _Fresh:
        fresh = {*track_ids, *radio.seed.together_ids} - set(radio.played)
        candidates = gather(radio.space, radio.seed, radio.allowed, fresh)
        ranked, _ = rerank(candidates, radio.shape, _STEPS)
        unheard = [each for each in ranked if each.twin_ids.isdisjoint(radio.played)]
        others = [*unheard, *ranked, *drop_unlike(candidates, radio.shape)]
        return _Fresh(follow_artists(unheard, heard, radio.count), others)

    question = Question(space=radio.space, vectors=radio.seed.vector[None, :], allowed=radio.allowed)
    sizes = [size + len(radio.played) for size in SIZES]
    found = choose_nearest(question, choose, lambda fresh: len(fresh.chosen) == radio.count, sizes=sizes)
    return _fill(found.chosen, found.others, radio.count)


def follow_artists(candidates: Sequence[Candidate], heard: Sequence[frozenset[int]], count: int) -> list[Candidate]:
    """Up to `count`, each the first whose artists are not among those of the ARTIST_WINDOW before it. `heard`, one for
    each track, oldest first, are the artists of what was played before.
    """
    chosen: list[Candidate] = []
    window = list(heard)
    left = list(candidates)
    while left and len(chosen) < count:
        recent = frozenset().union(*window[-ARTIST_WINDOW:])
        row = next((row for row, each in enumerate(left) if each.artist_ids.isdisjoint(recent)), None)
        if row is None:
            break
        chosen.append(left.pop(row))
        window.append(chosen[-1].artist_ids)
    return chosen


def _fill(chosen: list[Candidate], others: Sequence[Candidate], count: int) -> list[Candidate]:
    by_id = {each.track_id: each for each in [*chosen, *others]}
    return list(by_id.values())[:count]


def _choose_again(radio: _Radio, fresh: Sequence[Candidate]) -> list[Candidate]:
    """What was played longest ago, skipped tracks after all others."""
    found = {each.track_id: each for each in gather(radio.space, radio.seed, radio.allowed, radio.played)}
    in_turn = sorted(radio.played, key=lambda track_id: track_id in radio.skipped)
    again = [found[track_id] for track_id in in_turn if track_id in found]
    return again[: radio.count - len(fresh)]


def _artists_of(track_ids: Collection[int]) -> list[frozenset[int]]:
    artists = find_artists(track_ids)
    return [artists[track_id] for track_id in track_ids]
