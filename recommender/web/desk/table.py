"""What is said of tracks as a table: taken along for a spreadsheet, and what a table that comes back would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.facets import select_tracks
from recommender.catalog.models import Track, TrackQuerySet
from recommender.catalog.search import MOST_FOUND
from recommender.curation.acts import label_of
from recommender.curation.errors import CurationError
from recommender.curation.models import Change, Draft
from recommender.curation.table_reading import LARGEST_BYTES, MOST_ROWS
from recommender.curation.table_writing import MEDIA_TYPES, TableFormat, write_table
from recommender.curation.tables import apply_draft
from recommender.web.asked_numbers import parse_whole
from recommender.web.desk.access import require_user
from recommender.web.desk.diffs import Difference, read_differences
from recommender.web.desk.telling import tell_act
from recommender.web.listing import read_asked
from recommender.web.paging import link_to
from recommender.web.refusals import BadAddressError

PAGE_SIZE: Final = 50
MOST_PROBLEMS_SHOWN: Final = 200
_HOW_SHOWN: Final = ("sort", "view")


@dataclass(frozen=True, kw_only=True)
class TablePage:
    """`downloads`: the names of the formats, and where they are. `is_narrowed`: as the library was. `is_cut`: a search
    found more than it looks at.
    """

    total: int
    downloads: Sequence[tuple[str, str]]
    is_narrowed: bool
    is_cut: bool
    drafts: Sequence[Draft]
    most_rows: int = MOST_ROWS
    largest_bytes: int = LARGEST_BYTES


@dataclass(frozen=True, kw_only=True)
class DraftRow:
    """`track` is None where the viewer may not describe it any more."""

    number: int
    track: Track | None
    label: str
    differences: Sequence[Difference]


@dataclass(frozen=True, kw_only=True)
class DraftPage:
    """`problems`: row, column (empty for the whole row) and why; `unshown` is how many more there are."""

    draft: Draft
    rows: Sequence[DraftRow]
    problems: Sequence[tuple[int, str, str]]
    unshown: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """`link` begins the query string that narrows to these."""

    tracks: TrackQuerySet
    link: str
    is_narrowed: bool
    is_cut: bool


@require_safe
@login_required
def table(request: HttpRequest) -> HttpResponse:
    """The address narrows as that of the library does."""
    viewer = require_describer(request)
    return render(request, "desk/table.html", {"page": offer_table(viewer, request.GET)})


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """`?as=csv`, and what narrows the library, of which the format of files is a part. Raises BadAddressError."""
    viewer, given = require_describer(request), request.GET.get("as", "")
    if given not in list(TableFormat):
        sentence = _("The format of a table is one of: %(choices)s.")
        raise BadAddressError(sentence % {"choices": ", ".join(TableFormat)})
    kind = TableFormat(given)
    pieces = write_table(choose_tracks(viewer, request.GET).tracks, kind)
    answer = StreamingHttpResponse(pieces, content_type=MEDIA_TYPES[kind])
    suffix = "json" if kind is TableFormat.JSON else "csv"
    answer["Content-Disposition"] = f'attachment; filename="soundalike-{timezone.localdate():%Y-%m-%d}.{suffix}"'
    return answer


@require_safe
@login_required
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    viewer = require_describer(request)
    found = get_object_or_404(Draft, pk=draft_id, owner=viewer)
    first = parse_whole(request.GET.get("from", "")) or 0
    return render(request, "desk/table_draft.html", {"page": show_draft(viewer, found, first)})


@require_POST
def apply(request: HttpRequest, draft_id: int) -> HttpResponse:
    viewer = require_describer(request)
    found = get_object_or_404(Draft, pk=draft_id, owner=viewer)
    try:
        applied = apply_draft(found, viewer)
    except CurationError as error:
        messages.error(request, str(error))
        return redirect("desk_table")
    tell_act(request, applied.act)
    if lost := applied.lost:
        told = ngettext(
            "%(count)d track is out of your reach by now.", "%(count)d tracks are out of your reach by now.", lost
        )
        messages.warning(request, told % {"count": lost})
    return redirect("desk_table")


@require_POST
def discard(request: HttpRequest, draft_id: int) -> HttpResponse:
    viewer = require_describer(request)
    found = get_object_or_404(Draft, pk=draft_id, owner=viewer)
    found.delete()
    messages.info(request, _("“%(name)s” was discarded. Nothing was changed.") % {"name": found.file_name})
    return redirect("desk_table")


def require_describer(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    viewer = require_user(request)
    if not viewer.is_uploader:
        raise PermissionDenied(_("Your account may listen, but has no tracks to describe."))
    return viewer


def offer_table(viewer: User, given: QueryDict) -> TablePage:
    chosen = choose_tracks(viewer, given)
    drafts = Draft.objects.filter(owner=viewer, change_count__gt=0).defer("changes", "problems", "remarks")
    return TablePage(
        total=chosen.tracks.count(),
        downloads=_link_downloads(chosen.link),
        is_narrowed=chosen.is_narrowed,
        is_cut=chosen.is_cut,
        drafts=list(drafts),
    )


def choose_tracks(viewer: User, given: QueryDict) -> Chosen:
    """What the library shows at such an address, or all there is; to those who are no curators only their own."""
    asked = read_asked(viewer, given)
    selection = asked.selection
    is_narrowed = bool(asked.query or selection.chosen or selection.is_mine)
    found = select_tracks(selection) if is_narrowed else Track.objects.visible_to(viewer)
    return Chosen(
        tracks=found if viewer.is_curator else found.filter(owner=viewer),
        link=asked.address.cleared(*_HOW_SHOWN) + "&" if is_narrowed else "?",
        is_narrowed=is_narrowed,
        is_cut=len(selection.ids or ()) == MOST_FOUND,
    )


def show_draft(viewer: User, found: Draft, first: int) -> DraftPage:
    part = found.changes[first : first + PAGE_SIZE]
    tracks = Track.objects.describable_by(viewer).select_related("artist").defer("waveform")
    seen = tracks.in_bulk([change["track"] for change in part])
    rows = []
    for change in part:
        track = seen.get(change["track"])
        told = Change(before=change["seen"], after=change["wanted"]) if track else Change()
        label = label_of(track) if track else ""
        rows.append(DraftRow(number=change["row"], track=track, label=label, differences=read_differences(told)))
    return DraftPage(
        draft=found,
        rows=rows,
        problems=found.problems[:MOST_PROBLEMS_SHOWN],
        unshown=found.problem_count - min(len(found.problems), MOST_PROBLEMS_SHOWN),
        before=link_to({}, **{"from": str(max(0, first - PAGE_SIZE))}) if first else "",
        after=link_to({}, **{"from": str(first + PAGE_SIZE)}) if first + PAGE_SIZE < len(found.changes) else "",
    )


def _link_downloads(link: str) -> list[tuple[str, str]]:
    names = {
        TableFormat.CSV: _("CSV"),
        TableFormat.SEMICOLONS: _("CSV with semicolons"),
        TableFormat.JSON: _("JSON"),
    }
    return [(name, f"{reverse('desk_table_export')}{link}as={kind}") for kind, name in names.items()]
