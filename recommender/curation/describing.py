"""What is said of tracks, changed at the desk: the same for many, or of each something of its own."""

from collections.abc import Mapping
from typing import Any, Final

from recommender.accounts.models import User
from recommender.catalog.editing import FIELDS, ChangedMeanwhileError, edit_track, undo_edit
from recommender.catalog.models import Track, TrackEdit, TrackQuerySet
from recommender.curation.models import Change
from recommender.curation.sentences import GONE, tell_stayed

Values = Mapping[str, Any]

# Arguments of an act: fields of `catalog.editing` with the value that all tracks get, and below this name those that
# single tracks get, by id as text (as JSON has it).
OF_EACH: Final = "of_each"
# What single tracks said in these fields when that was decided, by id in the same way; None where it is known that they
# say something else by now. Where it is no more so the track is left as it is, and the act says why.
SEEN: Final = "seen"


def describable(actor: User) -> TrackQuerySet:
    return Track.objects.describable_by(actor)


def describe(track: Track, actor: User, arguments: Values) -> tuple[Values, Values] | None:
    """Arguments: fields of `catalog.editing` with their new values; those of one track come before those of all.

    Raises ChangedMeanwhileError where the track does not say what it said when that was decided.
    """
    wanted = {**arguments, **arguments.get(OF_EACH, {}).get(str(track.pk), {})}
    seen = arguments.get(SEEN, {}).get(str(track.pk), {})
    if seen is None:
        raise ChangedMeanwhileError
    edit = edit_track(track, actor, {name: wanted[name] for name in FIELDS if name in wanted}, seen=seen)
    return None if edit is None else (edit.before, {**edit.after, "edit": edit.pk})


def undo_description(change: Change, actor: User) -> str:
    """Only by who may still change what is said of the track: its owner may have made it private since."""
    edit = TrackEdit.objects.filter(pk=change.after["edit"], track__in=describable(actor)).first()
    if edit is None:
        return GONE
    return tell_stayed(len(undo_edit(edit, actor)), len(edit.after))
