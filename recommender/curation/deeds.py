"""What can be done to a track at the curators' desk, who may do it, and how it is taken back.

A deed answers with what it changed, before and after; None where there was nothing to change.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from recommender.accounts.models import Role, User
from recommender.catalog.models import Analysis, Track, TrackQuerySet, Visibility
from recommender.curation.artist_names import forget_difference, split, undo_names, undo_split, unjoin
from recommender.curation.describing import describable, describe, undo_description
from recommender.curation.judging import judge_pairs, undo_judgement
from recommender.curation.merging import merge, undo_merge
from recommender.curation.models import Change, Verb
from recommender.curation.pair_rules import say_of_pair, unsay
from recommender.curation.pausing import begin_pause, end_pause
from recommender.curation.pool import unswitch
from recommender.curation.settling import unsettle
from recommender.curation.showing import own, publishable, put_back, setting
from recommender.curation.suggestions import fill_in, forget_dismissal, note_dismissal
from recommender.curation.trashing import deletable, in_trash, purge, restore, trash, undo_restore, undo_trash
from recommender.ingest.wake import wake_analysis, wake_index
from recommender.similarity.spaces import filling_spaces

Values = Mapping[str, Any]
Changed = tuple[Values, Values] | None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """`within`: the tracks a person of the `least` role may do this to; `undo` says what stands in the way, nothing
    when it is done. `prepare` works out once for all that are done together what it is done with; `then` follows once.
    """

    within: Callable[[User], TrackQuerySet]
    least: Role = Role.CURATOR
    do: Callable[[Track, User, Values], Changed]
    undo: Callable[[Change, User], str] | None = None
    then: Callable[[], None] | None = None
    prepare: Callable[[Collection[Track], User, Values], Values] | None = None
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


def analyse(track: Track, actor: User, arguments: Values) -> Changed:
    """Arguments: perhaps the id of the `space` in which alone; else in all that are being filled."""
    spaces = [arguments["space"]] if "space" in arguments else filling_spaces()
    analyses = list(Analysis.objects.filter(track=track, space__in=spaces))
    if not Analysis.objects.filter(pk__in=[analysis.pk for analysis in analyses]).start_anew():
        return None
    transaction.on_commit(lambda: wake_analysis(analyses))
    return {}, {}


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
    Verb.DESCRIBE: Deed(within=describable, do=describe, undo=undo_description, prepare=fill_in),
    Verb.DESCRIBE_OWN: Deed(within=editable, least=Role.UPLOADER, do=describe, undo=undo_description),
    Verb.ANALYSE: Deed(within=editable, do=analyse),
    Verb.TRASH: Deed(within=editable, least=Role.UPLOADER, do=trash, undo=undo_trash),
    Verb.RESTORE: Deed(within=in_trash, least=Role.UPLOADER, do=restore, undo=undo_restore),
    Verb.PURGE: Deed(within=deletable, least=Role.ADMIN, do=purge, then=wake_index),
    # As far as the trash goes: `merge` looks at those that go there.
    Verb.MERGE: Deed(within=visible, least=Role.UPLOADER, do=merge, undo=undo_merge),
    Verb.JUDGE: Deed(within=visible, do=judge_pairs, undo=undo_judgement),
    Verb.SUBMIT: _showing_own(own, _SUBMITTED, _PRIVATE),
    Verb.PUBLISH: _showing_own(publishable, _PUBLISHED, _PRIVATE, _SUBMITTED),
    Verb.PAIR: Deed(within=visible, do=say_of_pair, undo=unsay),
    Verb.POOL: Deed(within=nothing, do=do_nothing, undo=unswitch),
    Verb.SETTLE: Deed(within=nothing, do=do_nothing, undo=unsettle),
    Verb.DISMISS: Deed(within=describable, do=note_dismissal, undo=forget_dismissal),
    Verb.JOIN: Deed(within=nothing, do=do_nothing, undo=unjoin),
    Verb.SPLIT: Deed(within=describable, do=split, undo=undo_split),
    Verb.ALIAS: Deed(within=nothing, do=do_nothing, undo=undo_names),
    Verb.TELL_APART: Deed(within=nothing, do=do_nothing, undo=forget_difference),
    Verb.KEEP: _showing_own(own, _PRIVATE, _SUBMITTED, _PUBLISHED),
    Verb.PAUSE: Deed(within=nothing, least=Role.ADMIN, do=do_nothing, undo=end_pause),
    Verb.RESUME: Deed(within=nothing, least=Role.ADMIN, do=do_nothing, undo=begin_pause),
}
