"""What can be done to a track at the curators' desk, who may do it, and how it is taken back.

A deed answers with what it changed, before and after; None where there was nothing to change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommender.accounts.models import Role, User
from recommender.catalog.editing import FIELDS, edit_track, undo_edit
from recommender.catalog.models import Analysis, Track, TrackEdit, TrackQuerySet, Visibility
from recommender.curation.judging import judge_pairs, undo_judgement
from recommender.curation.merging import merge, undo_merge
from recommender.curation.models import Change, Verb
from recommender.curation.pair_rules import say_of_pair, unsay
from recommender.curation.pausing import begin_pause, end_pause
from recommender.curation.pool import unswitch
from recommender.curation.sentences import CHANGED_SINCE, GONE
from recommender.curation.settling import unsettle
from recommender.ingest.removal import bring_back, purge_track, trash_track
from recommender.ingest.wake import wake_analysis
from recommender.similarity.spaces import filling_spaces

Values = Mapping[str, Any]
Changed = tuple[Values, Values] | None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`within`: the tracks a person of the `least` role may do this to; `undo` says what stands in the way, nothing
    when it is done.
    """

    within: Callable[[User], TrackQuerySet]
    least: Role = Role.CURATOR
    do: Callable[[Track, User, Values], Changed]
    undo: Callable[[Change, User], str] | None = None
    needs_note: bool = False

    def may(self, actor: User) -> bool:
        return actor.is_active and actor.role >= self.least

    def reach(self, actor: User) -> TrackQuerySet:
        return self.within(actor) if self.may(actor) else Track.objects.none()


def visible(actor: User) -> TrackQuerySet:
    return Track.objects.visible_to(actor)


def nothing(actor: User) -> TrackQuerySet:
    """Of what is done to something else than tracks; only taking it back goes through here."""
    return Track.objects.none()


def do_nothing(track: Track, actor: User, arguments: Values) -> Changed:
    return None


def editable(actor: User) -> TrackQuerySet:
    return Track.objects.editable_by(actor)


def describable(actor: User) -> TrackQuerySet:
    return Track.objects.describable_by(actor)


def own(actor: User) -> TrackQuerySet:
    """An administrator's reach does not make other people's tracks their own."""
    return Track.objects.filter(owner=actor, is_deleting=False)


def publishable(actor: User) -> TrackQuerySet:
    """What nobody has to look at before others hear it."""
    return Track.objects.none() if must_submit(actor) else own(actor)


def must_submit(actor: User) -> bool:
    return bool(settings.UPLOADS.needs_review) and not actor.is_curator


def in_trash(actor: User) -> TrackQuerySet:
    """What `actor` may bring back."""
    trashed = Track.objects.filter(is_deleting=True, trashed__purge_at__gt=timezone.now())
    return trashed if actor.is_administrator else trashed.filter(owner=actor)


def deletable(actor: User) -> TrackQuerySet:
    """Also what is in the trash."""
    return Track.objects.filter(Q(pk__in=visible(actor).values("pk")) | Q(pk__in=in_trash(actor).values("pk")))


def setting(field: str, value: Any, *, only_from: tuple[Any, ...]) -> Callable[[Track, User, Values], Changed]:
    """Sets a column where it has one of those values."""

    def do(track: Track, actor: User, arguments: Values) -> Changed:
        before = getattr(track, field)
        held = Track.objects.filter(pk=track.pk, **{field: before})
        if before == value or before not in only_from or not held.update(**{field: value}):
            return None
        return {field: before}, {field: value}

    return do


def put_back(change: Change, actor: User) -> str:
    """Columns as they were, unless they were changed since, be it to and fro: a decision that was overruled by another
    does not come back.
    """
    later = Change.objects.filter(track_id=change.track_id, pk__gt=change.pk, problem="", act__undone_at=None)
    if any(set(change.after) & set(after) for after in later.values_list("after", flat=True)):
        return CHANGED_SINCE
    as_left = Track.objects.filter(pk=change.track_id or 0, is_deleting=False, **change.after)
    return "" if as_left.update(**change.before) else CHANGED_SINCE


def describe(track: Track, actor: User, arguments: Values) -> Changed:
    """Arguments: fields of `catalog.editing` with their new values."""
    edit = edit_track(track, actor, {name: arguments[name] for name in FIELDS if name in arguments})
    return None if edit is None else (edit.before, {**edit.after, "edit": edit.pk})


def undo_description(change: Change, actor: User) -> str:
    """Only by who may still change what is said of the track: its owner may have made it private since."""
    edit = TrackEdit.objects.filter(pk=change.after["edit"], track__in=describable(actor)).first()
    if edit is None:
        return GONE
    return CHANGED_SINCE if undo_edit(edit, actor) else ""


def analyse(track: Track, actor: User, arguments: Values) -> Changed:
    """Arguments: perhaps the id of the `space` in which alone; else in all that are being filled."""
    spaces = [arguments["space"]] if "space" in arguments else filling_spaces()
    analyses = list(Analysis.objects.filter(track=track, space__in=spaces))
    if not Analysis.objects.filter(pk__in=[analysis.pk for analysis in analyses]).start_anew():
        return None
    transaction.on_commit(lambda: wake_analysis(analyses))
    return {}, {}


def trash(track: Track, actor: User, arguments: Values) -> Changed:
    trash_track(track, actor)
    return {"is_deleting": False}, {"is_deleting": True}


def restore(track: Track, actor: User, arguments: Values) -> Changed:
    return ({"is_deleting": True}, {"is_deleting": False}) if bring_back(track, actor) else None


def purge(track: Track, actor: User, arguments: Values) -> Changed:
    purge_track(track)
    return {}, {}


def undo_trash(change: Change, actor: User) -> str:
    track = in_trash(actor).filter(pk=change.track_id or 0).first()
    return "" if track is not None and bring_back(track, actor) else GONE


def undo_restore(change: Change, actor: User) -> str:
    track = editable(actor).filter(pk=change.track_id or 0).first()
    if track is None:
        return GONE
    trash_track(track, actor)
    return ""


_PRIVATE, _PUBLISHED = Visibility.PRIVATE, Visibility.PUBLISHED
_SUBMITTED, _WITHDRAWN = Visibility.SUBMITTED, Visibility.WITHDRAWN


def _showing(value: Visibility, *only_from: Visibility, needs_note: bool = False) -> Deed:
    do = setting("visibility", value, only_from=only_from)
    return Deed(within=visible, do=do, undo=put_back, needs_note=needs_note)


def _showing_own(within: Callable[[User], TrackQuerySet], value: Visibility, *only_from: Visibility) -> Deed:
    """What a curator has withdrawn stays so."""
    do = setting("visibility", value, only_from=only_from)
    return Deed(within=within, least=Role.UPLOADER, do=do, undo=put_back)


def _recommending(value: bool) -> Deed:
    return Deed(within=visible, do=setting("is_recommendable", value, only_from=(not value,)), undo=put_back)


DEEDS: Final[Mapping[Verb, Deed]] = {
    Verb.APPROVE: _showing(_PUBLISHED, _SUBMITTED, _WITHDRAWN),
    Verb.REJECT: _showing(_WITHDRAWN, _SUBMITTED, needs_note=True),
    Verb.ASK: _showing(_PRIVATE, _SUBMITTED, needs_note=True),
    Verb.WITHDRAW: _showing(_WITHDRAWN, _PUBLISHED, _SUBMITTED),
    Verb.HIDE: _recommending(False),
    Verb.RECOMMEND: _recommending(True),
    Verb.DESCRIBE: Deed(within=describable, do=describe, undo=undo_description),
    Verb.ANALYSE: Deed(within=visible, do=analyse),
    Verb.TRASH: Deed(within=editable, least=Role.UPLOADER, do=trash, undo=undo_trash),
    Verb.RESTORE: Deed(within=in_trash, least=Role.UPLOADER, do=restore, undo=undo_restore),
    Verb.PURGE: Deed(within=deletable, least=Role.ADMIN, do=purge),
    # As far as the trash goes: `merge` looks at those that go there.
    Verb.MERGE: Deed(within=visible, least=Role.UPLOADER, do=merge, undo=undo_merge),
    Verb.JUDGE: Deed(within=visible, do=judge_pairs, undo=undo_judgement),
    Verb.SUBMIT: _showing_own(own, _SUBMITTED, _PRIVATE),
    Verb.PUBLISH: _showing_own(publishable, _PUBLISHED, _PRIVATE, _SUBMITTED),
    Verb.PAIR: Deed(within=visible, do=say_of_pair, undo=unsay),
    Verb.POOL: Deed(within=nothing, do=do_nothing, undo=unswitch),
    Verb.SETTLE: Deed(within=nothing, do=do_nothing, undo=unsettle),
    Verb.KEEP: _showing_own(own, _PRIVATE, _SUBMITTED, _PUBLISHED),
    Verb.PAUSE: Deed(within=nothing, least=Role.ADMIN, do=do_nothing, undo=end_pause),
    Verb.RESUME: Deed(within=nothing, least=Role.ADMIN, do=do_nothing, undo=begin_pause),
}
