"""The page of genres: what there is, how much of it, and what it looks like."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Min, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import count_genres, visible_genres
from recommender.catalog.joining import JoinedTexts
from recommender.catalog.models import Genre, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.web.cards import COVERED, PICTURES, picture_url
from recommender.web.paging import Asked, Order, cut_page, link_to

PAGE_SIZE = 48
BY_NAME = Order(field="name_key", kind=str)


@dataclass(frozen=True, kw_only=True)
class GenreCard:
    genre: Genre
    tracks: int
    pictures: list[str]


@dataclass(frozen=True, kw_only=True)
class GenresPage:
    """`before` and `after` are the query strings of the pages beside this one; empty at the ends."""

    cards: list[GenreCard]
    total: int
    before: str
    after: str


@require_safe
def genres(request: HttpRequest) -> HttpResponse:
    return render(request, "genres.html", {"page": list_genres(request.user, request.GET)})


def list_genres(viewer: Viewer, asked: Asked) -> GenresPage:
    counts = count_genres(viewer)
    cut = cut_page(visible_genres(viewer), BY_NAME, asked, size=PAGE_SIZE)
    pictures = _find_pictures(Track.objects.visible_to(viewer).playable(), cut.rows)
    return GenresPage(
        cards=[
            GenreCard(
                genre=genre, tracks=counts[genre.pk], pictures=pictures[genre.pk] or [picture_url(None, genre.pk)]
            )
            for genre in cut.rows
        ],
        total=len(counts),
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )


def _find_pictures(heard: TrackQuerySet, genres: list[Genre]) -> dict[int, list[str]]:
    """Different covers of each genre."""
    covers = heard.filter(COVERED, genres=OuterRef("pk")).order_by().values(joined=F("cover")).distinct()[:PICTURES]
    rows = Genre.objects.filter(pk__in=[genre.pk for genre in genres]).values_list("pk", JoinedTexts(covers))
    found = {pk: joined.split(",") for pk, joined in rows if joined}
    wanted = {cover for of_genre in found.values() for cover in of_genre}
    shown_by = dict(heard.filter(cover__in=wanted).order_by().values_list("cover").annotate(Min("pk")))
    pictures: dict[int, list[str]] = defaultdict(list)
    for pk, of_genre in found.items():
        pictures[pk] = [picture_url(shown_by[cover], pk) for cover in of_genre if cover in shown_by]
    return pictures
