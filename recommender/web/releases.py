"""The pages of releases: all of them as covers, and one with its tracks."""

from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import appearances_of, count_releases, releases_of, visible_artists, visible_releases
from recommender.catalog.merged import find_kept_artist
from recommender.catalog.models import Artist, Release, Track
from recommender.catalog.models.music import Viewer
from recommender.web.alike import describe_similar_releases
from recommender.web.asked_numbers import parse_whole
from recommender.web.cards import COVERED, IN_ORDER, ReleaseCard, describe_releases, picture_url
from recommender.web.listing import Choice
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE = 48
TRACKS_PER_PAGE = 200
SORTS: dict[str, tuple[str, Order]] = {
    "newest": (gettext_noop("Newest"), Order(is_descending=True)),
    "title": (gettext_noop("Title"), Order(field="title_key", kind=str)),
    "artist": (gettext_noop("Artist"), Order(field="artist__name_key", kind=str)),
    "year": (gettext_noop("Year"), Order(field="year", is_descending=True, is_nullable=True)),
}
NARROWED = {"artist": releases_of, "with": appearances_of}


@dataclass(frozen=True, kw_only=True)
class ReleasesPage:
    """`artist`: whose releases these are, and if `are_appearances`, on whose releases the artist appears."""

    cards: list[ReleaseCard]
    total: int
    sorts: list[Choice]
    artist: Artist | None
    are_appearances: bool
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ReleasePage:
    """`discs` are numbers with their tracks, without a number where there is but one disc. `alike` sound like it."""

    discs: list[tuple[int | None, list[Track]]]
    part: Page
    total: int
    duration_seconds: float
    picture: str
    has_cover: bool
    first: Track | None
    alike: list[ReleaseCard]


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    return render(request, "releases.html", {"page": list_releases(request.user, request.GET)})


@require_safe
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    found = get_object_or_404(Release.objects.select_related("artist"), pk=release_id)
    page = describe_release(request.user, found, request.GET)
    return render(request, "release.html", {"release": found, "page": page})


def list_releases(viewer: Viewer, asked: Asked) -> ReleasesPage:
    """Raises Http404 for an artist the viewer may not know of."""
    narrowed = next((name for name in NARROWED if asked.get(name)), "")
    artist = _find_artist(viewer, asked[narrowed]) if narrowed else None
    found = NARROWED[narrowed](viewer, artist) if artist else visible_releases(viewer)
    sort = asked.get("sort", "")
    sort = sort if sort in SORTS else "newest"
    cut = cut_page(found, SORTS[sort][1], asked, size=PAGE_SIZE, listed=Release.objects.select_related("artist"))
    kept = {narrowed: asked[narrowed]} if narrowed else {}
    here = {**kept, "sort": "" if sort == "newest" else sort}
    return ReleasesPage(
        cards=describe_releases(viewer, cut.rows),
        total=found.count() if artist else count_releases(viewer),
        sorts=[
            Choice(label=_(label), link=link_to({**kept, "sort": name}), is_chosen=name == sort)
            for name, (label, _order) in SORTS.items()
        ],
        artist=artist,
        are_appearances=narrowed == "with",
        before=link_to(here, before=cut.before) if cut.before else "",
        after=link_to(here, after=cut.after) if cut.after else "",
    )


def describe_release(viewer: Viewer, release: Release, asked: Asked) -> ReleasePage:
    """Raises Http404 when the viewer may know of no track on it."""
    tracks = Track.objects.visible_to(viewer).filter(release=release)
    summed = tracks.aggregate(total=Count("pk"), seconds=Sum("duration_seconds"), covered=Max("pk", filter=COVERED))
    if not summed["total"]:
        raise Http404
    part = Paginator(tracks.for_listing().order_by(*IN_ORDER), TRACKS_PER_PAGE).get_page(asked.get("page"))
    shown = list(part.object_list)
    return ReleasePage(
        discs=_by_disc(shown),
        part=part,
        total=summed["total"],
        duration_seconds=summed["seconds"] or 0.0,
        picture=picture_url(summed["covered"], shown[0].release_id or 0, side=1000),
        has_cover=summed["covered"] is not None,
        first=next((track for track in shown if track.is_playable), None),
        alike=[] if part.has_previous() else describe_similar_releases(viewer, release),
    )


def _by_disc(tracks: list[Track]) -> list[tuple[int | None, list[Track]]]:
    discs = [(number, list(of_disc)) for number, of_disc in groupby(tracks, key=lambda track: track.disc_number)]
    return discs if len(discs) > 1 else [(None, tracks)]


def _find_artist(viewer: Viewer, number: str) -> Artist:
    """Raises Http404."""
    artist_id = parse_whole(number)
    if artist_id is None:
        raise Http404
    visible = visible_artists(viewer)
    found = visible.filter(pk=artist_id).first()
    return found or get_object_or_404(visible, pk=find_kept_artist(artist_id, viewer))
