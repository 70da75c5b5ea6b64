"""What listeners report about tracks: the form, and the page where they read what came of it."""

from dataclasses import dataclass
from typing import Final, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.models import Report, ReportReason
from recommender.curation.reports import find_open, report_track
from recommender.ingest.errors import TooOftenError
from recommender.web.answers import problem, wants_json
from recommender.web.paging import Asked, Order, cut_page, link_to
from recommender.web.track_access import find_visible

PAGE_SIZE: Final = 50
NEWEST_FIRST: Final = Order(is_descending=True)


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("What is wrong"), choices=[("", gettext_lazy("Choose one")), *ReportReason.choices]
    )
    text = forms.CharField(
        label=gettext_lazy("In a sentence or two"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Curators read it and see that it is from you. "
            "Whoever uploaded the track does not, unless they run the site."
        ),
    )


@dataclass(frozen=True, kw_only=True)
class OwnReport:
    """`track` is None where the reporter may not see it, or not any more."""

    report: Report
    track: Track | None


@dataclass(frozen=True, kw_only=True)
class ReportsPage:
    rows: list[OwnReport]
    before: str
    after: str


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, track_id: int) -> HttpResponse:
    """`reason` is one of ReportReason, `text` says more. What is reported already and still open is amended."""
    track, reporter = find_visible(request.user, track_id), request.user
    if not isinstance(reporter, User):
        return _ask_to_sign_in(request)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=_read_known(reporter, track))
    if form.is_bound and form.is_valid():
        return _take(request, reporter, track, form)
    if form.is_bound and wants_json(request):
        return problem("bad_report", " ".join(str(each) for listed in form.errors.values() for each in listed), 400)
    return _show(request, track, form)


@require_safe
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    return render(request, "reports.html", {"page": list_reports(cast(User, request.user), request.GET.dict())})


def list_reports(reporter: User, asked: Asked) -> ReportsPage:
    cut = cut_page(Report.objects.filter(reporter=reporter), NEWEST_FIRST, asked, size=PAGE_SIZE)
    seen = Track.objects.visible_to(reporter).in_bulk({each.track_id for each in cut.rows})
    return ReportsPage(
        rows=[OwnReport(report=each, track=seen.get(each.track_id)) for each in cut.rows],
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def _read_known(reporter: User, track: Track) -> dict[str, str]:
    """What is open already; empty where nothing is."""
    known = find_open(reporter, track.pk).first()
    return {"reason": known.reason, "text": known.text} if known else {}


def _take(request: HttpRequest, reporter: User, track: Track, form: ReportForm) -> HttpResponse:
    try:
        made = report_track(track, reporter, **form.cleaned_data)
    except TooOftenError as error:
        return _refuse(request, track, form, error)
    if wants_json(request):
        return HttpResponse(status=204)
    told = _("Your report is amended.") if made.is_amended else _("Thank you. A curator will look at it.")
    messages.success(request, format_html('{} <a href="{}">{}</a>', told, reverse("reports"), _("Your reports")))
    return redirect("track", track_id=track.pk)


def _refuse(request: HttpRequest, track: Track, form: ReportForm, error: TooOftenError) -> HttpResponse:
    """What was written is not lost."""
    form.add_error(None, str(error))
    answer = problem("too_often", str(error), 429) if wants_json(request) else _show(request, track, form, status=429)
    answer["Retry-After"] = str(error.retry_after_seconds)
    return answer


def _show(request: HttpRequest, track: Track, form: ReportForm, status: int = 200) -> HttpResponse:
    return render(request, "track_report.html", {"track": track, "form": form}, status=status)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Raises PermissionDenied where something was sent."""
    if request.method == "POST":
        raise PermissionDenied(_("Sign in to report a track."))
    return redirect_to_login(request.get_full_path())
