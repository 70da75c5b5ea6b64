"""Every way to find music by how it sounds, on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.web.describe import list_examples


@require_safe
def discover(request: HttpRequest) -> HttpResponse:
    return render(request, "discover.html", {"examples": list_examples()})
