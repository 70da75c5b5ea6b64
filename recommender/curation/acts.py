"""Doing something to one track or to many, writing it down, and taking it back."""

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.accounts.models import Role, User
from recommender.catalog.editing import ChangedMeanwhileError
from recommender.catalog.models import Track
from recommender.curation.deeds import DEEDS, Deed, Values
from recommender.curation.errors import (
    CurationError,
    NoNoteError,
    NothingChosenError,
    NotYoursError,
    TooManyError,
)
from recommender.curation.models import Act, Change, Job, Verb
from recommender.curation.sentences import CHANGED_MEANWHILE, FAILED, GONE, NO_WAY_BACK
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.wake import send_task

logger = logging.getLogger(__name__)

# What is more than this is a job: nobody should wait for a page that long.
RUN_JOB: Final = "recommender.curation.tasks.run_job_task"
AT_ONCE: Final = 100
MOST: Final = 100_000
# What happens to one track and holds up no others. That the database is busy is none of these: a job is run again then.
# What an act of an earlier version kept may lack what is looked for: no job begins again and again because of that.
REFUSALS: Final = (
    *(UploadRefusedError, CurationError, ChangedMeanwhileError),
    *(IntegrityError, DataError, ObjectDoesNotExist, ValueError, LookupError, TypeError),
)
MOST_IN_QUERY: Final = 10_000


def perform(
    verb: Verb, actor: User, track_ids: Collection[int], *, note: str = "", arguments: Values | None = None
) -> Act:
    """Do it at once, or have a worker do it where these are many (`act.jobs`).

    Raises NotYoursError where one of the tracks is out of the actor's reach, and nothing is done then to any of them;
    NoNoteError where a reason has to be given; NothingChosenError; TooManyError above MOST.
    """
    ids = sorted(set(track_ids))
    _check(verb, actor, ids, note)
    given = dict(arguments or {})
    with transaction.atomic():
        act = Act.objects.create(actor=actor, verb=verb, note=note)
        if len(ids) > AT_ONCE:
            begin_job(Job(act=act, arguments=given, ids=ids))
        else:
            do_to(act, ids, given)
    return act


def do_to(act: Act, track_ids: Sequence[int], arguments: Values) -> None:
    """Do what `act` says to these, and write down what changed. What is out of reach by now has a problem."""
    deed = DEEDS[Verb(act.verb)]
    within = deed.reach(act.actor) if act.actor else Track.objects.none()
    reached = within.filter(pk__in=track_ids).select_related("artist", "release__artist", "audio_file")
    found = {track.pk: track for track in reached}
    if deed.prepare is not None and act.actor is not None:
        arguments = deed.prepare(found.values(), act.actor, arguments)
    for track_id in track_ids:
        track = found.get(track_id)
        change = Change(act=act, track_id=track_id, label=label_of(track) if track else f"#{track_id}")
        if _do(deed, change, track, arguments):
            change.save()
    if deed.then is not None:
        transaction.on_commit(deed.then)


def _do(deed: Deed, change: Change, track: Track | None, arguments: Values) -> bool:
    """Whether there is anything to write down. One track that cannot be changed does not hold up the others."""
    if track is None or change.act.actor is None:
        change.problem = GONE
        return True
    try:
        with transaction.atomic():
            changed = deed.do(track, change.act.actor, arguments)
    except REFUSALS as error:
        change.problem = _explain(change, error)
        return True
    if changed:
        change.before, change.after = map(dict, changed)
    return changed is not None


def _take_back(deed: Deed, change: Change, actor: User) -> str:
    """What stands in the way; empty when it is done."""
    try:
        with transaction.atomic():
            return deed.undo(change, actor) if deed.undo else NO_WAY_BACK
    except REFUSALS as error:
        return _explain(change, error)


def _explain(change: Change, error: Exception) -> str:
    """For people: what our own code refuses has a sentence, what the database does not."""
    if isinstance(error, (UploadRefusedError, CurationError)):
        return str(error)[:300]
    if isinstance(error, ChangedMeanwhileError):
        return CHANGED_MEANWHILE
    logger.exception("%s: %s", change.act, change.label)
    return FAILED


def begin_job(job: Job) -> None:
    job.save()
    transaction.on_commit(lambda: send_task(RUN_JOB, job.pk))


def can_be_taken_back(act: Act, *, is_stuck: bool | None = None) -> bool:
    """Also what was left as it was when that was tried. `is_stuck`: whether there is any, where that is known."""
    if DEEDS[Verb(act.verb)].undo is None:
        return False
    if act.undone_at is None or is_stuck is not None:
        return act.undone_at is None or bool(is_stuck)
    return act.changes.all().stuck().exists()


def may_take_back(act: Act, actor: User) -> bool:
    """What was done to other people's tracks every curator may mend; what somebody did to their own, only they."""
    deed = DEEDS[Verb(act.verb)]
    is_own = act.actor_id == actor.pk and deed.may(actor)
    return is_own or actor.is_administrator or (actor.is_curator and deed.least == Role.CURATOR)


def take_back_all(acts: Iterable[Act], actor: User) -> list[Act]:
    """In this order; what is more than AT_ONCE together is left to a worker. Raises NotYoursError."""
    taken, room = [], AT_ONCE
    for act in acts:
        taken.append(take_back(act, actor, at_once=room))
        room = max(0, room - act.changes.count())
    return taken


def take_back(act: Act, actor: User, *, at_once: int | None = None) -> Act:
    """Undo it at once, or have a worker do so where it changed much. What cannot be undone has a problem then, and is
    taken up again when this is asked for once more. Where nothing can be undone the act stays open.

    Nothing happens when all of it was done already, or a worker is at it. Raises NotYoursError where `actor` may not do
    such a thing.
    """
    if not may_take_back(act, actor):
        raise NotYoursError(_("Only who did this, or an administrator, takes it back."))
    with transaction.atomic():
        if not _hold(act, actor):
            return act
        act.jobs.all().cancel()
        changes = act.changes.all().done() if act.undone_at is None else act.changes.all().stuck()
        ids = list(changes.values_list("pk", flat=True))
        if len(ids) > (AT_ONCE if at_once is None else at_once):
            begin_job(Job(act=act, is_undoing=True, ids=ids))
        else:
            undo_changes(act.changes.filter(pk__in=ids).order_by("-pk"), actor)
            conclude_undoing(act)
    act.refresh_from_db()
    return act


def _hold(act: Act, actor: User) -> bool:
    """Whether there is something to take back, and nobody else does so meanwhile."""
    if not can_be_taken_back(act) or act.jobs.all().unfinished().filter(is_undoing=True).exists():
        return False
    as_read = Act.objects.filter(pk=act.pk, undone_at=act.undone_at)
    return bool(as_read.update(undone_by=actor, undone_at=timezone.now()))


def conclude_undoing(act: Act) -> None:
    """Where nothing of it could be taken back it stays open."""
    stuck = act.changes.all().stuck().count()
    if stuck and stuck == act.changes.all().done().count():
        Act.objects.filter(pk=act.pk).update(undone_by=None, undone_at=None)


def _check(verb: Verb, actor: User, ids: Sequence[int], note: str) -> None:
    deed = DEEDS[verb]
    if not ids:
        raise NothingChosenError(_("Choose at least one track first."))
    if len(ids) > MOST:
        raise TooManyError(_("That are more than %(most)d tracks. Do it in parts.") % {"most": MOST})
    if deed.needs_note and not note.strip():
        raise NoNoteError(_("Say why: whoever uploaded it reads that."))
    within = deed.reach(actor)
    parts = (ids[start : start + MOST_IN_QUERY] for start in range(0, len(ids), MOST_IN_QUERY))
    if not deed.may(actor) or sum(within.filter(pk__in=part).count() for part in parts) < len(ids):
        raise NotYoursError(_("Some of these tracks are not yours to change, or not there any more. Nothing was done."))


def undo_changes(changes: Iterable[Change], actor: User) -> None:
    """Whoever may not do so any more, by the time a worker comes to it, takes nothing back."""
    for change in changes:
        may, before = may_take_back(change.act, actor), change.problem
        change.problem = _take_back(DEEDS[Verb(change.act.verb)], change, actor) if may else NO_WAY_BACK
        if change.problem != before:
            change.save(update_fields=["problem"])


def label_of(track: Track) -> str:
    artist = track.artist.name if track.artist else ""
    return " · ".join(part for part in (track.title, artist) if part)[:300]
