"""The trash: what was deleted lately, brought back or deleted for good."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_list_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.merged import find_kept_tracks
from recommender.catalog.models import Track
from recommender.curation.acts import perform
from recommender.curation.errors import CurationError
from recommender.curation.models import Verb
from recommender.curation.trashing import in_trash
from recommender.web.asked_numbers import parse_whole
from recommender.web.asked_tracks import read_track_ids
from recommender.web.desk.doing import refuse
from recommender.web.desk.telling import tell_act
from recommender.web.paging import link_to
from recommender.web.refusals import BadAddressError
from recommender.web.uploads import require_uploader

PAGE_SIZE: Final = 100
MOST_CHOSEN: Final = 1000


@dataclass(frozen=True, kw_only=True)
class TrashedRow:
    """`kept` is the track it was merged into, if it was and the viewer may know of that."""

    track: Track
    left: str
    kept: Track | None


@dataclass(frozen=True, kw_only=True)
class TrashPage:
    rows: list[TrashedRow]
    total: int
    days: int
    before: str
    after: str


@require_safe
@login_required
def trash(request: HttpRequest) -> HttpResponse:
    viewer = require_uploader(request)
    return render(request, "trash.html", {"page": list_trash(viewer, request.GET)})


@require_POST
def all_of_it(request: HttpRequest) -> HttpResponse:
    """`verb`: restore or purge."""
    viewer, verb = require_uploader(request), request.POST.get("verb", "")
    if verb not in (Verb.RESTORE, Verb.PURGE):
        raise BadAddressError(_("What is done is one of: %(choices)s.") % {"choices": "restore, purge"})
    try:
        act = perform(Verb(verb), viewer, list(in_trash(viewer).values_list("pk", flat=True)))
    except CurationError as error:
        return refuse(request, error)
    tell_act(request, act)
    return redirect("trash")


@require_safe
@login_required
def purge(request: HttpRequest) -> HttpResponse:
    """Asks whether it is meant: of the tracks that are chosen, or of all with `all`."""
    viewer = cast(User, request.user)
    if not viewer.is_administrator:
        raise PermissionDenied(_("Only administrators delete for good."))
    if "all" in request.GET:
        return render(request, "trash_purge.html", {"is_all": True, "count": in_trash(viewer).count()})
    chosen = get_list_or_404(in_trash(viewer), pk__in=_read_chosen(request.GET))
    return render(request, "trash_purge.html", {"chosen": chosen, "count": len(chosen)})


def list_trash(viewer: User, asked: QueryDict) -> TrashPage:
    """What went in last comes first."""
    found, start = in_trash(viewer), parse_whole(asked.get("from", "")) or 0
    listed = found.select_related("trashed__by", "owner", "audio_file", "artist").prefetch_related("credits__artist")
    rows = list(listed.defer("waveform").order_by("-trashed__at", "-pk")[start : start + PAGE_SIZE])
    total, end = found.count(), start + PAGE_SIZE
    kept = find_kept_tracks([track.pk for track in rows], viewer)
    return TrashPage(
        rows=[
            TrashedRow(
                track=track,
                left=tell_time_left(track.trashed.purge_at),
                kept=kept.get(track.pk),
            )
            for track in rows
        ],
        total=total,
        days=settings.TRASH.kept_for.days,
        before=reverse("trash") + link_to({"from": str(max(0, start - PAGE_SIZE) or "")}) if start else "",
        after=link_to({"from": str(end)}) if end < total else "",
    )


def tell_time_left(until: dt.datetime) -> str:
    left = until - timezone.now()
    if left < dt.timedelta(days=1):
        return _("less than a day left")
    days = math.ceil(left / dt.timedelta(days=1))
    return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}


def _read_chosen(asked: QueryDict) -> list[int]:
    """Raises BadAddressError."""
    ids = read_track_ids(asked)
    if not 0 < len(ids) <= MOST_CHOSEN:
        raise BadAddressError(_("Choose from 1 to %(most)d tracks.") % {"most": MOST_CHOSEN})
    return ids
