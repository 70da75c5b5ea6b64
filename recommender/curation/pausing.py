"""Holding the analysis of tracks up and letting it go on, written down like everything that is done at the desk."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Pause
from recommender.curation.models import Act, Change, Verb
from recommender.curation.sentences import CHANGED_SINCE
from recommender.ingest.wake import wake_sweeper


def pause(admin: User) -> Act | None:
    """None where it is so already."""
    return _switch(Verb.PAUSE, admin, _begin)


def resume(admin: User) -> Act | None:
    """None where it is so already."""
    return _switch(Verb.RESUME, admin, _end)


def begin_pause(change: Change, admin: User) -> str:
    """Takes a resumption back."""
    return "" if _begin(admin) else CHANGED_SINCE


def end_pause(change: Change, admin: User) -> str:
    return "" if _end(admin) else CHANGED_SINCE


def _switch(verb: Verb, admin: User, switch: Callable[[User], bool]) -> Act | None:
    with transaction.atomic():
        if not switch(admin):
            return None
        is_paused = verb == Verb.PAUSE
        act = Act.objects.create(actor=admin, verb=verb)
        Change.objects.create(
            act=act, label=_("Analysis of tracks"), before={"is_paused": not is_paused}, after={"is_paused": is_paused}
        )
    return act


def _begin(admin: User) -> bool:
    return Pause.objects.begin(admin)


def _end(admin: User) -> bool:
    """What waited has sent its messages in vain: the sweeper sends them again."""
    transaction.on_commit(wake_sweeper)
    return Pause.objects.end()
