"""Hubs and orphans: the outliers of the catalog."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.curation.reach import describe_reach
from recommender.similarity.nearness.reach import Spread
from recommender.web.desk.access import require_curator


@require_safe
@login_required
def reach(request: HttpRequest) -> HttpResponse:
    require_curator(request)
    found = describe_reach()
    rows = (
        []
        if found is None
        else [
            (_("By cosine alone"), *write_spread(found.measured.plain)),
            (_("As recommended"), *write_spread(found.measured.served)),
        ]
    )
    return render(request, "desk/reach.html", {"page": found, "rows": rows})


def write_spread(spread: Spread) -> tuple[str, str]:
    """Hubness, and reach as a share of the tracks."""
    share = _("%(share)s%%") % {"share": number_format(f"{100 * spread.reach:.1f}")}
    return number_format(f"{spread.hubness:.2f}"), share
