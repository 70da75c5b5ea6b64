"""Merging tracks of one recording: what listeners said and the address follow to the track that is kept, the others go
to the trash. All of it can be taken back until they are deleted for good.
"""

from collections.abc import Mapping
from typing import Any, Final

from recommender.accounts.models import User
from recommender.catalog.editing import FIELDS, edit_track, undo_edit
from recommender.catalog.merged import lead_back, lead_on
from recommender.catalog.models import Cover, MergedTrack, Track, TrackEdit, Visibility
from recommender.catalog.models.music import might_know_of
from recommender.curation.errors import MergeRefusedError
from recommender.curation.models import Change
from recommender.curation.sentences import (
    CHANGED_SINCE,
    GONE,
    KEPT_IS_GONE,
    NOT_GIVEN_UP,
    PARTLY_CHANGED_SINCE,
    tell_stayed,
)
from recommender.ingest.removal import bring_back, trash_track
from recommender.listening.moving import count_moved, move_back, move_listening

Values = dict[str, Any]
# Columns of the kept track that a merge may set as they are.
COLUMNS: Final = ("visibility", "cover_id")


def merge(track: Track, actor: User, arguments: Mapping[str, Any]) -> tuple[Values, Values] | None:
    """Arguments: `kept`, the id of the track that stays, and what that is to say of itself: `fields` as
    `catalog.editing` has them, and COLUMNS. Raises MergeRefusedError where it cannot be
    done any more.
    """
    kept_id = int(arguments["kept"])
    if track.pk == kept_id:
        return _describe(track, actor, arguments)
    kept = Track.objects.visible_to(actor).select_related("artist").filter(pk=kept_id).first()
    if kept is None:
        raise MergeRefusedError(KEPT_IS_GONE)
    if not Track.objects.editable_by(actor).filter(pk=track.pk).exists():
        raise MergeRefusedError(NOT_GIVEN_UP)
    led = lead_on(track.pk, kept.pk)
    moved = move_listening(track.pk, kept.pk)
    trash_track(track, actor)
    told = {"kept": f"{kept.title} · {kept.artist_name}", **count_moved(moved)}
    return {"is_deleting": False}, {"is_deleting": True, **told, "merge": {"kept": kept.pk, "led": led, "moved": moved}}


def undo_merge(change: Change, actor: User) -> str:
    if "merge" not in change.after:
        return _undo_description(change, actor)
    track = Track.objects.select_related("audio_file").filter(pk=change.track_id or 0).first()
    if track and track.is_deleting and Change.objects.since(change).filter(after__is_deleting=True).exists():
        return CHANGED_SINCE
    if track is None or (track.is_deleting and not bring_back(track, actor)):
        return GONE
    done = change.after["merge"]
    holders = _holders(track.pk, done["kept"])
    lead_back(done["led"], track.pk, holders, since=change.act.at)
    return PARTLY_CHANGED_SINCE if move_back(done["moved"], track.pk, holders) else ""


def _holders(old: int, kept: int) -> set[int]:
    """Who has what was moved: the kept track, and what that was merged into since."""
    return {kept, *MergedTrack.objects.filter(old_id=old).values_list("kept_id", flat=True)} - {old}


def _describe(track: Track, actor: User, arguments: Mapping[str, Any]) -> tuple[Values, Values] | None:
    """What the kept track takes from the others."""
    fields = arguments.get("fields", {})
    edit = edit_track(track, actor, {name: fields[name] for name in FIELDS if name in fields})
    before: Values = dict(edit.before) if edit else {}
    after: Values = {**edit.after, "edit": edit.pk} if edit else {}
    wanted = {
        name: arguments[name] for name in COLUMNS if name in arguments and arguments[name] != getattr(track, name)
    }
    if "cover_id" in wanted and not Cover.objects.filter(pk=wanted["cover_id"]).exists():
        del wanted["cover_id"]
    if wanted:
        Track.objects.filter(pk=track.pk).update(**wanted)
    before.update({name: getattr(track, name) for name in wanted})
    return (before, {**after, **wanted}) if before else None


def _undo_description(change: Change, actor: User) -> str:
    if not Track.objects.filter(might_know_of(actor), pk=change.track_id or 0).exists():
        return GONE
    columns = [name for name in COLUMNS if name in change.after]
    stayed = [name for name in columns if not _put_back(change, name)]
    edit = TrackEdit.objects.filter(pk=change.after.get("edit")).first()
    stayed += undo_edit(edit, actor) if edit else []
    return tell_stayed(len(stayed), len(columns) + len(edit.after if edit else ()))


def _put_back(change: Change, name: str) -> bool:
    """Whether it was as the merge left it, and nobody has decided otherwise since. A cover that is gone is none."""
    if Change.objects.since(change).filter(after__has_key=name).exists():
        return False
    as_left = Track.objects.filter(pk=change.track_id or 0, **{name: change.after[name]})
    value = change.before[name]
    if name == "visibility":
        value = Visibility(value)
    elif not Cover.objects.filter(pk=value).exists():
        value = None
    return bool(as_left.update(**{name: value}))
