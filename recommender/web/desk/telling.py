"""What came of an act: a notice with the way back for people, a few fields for scripts."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.accounts.models import User
from recommender.curation.acts import can_be_taken_back, may_take_back
from recommender.curation.models import Act, Job, Verb
from recommender.curation.sentences import BACK_IN_PART
from recommender.curation.words import tell


def tell_act(request: HttpRequest, act: Act, told: str = "") -> None:
    """A notice, with a button that takes the act back where it can be. `told`: a better sentence for its success."""
    job, (done, failed) = act.jobs.first(), count_changes(act)
    page = reverse("desk_act", args=[act.pk])
    if job is not None:
        sentence = _("%(count)d tracks are being changed, one after the other.") % {"count": job.total}
        messages.info(request, _link(sentence, page, _("How far it is")), extra_tags=way_back(request, act))
        return
    if done:
        messages.success(request, told or tell(Verb(act.verb), done), extra_tags=way_back(request, act))
    elif not failed:
        messages.info(request, _("Nothing was changed: it is so already."))
    if failed:
        sentence = ngettext("%(count)d track was left as it is.", "%(count)d tracks were left as they are.", failed)
        messages.warning(request, _link(sentence % {"count": failed}, page, _("Why")))


def tell_undone(request: HttpRequest, act: Act) -> None:
    """A notice about what was taken back, and what was not and why."""
    job = act.jobs.filter(is_undoing=True).first()
    page = reverse("desk_act", args=[act.pk])
    if job is not None and not job.is_over:
        messages.info(request, _link(_("This is being taken back."), page, _("How far it is")))
        return
    if act.undone_at:
        messages.success(request, _("Taken back."))
    if told := tell_stuck(act):
        messages.warning(request, _link(told, page, _("Why")))
    elif act.changes.filter(problem__in=BACK_IN_PART).exists():
        messages.warning(request, _link(_("Something of it stays as it is."), page, _("Why")))


def tell_all_undone(request: HttpRequest, acts: Sequence[Act]) -> None:
    """A notice about several that were taken back; of what stays as it is each has a list."""
    kept = sum(act.changes.all().stuck().count() for act in acts)
    back = sum(act.undone_at is not None for act in acts)
    if back:
        told = ngettext("%(count)d act was taken back.", "%(count)d acts were taken back.", back)
        messages.success(request, told % {"count": back})
    if Job.objects.unfinished().filter(act__in=acts, is_undoing=True).exists():
        messages.info(request, _link(_("Some of it takes a while."), reverse("desk"), _("How far it is")))
    if kept:
        sentence = ngettext("%(count)d track stays as it is.", "%(count)d tracks stay as they are.", kept)
        messages.warning(request, sentence % {"count": kept})


def describe_act(request: HttpRequest, act: Act) -> dict[str, object]:
    """For scripts. `undo` is where it is taken back, empty where it cannot be; `job` whether a worker does it."""
    (done, failed), job = count_changes(act), act.jobs.first()
    undo = reverse("desk_undo", args=[act.pk]) if way_back(request, act) else ""
    address = reverse("desk_act", args=[act.pk])
    told_done = _("Taken back.") if act.undone_at else tell(Verb(act.verb), job.total if job else done)
    sentence = tell_stuck(act) or told_done
    told = {"act": act.pk, "address": address, "undo": undo, "told": sentence}
    return {**told, "done": done, "failed": failed, "job": job is not None}


def tell_stuck(act: Act) -> str:
    """How many tracks could not be taken back, and why where that is the same for all; empty where there are none."""
    reasons = list(act.changes.all().stuck().values_list("problem", flat=True))
    if not reasons:
        return ""
    sentence = ngettext("%(count)d track stays as it is.", "%(count)d tracks stay as they are.", len(reasons))
    why = _(reasons[0]) if len(set(reasons)) == 1 else ""
    return f"{sentence % {'count': len(reasons)}} {why}".strip()


def count_changes(act: Act) -> tuple[int, int]:
    """How many tracks were changed, and how many could not be."""
    total, done = act.changes.count(), act.changes.filter(problem="").count()
    return done, total - done


def way_back(request: HttpRequest, act: Act) -> str:
    """What the notices of `base.html` take for the number of an act that the viewer may take back."""
    user = request.user
    is_open = isinstance(user, User) and can_be_taken_back(act) and may_take_back(act, user)
    return str(act.pk) if is_open else ""


def _link(sentence: str, address: str, label: str) -> str:
    return format_html('{} <a href="{}">{}</a>', sentence, address, label)
