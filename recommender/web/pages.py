"""The pages everybody sees: the library and a track."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.web.listing import browse
from recommender.web.moments import read_passage, read_start
from recommender.web.track_access import find_described
from recommender.web.track_page import describe_track
from recommender.web.wishes import read_wish


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    return render(request, "library.html", {"page": browse(request.user, request.GET)})


@require_safe
def track(request: HttpRequest, track_id: int) -> HttpResponse:
    found = find_described(request.user, track_id)
    wish, passage, start = (
        read_wish(request.GET),
        read_passage(request.GET, found.track),
        read_start(request.GET, found.track),
    )
    page = describe_track(found, request.user, wish, passage, given=request.GET)
    return render(request, "track.html", {"track": found.track, "page": page, "opens_at": start})
