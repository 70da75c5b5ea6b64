"""One change to what is said of many tracks: worked out for each of them, looked at, and done as it was seen."""

import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.editing import FIELDS, Value, is_same, read_fields_of
from recommender.catalog.models import Track
from recommender.catalog.names import fold_key
from recommender.catalog.spelling import FixedNames, Words, find_fixed_names, list_names
from recommender.curation.acts import perform
from recommender.curation.describing import OF_EACH, SEEN
from recommender.curation.field_changes import FieldChange, change_field
from recommender.curation.models import Act, Verb

_COLUMNS: Final = (
    *("title", "track_number", "disc_number", "year", "isrc"),
    *("artist__name", "release__title", "release__artist__name"),
)

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
    """What is to become of each of these tracks that is there, in their order; in few queries however many they are."""
    tracks = Track.objects.filter(pk__in=track_ids).select_related("artist", "release__artist").only(*_COLUMNS)
    said = read_fields_of(list(tracks))
    plans = [
        _plan(track_id, said[track_id], {name: (change, place) for name, change in changes.items()}, check)
        for place, track_id in enumerate(track_ids)
        if track_id in said
    ]
    fixed = find_fixed_names(actor, [plan.wanted for plan in plans if plan.wanted])
    return [_keep_fixed(plan, fixed) for plan in plans]


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
    seen.update((str(plan.track_id), {name: plan.said[name] for name in plan.wanted}) for plan in as_seen)
    arguments = {OF_EACH: {str(plan.track_id): plan.wanted for plan in as_seen}, SEEN: seen}
    verb = Verb.DESCRIBE if actor.is_curator else Verb.DESCRIBE_OWN
    return perform(verb, actor, meant, note=note, arguments=arguments)


def _plan(track_id: int, said: Words, changes: Mapping[str, tuple[FieldChange, int]], check: Check) -> Planned:
    wanted: dict[str, Value] = {}
    problems: list[tuple[str, str]] = []
    for name, (change, place) in changes.items():
        value = change_field(name, change, said[name], place)
        try:
            wanted[name] = value if value == said[name] else _arrange(name, check(name, value))
        except ValidationError as error:
            problems += [(name, sentence) for sentence in error.messages]
    wanted = _spell_alike(said, wanted)
    problems += _settle_release(said, wanted)
    return Planned(track_id=track_id, said=said, wanted=_drop_same(said, wanted), problems=tuple(problems))


def _arrange(name: str, value: Value) -> Value:
    """In the order in which fields are read."""
    if name == "genres":
        return sorted(list_names(value), key=fold_key)
    return sorted(list_names(value)) if name == "moods" else value


def _spell_alike(said: Words, wanted: Words) -> dict[str, Value]:
    """An artist is one row, on the track and on its release."""
    fields = ("artists", "album_artist")
    spelt = {fold_key(name): name for field in fields for name in list_names(wanted.get(field))}
    alike = {field: [spelt.get(fold_key(name), name) for name in list_names(said[field])] for field in fields}
    other: dict[str, Value] = {"artists": alike["artists"], "album_artist": "".join(alike["album_artist"])}
    return {**other, **wanted} if spelt else dict(wanted)


def _settle_release(said: Words, wanted: dict[str, Value]) -> list[tuple[str, str]]:
    """What `edit_track` makes of a release without an artist, and of an artist without a release; and why."""
    if "release" not in wanted and "album_artist" not in wanted:
        return []
    then = {**said, **wanted}
    by = then["album_artist"] or next(iter(list_names(then["artists"])), "")
    wanted["album_artist"] = by if then["release"] else ""
    if then["release"] and not by:
        wanted["release"] = said["release"]
        return [("release", _("A release needs an artist."))]
    if not then["release"] and not said["release"] and then["album_artist"]:
        return [("album_artist", _("It is on no release."))]
    return []


def _keep_fixed(plan: Planned, fixed: FixedNames) -> Planned:
    """Names that stay spelt as they are are not written otherwise."""
    spelt = fixed.spell(plan.wanted)
    if spelt == plan.wanted:
        return plan
    sentence = _("It is spelt like that on tracks that are not yours to change, and stays so.")
    otherwise = [name for name, value in plan.wanted.items() if spelt[name] != value]
    stays = tuple((name, sentence) for name in otherwise if is_same(name, spelt[name], plan.wanted[name]))
    return replace(plan, wanted=_drop_same(plan.said, spelt), problems=(*plan.problems, *stays))


def _drop_same(said: Words, wanted: Words) -> dict[str, Value]:
    """What is written. A release goes with its artist, of whom there may be others with one of this title."""
    changed = [name for name in FIELDS if name in wanted and wanted[name] != said[name]]
    return {name: wanted[name] for name in (*changed, *(["album_artist"] if "release" in changed else []))}
