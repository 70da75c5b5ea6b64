"""The review queue: one track that waits with all there is to judge it by, and what comes after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.curation.review import (
    Group,
    Place,
    find_place,
    group_waiting,
    recent_notes,
    waiting_for,
)
from recommender.web.asked_numbers import read_whole
from recommender.web.desk.access import require_curator
from recommender.web.desk.examining import Examined, examine
from recommender.web.paging import Asked, link_to, load_rows

PAGE_SIZE: Final = 25
# So many tracks of one uploader or of one release are decided together.
MOST_TOGETHER: Final = 2000
NARROWING: Final = ("owner", "release")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Narrows the queue down, or widens it again where that is what it shows."""

    group: Group
    link: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Together:
    """All that waits of one uploader or of one release: `ids` with commas between them, as `desk_do` reads them."""

    names: str
    ids: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Queue:
    """`rows` are what waits, each with the link that shows it. `here` shows the track that is looked at, and once that
    is decided the one that comes after it. `next` and `previous` lead on by a track, `before` and `after` by a page;
    empty at the ends.
    """

    rows: list[tuple[Track, str]]
    here: str
    next: str
    previous: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """`total` is of all that waits, whatever the queue is narrowed down to."""

    examined: Examined | None
    queue: Queue
    total: int
    uploaders: list[Choice]
    releases: list[Choice]
    together: Together | None
    notes: list[str]


@require_safe
@login_required
def review(request: HttpRequest) -> HttpResponse:
    viewer = require_curator(request)
    return render(request, "desk/review.html", {"page": describe_queue(viewer, request.GET.dict())})


def describe_queue(viewer: User, given: Asked) -> ReviewPage:
    """`from` is the track to look at, `owner` and `release` narrow the queue down. Raises BadAddressError."""
    asked, numbers = read_narrowing(given)
    start = read_whole(_("number of a track"), given.get("from") or "0")
    waiting = waiting_for(viewer, **numbers)
    groups = group_waiting(waiting_for(viewer), owner=numbers.get("owner"))
    uploaders, releases = _offer("owner", groups.uploaders, asked), _offer("release", groups.releases, asked)
    place = find_place(waiting, start, PAGE_SIZE)
    queue = cut_queue(waiting, place, asked)
    looked_at = next((track for track, _link in queue.rows if track.pk == place.ahead[0]), None)
    return ReviewPage(
        examined=examine(looked_at, viewer) if looked_at else None,
        queue=queue,
        total=sum(group.count for group in groups.uploaders),
        uploaders=uploaders,
        releases=releases,
        together=_gather(waiting, [*uploaders, *releases]) if asked else None,
        notes=recent_notes(viewer),
    )


def cut_queue(waiting: TrackQuerySet, place: Place, asked: Asked) -> Queue:
    """The page of the queue that begins with a track; where little follows, what comes before it fills the page."""
    ahead, behind = place
    filling = behind[: max(0, PAGE_SIZE - len(ahead))]
    listed = waiting.for_listing().select_related("owner").defer(None)
    rows = load_rows(listed, [*reversed(filling), *ahead[:PAGE_SIZE]])
    return Queue(
        rows=[(track, _link(asked, [track.pk])) for track in rows],
        here=_link(asked, ahead[:1]),
        next=_link(asked, ahead[1:2]),
        previous=_link(asked, behind[:1]),
        before=_link(asked, behind[len(filling) :][-1:]),
        after=_link(asked, ahead[PAGE_SIZE:]),
    )


def read_narrowing(given: Asked) -> tuple[dict[str, str], dict[str, int]]:
    """As links say it, and as numbers. Raises BadAddressError."""
    asked = {name: given[name] for name in NARROWING if given.get(name)}
    return asked, {name: read_whole(_("number of an uploader or a release"), text) for name, text in asked.items()}


def _offer(name: str, groups: Sequence[Group], asked: Asked) -> list[Choice]:
    offered = []
    for group in groups:
        is_chosen = asked.get(name) == str(group.pk)
        # Another uploader has other releases.
        kept = {} if name == "owner" else asked
        link = link_to(kept, **{name: "" if is_chosen else str(group.pk)})
        offered.append(Choice(group=group, link=link, is_chosen=is_chosen))
    return offered


def _gather(queue: TrackQuerySet, choices: Sequence[Choice]) -> Together | None:
    ids = list(queue.values_list("pk", flat=True)[:MOST_TOGETHER])
    names = ", ".join(choice.group.name for choice in choices if choice.is_chosen)
    return Together(names=names, ids=",".join(map(str, ids)), count=len(ids)) if len(ids) > 1 else None


def _link(asked: Asked, place: Sequence[int]) -> str:
    return link_to(asked, **{"from": str(place[0])}) if place else ""
