"""One change to what is said of many tracks: worked out for each of them, looked at, and done as it was seen."""

import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.core.exceptions import ValidationError

from recommender.accounts.models import User
from recommender.catalog.editing import Value, read_fields_of
from recommender.catalog.models import Track
from recommender.catalog.spelling import FixedNames, find_fixed_names, key_of, list_names
from recommender.curation.acts import perform
from recommender.curation.describing import OF_EACH, SEEN
from recommender.curation.field_changes import FieldChange, change_field
from recommender.curation.foreseeing import Words, keep_fixed, settle_release
from recommender.curation.models import Act, Verb

_COLUMNS: Final = (
    *("title", "track_number", "disc_number", "year", "isrc"),
    *("artist__name", "release__title", "release__artist__name"),
)
_PART: Final = 1_000

FieldChanges = Mapping[str, FieldChange]
# What a field may say, as forms have it: the value made fit to be written. Raises ValidationError.
Check = Callable[[str, Value], Value]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is to become of one track: what it says now, what is written, and why fields stay as they are, which have
    names of `catalog.editing`.
    """

    track_id: int
    said: Words
    wanted: Words
    problems: tuple[tuple[str, str], ...]

    @property
    def seen(self) -> Words:
        """What is written over."""
        return {name: self.said[name] for name in self.wanted}

    @property
    def mark(self) -> int:
        """Stands for what is changed into what, below 2**32; 0 where nothing is."""
        if not self.wanted:
            return 0
        seen = [[name, self.said[name], value] for name, value in sorted(self.wanted.items())]
        return zlib.crc32(json.dumps(seen).encode()) or 1


def find_describable(actor: User, track_ids: Collection[int]) -> set[int]:
    """Those of these tracks that `actor` may describe."""
    return set(Track.objects.describable_by(actor).filter(pk__in=track_ids).values_list("pk", flat=True))


def plan_edit(actor: User, track_ids: Sequence[int], changes: FieldChanges, check: Check) -> list[Planned]:
    """What is to become of each of these tracks that is there, in their order; in few queries."""
    said = _read_said(track_ids)
    plans = [
        _plan(track_id, said[track_id], {name: (change, place) for name, change in changes.items()}, check)
        for place, track_id in enumerate(track_ids)
        if track_id in said
    ]
    fixed = find_fixed_names(actor, [plan.wanted for plan in plans if plan.wanted])
    return [_finish(plan, fixed) for plan in plans]


def perform_edit(
    actor: User, previewed: Mapping[int, int], changes: FieldChanges, check: Check, *, note: str = ""
) -> Act:
    """Do what was seen: `previewed` has the mark of every track of the list, in its order. A track that is to become
    something else by now is left alone, and the act says so.

    Raises NotYoursError, NothingChosenError.
    """
    plans = {plan.track_id: plan for plan in plan_edit(actor, list(previewed), changes, check)}
    meant = [track_id for track_id, mark in previewed.items() if mark]
    as_seen = [plans[pk] for pk in meant if pk in plans and plans[pk].mark == previewed[pk]]
    seen: dict[str, Words | None] = {str(pk): None for pk in meant}
    seen.update((str(plan.track_id), plan.seen) for plan in as_seen)
    arguments = {OF_EACH: {str(plan.track_id): plan.wanted for plan in as_seen}, SEEN: seen}
    verb = Verb.DESCRIBE if actor.is_curator else Verb.DESCRIBE_OWN
    return perform(verb, actor, meant, note=note, arguments=arguments)


def _read_said(track_ids: Sequence[int]) -> dict[int, Words]:
    """Of more at once SQLite would read the credits artist by artist, which takes a hundred times as long."""
    tracks = Track.objects.select_related("artist", "release__artist").only(*_COLUMNS)
    parts = (track_ids[start : start + _PART] for start in range(0, len(track_ids), _PART))
    return {pk: said for part in parts for pk, said in read_fields_of(list(tracks.filter(pk__in=part))).items()}


def _plan(track_id: int, said: Words, changes: Mapping[str, tuple[FieldChange, int]], check: Check) -> Planned:
    wanted: dict[str, Value] = {}
    problems: list[tuple[str, str]] = []
    for name, (change, place) in changes.items():
        value = change_field(name, change, said[name], place)
        try:
            wanted[name] = value if value == said[name] else _arrange(name, check(name, value))
        except ValidationError as error:
            problems += [(name, sentence) for sentence in error.messages]
    changed = {name: value for name, value in _spell_alike(said, wanted).items() if value != said[name]}
    settled, lost = settle_release(said, changed)
    return Planned(track_id=track_id, said=said, wanted=settled, problems=(*problems, *lost.items()))


def _finish(plan: Planned, fixed: FixedNames) -> Planned:
    wanted, stays = keep_fixed(plan.said, plan.wanted, fixed)
    return replace(plan, wanted=wanted, problems=(*plan.problems, *stays.items()))


def _arrange(name: str, value: Value) -> Value:
    """In the order in which fields are read."""
    if name == "genres":
        return sorted(list_names(value), key=key_of)
    return sorted(list_names(value)) if name == "moods" else value


def _spell_alike(said: Words, wanted: Words) -> dict[str, Value]:
    """An artist is one row, on the track and on its release."""
    fields = ("artists", "album_artist")
    spelt = {key_of(name): name for field in fields for name in list_names(wanted.get(field))}
    alike = {field: [spelt.get(key_of(name), name) for name in list_names(said[field])] for field in fields}
    other: dict[str, Value] = {"artists": alike["artists"], "album_artist": "".join(alike["album_artist"])}
    return {**other, **wanted} if spelt else dict(wanted)
