"""What a listener likes: one's own list, newest first, to be played and to be made a playlist of."""

from dataclasses import dataclass
from typing import Final, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.listening.feedback import likes_of
from recommender.web.paging import Asked, Order, cut_page, link_to, load_rows

PAGE_SIZE: Final = 60
NEWEST_FIRST: Final = Order(is_descending=True)
# A form may not have many more fields.
MOST_SAVED: Final = 900


@dataclass(frozen=True, kw_only=True)
class LikedPage:
    """`total` are all, `saved` the ids of the newest of them, for a playlist; `before` and `after` as in `paging`."""

    tracks: list[Track]
    total: int
    saved: list[int]
    before: str
    after: str


@require_safe
@login_required
def liked(request: HttpRequest) -> HttpResponse:
    return render(request, "liked.html", {"page": list_liked(cast(User, request.user), request.GET)})


def list_liked(listener: User, asked: Asked) -> LikedPage:
    visible = Track.objects.visible_to(listener)
    likes = likes_of(listener, visible)
    cut = cut_page(likes, NEWEST_FIRST, asked, size=PAGE_SIZE)
    return LikedPage(
        tracks=load_rows(visible.for_listing(), [like.track_id for like in cut.rows]),
        total=likes.count(),
        saved=list(likes.order_by("-pk").values_list("track_id", flat=True)[:MOST_SAVED]),
        before=link_to({}, before=cut.before) if cut.before else "",
        after=link_to({}, after=cut.after) if cut.after else "",
    )
