"""What is said of tracks, changed at the desk: the same for many, or of each something of its own."""

from collections.abc import Mapping
from typing import Any, Final

from recommender.accounts.models import User
from recommender.catalog.editing import FIELDS, edit_track, undo_edit
from recommender.catalog.models import Track, TrackEdit, TrackQuerySet
from recommender.curation.models import Change
from recommender.curation.sentences import CHANGED_SINCE, GONE

Values = Mapping[str, Any]

# Arguments of an act: fields of `catalog.editing` with the value that all tracks get, and below this name those that
# single tracks get, by id as text (as JSON has it).
OF_EACH: Final = "of_each"


def describable(actor: User) -> TrackQuerySet:
    return Track.objects.describable_by(actor)


def describe(track: Track, actor: User, arguments: Values) -> tuple[Values, Values] | None:
    """Arguments: fields of `catalog.editing` with their new values; those of one track come before those of all."""
    wanted = {**arguments, **arguments.get(OF_EACH, {}).get(str(track.pk), {})}
    edit = edit_track(track, actor, {name: wanted[name] for name in FIELDS if name in wanted})
    return None if edit is None else (edit.before, {**edit.after, "edit": edit.pk})


def undo_description(change: Change, actor: User) -> str:
    """Only by who may still change what is said of the track: its owner may have made it private since."""
    edit = TrackEdit.objects.filter(pk=change.after["edit"], track__in=describable(actor)).first()
    if edit is None:
        return GONE
    return CHANGED_SINCE if undo_edit(edit, actor) else ""
