"""What came of an act: a notice with the way back for people, a few fields for scripts."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.accounts.models import User
from recommender.curation.acts import can_be_taken_back, may_take_back
from recommender.curation.models import Act, Verb
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
    """A notice about what was taken back, and what was not."""
    job, (done, kept) = act.jobs.filter(is_undoing=True).first(), count_changes(act)
    page = reverse("desk_act", args=[act.pk])
    if job is not None and not job.is_over:
        messages.info(request, _link(_("This is being taken back."), page, _("How far it is")))
        return
    if done:
        messages.success(request, _("Taken back."))
    if kept:
        sentence = ngettext("%(count)d track stays as it is.", "%(count)d tracks stay as they are.", kept)
        messages.warning(request, _link(sentence % {"count": kept}, page, _("Why")))


def describe_act(request: HttpRequest, act: Act) -> dict[str, object]:
    """For scripts. `undo` is where it is taken back, empty where it cannot be; `job` whether a worker does it."""
    (done, failed), job = count_changes(act), act.jobs.first()
    undo = reverse("desk_undo", args=[act.pk]) if way_back(request, act) else ""
    address = reverse("desk_act", args=[act.pk])
    sentence = _("Taken back.") if act.undone_at else tell(Verb(act.verb), job.total if job else done)
    told = {"act": act.pk, "address": address, "undo": undo, "told": sentence}
    return {**told, "done": done, "failed": failed, "job": job is not None}


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
