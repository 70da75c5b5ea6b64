"""What people change in what is said of a track, and how they take it back."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommender.accounts.models import User
from recommender.catalog.editing import edit_track, read_fields, undo_edit
from recommender.catalog.models import Track, TrackEdit
from recommender.web.answers import wants_json
from recommender.web.metadata_form import MetadataForm, describe_edit, label_fields
from recommender.web.track_access import find_describable

RECENT_EDITS = 5


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, track_id: int) -> HttpResponse:
    track = find_describable(request.user, track_id)
    form = MetadataForm(request.POST if request.method == "POST" else None, initial=read_fields(track))
    if not form.is_bound or not form.is_valid():
        return render(request, "track_edit.html", {"track": track, "form": form, "history": _recent_edits(track)})
    try:
        made = edit_track(track, cast(User, request.user), form.changes())
    except Track.DoesNotExist as error:
        raise Http404("the track was deleted meanwhile") from error
    return redirect(reverse("track", args=[track.pk]) + (f"?saved={made.pk}" if made else ""))


@require_POST
def undo(request: HttpRequest, edit_id: int) -> HttpResponse:
    made = get_object_or_404(TrackEdit.objects.select_related("track"), pk=edit_id)
    track = find_describable(request.user, made.track_id)
    kept = undo_edit(made, cast(User, request.user))
    if wants_json(request):
        return HttpResponse(status=204)
    if kept:
        told = _("Changed again since, so it stays as it is: %(fields)s.") % {"fields": label_fields(kept)}
        messages.warning(request, told)
    else:
        messages.success(request, _("The change was undone."))
    return redirect("track", track_id=track.pk)


def _recent_edits(track: Track) -> list[tuple[TrackEdit, list[tuple[str, str, str]]]]:
    return [(made, describe_edit(made)) for made in track.edits.select_related("editor")[:RECENT_EDITS]]
