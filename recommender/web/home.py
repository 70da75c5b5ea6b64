"""The first page: what to go on with, what is new, what was loved once, and what is made for the listener."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, cast
from zlib import crc32

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.models import Analysis, Track
from recommender.catalog.models.music import Viewer
from recommender.listening.models import Play
from recommender.listening.plays import forgotten_favourites, played_lately
from recommender.similarity.made_for_you import make_shelves
from recommender.web.cards import ReleaseCard
from recommender.web.listing import KNOWN
from recommender.web.states import UNFINISHED

MOST_CONTINUED: Final = 6
MOST_FRESH: Final = 12
MOST_REDISCOVERED: Final = 12
# So many of the newest tracks are looked at: a long release is one arrival.
_NEWEST: Final = 200
_MOST_FORGOTTEN: Final = 500
_FORGOTTEN_AFTER: Final = dt.timedelta(days=30)
_WHOLE_SHARE: Final = 0.9


class Continued(NamedTuple):
    """A track and how it was played last. `is_left`: not to its end."""

    track: Track
    play: Play
    is_left: bool


class Arrival(NamedTuple):
    """Something new: a track, or several of one release."""

    track: Track
    release: ReleaseCard | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many of the viewer's own tracks are listened to by now."""

    waiting: int
    total: int

    @property
    def done(self) -> int:
        return self.total - self.waiting


@dataclass(frozen=True, kw_only=True)
class HomePage:
    continued: list[Continued]
    fresh: list[Arrival]
    rediscovered: list[Track]
    progress: Progress | None


class _Newcomer(NamedTuple):
    pk: int
    release_id: int | None
    disc_number: int | None
    track_number: int | None
    cover_id: str | None

    @property
    def place(self) -> tuple[int, int, int]:
        return self.disc_number or 0, self.track_number or 1_000_000, self.pk


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The library was here once: addresses that ask something of it lead to where it is now."""
    if not request.GET.keys().isdisjoint(KNOWN):
        return redirect(f"{reverse('library')}?{request.GET.urlencode()}", permanent=True)
    return render(request, "home.html", {"page": describe_home(request.user)})


@require_safe
@login_required
def for_you(request: HttpRequest) -> HttpResponse:
    """A page of its own, of which the first page takes a part once it is there itself."""
    return render(request, "for_you.html", {"made": make_shelves(cast(User, request.user))})


def describe_home(viewer: Viewer) -> HomePage:
    """In at most ten queries, with those of the session."""
    listener = viewer if isinstance(viewer, User) else None
    plays = played_lately(listener, MOST_CONTINUED) if listener else []
    forgotten = _choose_forgotten(listener) if listener else []
    batches = _find_newcomers(viewer)
    shown = [*(play.track_id for play in plays), *forgotten, *(batch[0].pk for batch in batches)]
    listed = Track.objects.visible_to(viewer).for_listing().select_related("release__artist")
    tracks = listed.in_bulk(shown) if shown else {}
    return HomePage(
        continued=[_describe_play(tracks[play.track_id], play) for play in plays if play.track_id in tracks],
        fresh=[_describe_arrival(tracks[batch[0].pk], batch) for batch in batches if batch[0].pk in tracks],
        rediscovered=[tracks[track_id] for track_id in forgotten if track_id in tracks],
        progress=_measure_progress(listener) if listener else None,
    )


def _describe_play(track: Track, play: Play) -> Continued:
    return Continued(track, play, play.heard_seconds < _WHOLE_SHARE * (track.duration_seconds or 0.0))


def _choose_forgotten(listener: User) -> list[int]:
    """Others every day, and the same ones for a day."""
    heard = Track.objects.visible_to(listener).playable()
    now = timezone.now()
    ids = forgotten_favourites(listener, heard, since=now - _FORGOTTEN_AFTER).values_list("pk", flat=True)
    day = timezone.localdate(now)
    return sorted(ids[:_MOST_FORGOTTEN], key=lambda pk: crc32(f"{day} {pk}".encode()))[:MOST_REDISCOVERED]


def _find_newcomers(viewer: Viewer) -> list[list[_Newcomer]]:
    """The newest tracks, those of one release together and in their order, the newest first."""
    newest = Track.objects.visible_to(viewer).playable().order_by("-pk").values_list(*_Newcomer._fields)
    batches: dict[tuple[str, int], list[_Newcomer]] = {}
    for each in map(_Newcomer._make, newest[:_NEWEST]):
        key = ("release", each.release_id) if each.release_id else ("track", each.pk)
        batches.setdefault(key, []).append(each)
    return [sorted(batch, key=lambda each: each.place) for batch in [*batches.values()][:MOST_FRESH]]


def _describe_arrival(first: Track, batch: Sequence[_Newcomer]) -> Arrival:
    if first.release is None or len(batch) == 1:
        return Arrival(first, None)
    covered = next((each.pk for each in batch if each.cover_id), None)
    card = ReleaseCard(release=first.release, tracks=len(batch), covered=covered, first=first)
    return Arrival(first, card)


def _measure_progress(listener: User) -> Progress | None:
    """None where all is done."""
    own = Track.objects.filter(owner=listener, is_deleting=False)
    # Those that wait are few, or there are few others: from them to their tracks is the shorter way.
    unfinished = Analysis.objects.filter(space__is_active=True, state__in=UNFINISHED)
    waiting = own.filter(pk__in=unfinished.values("track")).count()
    return Progress(waiting=waiting, total=own.count()) if waiting else None
