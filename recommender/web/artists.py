"""The pages of artists: all of them from A to Z, and one with what it has made."""

from dataclasses import dataclass

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import (
    appearances_of,
    count_artists,
    counted_artists,
    releases_of,
    visible_artists,
)
from recommender.catalog.models import Artist, Release, Track
from recommender.catalog.models.music import Viewer
from recommender.web.alike import describe_similar_artists
from recommender.web.cards import ArtistCard, ReleaseCard, describe_artists, describe_releases, picture_url
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE = 60
MOST_RELEASES = 24
MOST_APPEARANCES = 12
BY_NAME = Order(field="name_key", kind=str)
BY_TITLE = Order(field="title_key", kind=str)
NEWEST_FIRST = (F("year").desc(nulls_last=True), "-pk")
# Where the letters begin: places in the order of names, as the pages beside a page are.
LETTERS = (("#", ""), *((letter.upper(), f"0~{letter}") for letter in "abcdefghijklmnopqrstuvwxyz"), ("…", "0~z~"))


@dataclass(frozen=True, kw_only=True)
class ArtistsPage:
    """`before` and `after` are the query strings of the pages beside this one; empty at the ends."""

    cards: list[ArtistCard]
    total: int
    letters: list[tuple[str, str]]
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ArtistPage:
    """Releases of the artist, tracks that are on none, and releases of others the artist is credited on.

    `also`: its other names. `alike`: artists who sound like this one.
    """

    card: ArtistCard
    also: list[str]
    releases: list[ReleaseCard]
    has_more_releases: bool
    tracks: list[Track]
    before: str
    after: str
    appearances: list[ReleaseCard]
    has_more_appearances: bool
    alike: list[ArtistCard]


@require_safe
def artists(request: HttpRequest) -> HttpResponse:
    return render(request, "artists.html", {"page": list_artists(request.user, request.GET)})


@require_safe
def artist(request: HttpRequest, artist_id: int) -> HttpResponse:
    found = get_object_or_404(counted_artists(request.user), pk=artist_id)
    page = describe_artist(request.user, found, request.GET)
    return render(request, "artist.html", {"artist": found, "page": page})


def list_artists(viewer: Viewer, asked: Asked) -> ArtistsPage:
    cut = cut_page(visible_artists(viewer), BY_NAME, asked, size=PAGE_SIZE)
    is_long = bool(cut.before or cut.after)
    return ArtistsPage(
        cards=describe_artists(viewer, cut.rows),
        total=count_artists(viewer),
        letters=[(letter, link_to({}, after=place)) for letter, place in LETTERS] if is_long else [],
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def describe_artist(viewer: Viewer, artist: Artist, asked: Asked) -> ArtistPage:
    """Needs `counted_artists`. Raises Http404 for an artist the viewer may not know of."""
    tracks, releases = getattr(artist, "track_count", 0), getattr(artist, "release_count", 0)
    if not (tracks or releases):
        raise Http404
    loose = Track.objects.visible_to(viewer).filter(credits__artist=artist, release=None)
    cut = cut_page(loose, BY_TITLE, asked, size=PAGE_SIZE, listed=Track.objects.for_listing())
    own, others = ([], []) if cut.before else _newest_releases(viewer, artist)
    cards = describe_releases(viewer, own[:MOST_RELEASES] + others[:MOST_APPEARANCES])
    made, appearances = cards[: len(own[:MOST_RELEASES])], cards[len(own[:MOST_RELEASES]) :]
    covered = [*(card.covered for card in made), *(track.pk for track in cut.rows if track.has_cover)]
    covered += [card.covered for card in appearances]
    picture = picture_url(next(filter(None, covered), None), artist.pk)
    return ArtistPage(
        card=ArtistCard(artist=artist, tracks=tracks, releases=releases, picture=picture),
        also=(getattr(artist, "alias_lines", None) or "").splitlines(),
        releases=made,
        has_more_releases=len(own) > MOST_RELEASES,
        tracks=cut.rows,
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
        appearances=appearances,
        has_more_appearances=len(others) > MOST_APPEARANCES,
        alike=[] if cut.before else describe_similar_artists(viewer, artist),
    )


def _newest_releases(viewer: Viewer, artist: Artist) -> tuple[list[Release], list[Release]]:
    """Those the artist made and those of others, each with one more than is shown. Further pages have but tracks."""
    own = releases_of(viewer, artist).order_by(*NEWEST_FIRST)[: MOST_RELEASES + 1]
    others = appearances_of(viewer, artist).order_by(*NEWEST_FIRST)[: MOST_APPEARANCES + 1]
    return list(own), list(others)
