"""Genres and moods that are suggested for a track, from what is said of the tracks nearest to it (`similarity.voting`).

Nothing is kept: what is suggested is found out for the tracks of a page when it is asked for, and for those of a job
batch by batch. Only what was dismissed is remembered, as the act that it was.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_genres
from recommender.catalog.models import Track, TrackEdit, TrackQuerySet, TrackTag
from recommender.catalog.moods import MOODS
from recommender.curation.describing import OF_EACH, SEEN, Values, describable
from recommender.curation.models import Change, Verb
from recommender.similarity.spaces import active_space
from recommender.similarity.voting import Result, Said, Vote, count_votes, find_votes

# What is less sure is not suggested, and what is at least so sure may be accepted unseen (docs/curation.md says how
# often they were right).
LEAST: Final = 0.5
SURE: Final = 0.7
MOST: Final = 3
# A genre looks wrong that hardly anybody has of whom there are enough.
_HARDLY: Final = 0.1
_ENOUGH: Final = 5
# A word that was heard in the track itself, if no neighbour has a say.
_HEARD: Final = 0.5
# Every number of so many is an id.
_DIGITS: Final = 19

# An argument of DESCRIBE, for tracks that nobody has looked at: what is suggested for each is found out as it is done.
SUGGESTED: Final = "suggested"


class Kind(StrEnum):
    """GENRE: of tracks without one. WRONG: of tracks whose genre hardly any of their neighbours has. MOOD: of tracks
    that nobody gave one."""

    GENRE = "genre"
    WRONG = "wrong"
    MOOD = "mood"

    @property
    def field(self) -> str:
        """Of `catalog.editing`."""
        return "moods" if self is Kind.MOOD else "genres"


@dataclass(frozen=True)
class Proposal:
    """`value` is the id of a genre as text, or a mood. `speakers`: the tracks that say it, the most similar first, of
    `votes` in all. `is_heard`: the encoder found that mood in the track itself.
    """

    value: str
    confidence: float
    speakers: tuple[int, ...]
    votes: int
    is_heard: bool = False


def find_candidates(viewer: User, kind: Kind) -> TrackQuerySet:
    """The tracks that something may be suggested for, if `viewer` may describe them: they have a vector."""
    tracks = describable(viewer).filter(embeddings__space__is_active=True).exclude(_is_dismissed(kind.field))
    if kind is Kind.MOOD:
        return tracks.exclude(Exists(TrackTag.objects.filter(track=OuterRef("pk"), is_given=True)))
    return tracks.filter(shelf__genres="") if kind is Kind.GENRE else tracks.filter(shelf__genres__gt="")


def propose(
    track_ids: Collection[int], viewer: User, kind: Kind, *, least: float = LEAST, until: dt.datetime | None = None
) -> dict[int, list[Proposal]]:
    """What is suggested for each of these candidates, the surest first; those without are left out. Tracks speak that
    `viewer` may know of; those that were described after `until` do not. Raises IndexUnavailableError.
    """
    space = active_space()
    if space is None:
        return {}
    votes = find_votes(space, track_ids, _allow(viewer, until), _read_moods if kind is Kind.MOOD else _read_genres)
    own = _OWN[kind](list(votes))
    decide = _DECIDING[kind]
    found = {track_id: decide(those, frozenset(own.get(track_id, ()))) for track_id, those in votes.items()}
    sure = {pk: [each for each in proposals if each.confidence >= least][:MOST] for pk, proposals in found.items()}
    return {track_id: proposals for track_id, proposals in sure.items() if proposals}


def propose_genres(votes: Sequence[Vote], own: frozenset[str]) -> list[Proposal]:
    return [_propose(result, votes) for result in count_votes(votes)]


def propose_others(votes: Sequence[Vote], own: frozenset[str]) -> list[Proposal]:
    """None where any of its `own` genres is that of more than hardly a neighbour."""
    results = count_votes(votes)
    agreed = sum(result.confidence for result in results if result.value in own)
    return [] if len(votes) < _ENOUGH or agreed > _HARDLY else [_propose(result, votes) for result in results]


def propose_moods(votes: Sequence[Vote], own: frozenset[str]) -> list[Proposal]:
    """What neighbours say and what was heard in the track (`own`) speak for a mood independently of each other."""
    said = {result.value: _propose(result, votes) for result in count_votes(votes)}
    heard = {mood: said.get(mood, Proposal(mood, 0.0, (), len(votes))) for mood in own}
    for mood, proposal in heard.items():
        confidence = 1 - (1 - proposal.confidence) * (1 - _HEARD)
        said[mood] = replace(proposal, confidence=confidence, is_heard=True)
    return sorted(said.values(), key=lambda each: (-each.confidence, each.value))


def fill_in(tracks: Collection[Track], actor: User, arguments: Values) -> Values:
    """The arguments of DESCRIBE for these tracks, with what is suggested for them where that is asked for.

    Raises IndexUnavailableError.
    """
    asked = arguments.get(SUGGESTED)
    if asked is None:
        return arguments
    kind = Kind(asked["kind"])
    waiting = find_candidates(actor, kind).filter(pk__in=[track.pk for track in tracks]).values_list("pk", flat=True)
    until = dt.datetime.fromisoformat(asked["until"])
    found = propose(list(waiting), actor, kind, least=asked["least"], until=until)
    names = name_values(actor, kind, {each.value for proposals in found.values() for each in proposals})
    said = {pk: [names[each.value] for each in proposals if each.value in names] for pk, proposals in found.items()}
    of_each = {str(pk): {kind.field: values} for pk, values in said.items() if values}
    return {OF_EACH: of_each, SEEN: {pk: {kind.field: []} for pk in of_each}}


def name_values(viewer: User, kind: Kind, values: Collection[str]) -> dict[str, str]:
    """What the forms call them. What `viewer` may not know of, and what is none, is left out."""
    if kind is Kind.MOOD:
        return {value: value for value in values if value in MOODS}
    ids = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < _DIGITS]
    return {str(pk): name for pk, name in visible_genres(viewer).filter(pk__in=ids).values_list("pk", "name")}


def note_dismissal(track: Track, actor: User, arguments: Values) -> tuple[Values, Values] | None:
    """Arguments: the `field` for which nothing is suggested any more. The act itself is what remembers it."""
    is_new = not Track.objects.filter(_is_dismissed(arguments["field"]), pk=track.pk).exists()
    return ({}, {"dismissed": arguments["field"]}) if is_new else None


def forget_dismissal(change: Change, actor: User) -> str:
    """An act that was taken back dismisses nothing."""
    return ""


def _propose(result: Result, votes: Sequence[Vote]) -> Proposal:
    return Proposal(result.value, result.confidence, result.speakers, len(votes))


def _allow(viewer: User, until: dt.datetime | None) -> TrackQuerySet:
    """What was accepted by the same act says nothing about what comes after it."""
    visible = Track.objects.visible_to(viewer)
    if until is None:
        return visible
    return visible.exclude(Exists(TrackEdit.objects.filter(track=OuterRef("pk"), made_at__gte=until)))


def _is_dismissed(field: str) -> Exists:
    changes = Change.objects.filter(track_id=OuterRef("pk"), problem="", after__dismissed=field)
    return Exists(changes.filter(act__verb=Verb.DISMISS, act__undone_at=None))


def _read_genres(track_ids: Collection[int]) -> Said:
    rows = Track.genres.through.objects.filter(track__in=track_ids).values_list("track_id", "genre_id")
    return _gather((track_id, str(genre_id)) for track_id, genre_id in rows)


def _read_moods(track_ids: Collection[int]) -> Said:
    tags = TrackTag.objects.filter(track__in=track_ids, is_given=True).order_by()
    return _gather(tags.values_list("track_id", "name"))


def _read_heard(track_ids: Collection[int]) -> Said:
    tags = TrackTag.objects.filter(track__in=track_ids, is_given=False, name__in=MOODS).order_by()
    return _gather(tags.values_list("track_id", "name"))


def _read_nothing(track_ids: Collection[int]) -> Said:
    return {}


def _gather(rows: Iterable[tuple[int, str]]) -> Said:
    found: dict[int, list[str]] = defaultdict(list)
    for track_id, value in rows:
        found[track_id].append(value)
    return found


_OWN: Final[Mapping[Kind, Callable[[Collection[int]], Said]]] = {
    Kind.GENRE: _read_nothing,
    Kind.WRONG: _read_genres,
    Kind.MOOD: _read_heard,
}
_DECIDING: Final[Mapping[Kind, Callable[[Sequence[Vote], frozenset[str]], list[Proposal]]]] = {
    Kind.GENRE: propose_genres,
    Kind.WRONG: propose_others,
    Kind.MOOD: propose_moods,
}
