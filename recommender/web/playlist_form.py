"""What its owner says of a playlist: what it is called, what it is about, and who sees it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from recommender.listening.errors import PlaylistError
from recommender.listening.models import Playlist, Sharing
from recommender.listening.playlists import LONGEST_NAME, describe_playlist
from recommender.web.playlist_access import find_own_playlist, refuse_change


class PlaylistForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who sees it"),
        choices=Sharing.choices,
        help_text=gettext_lazy("Whoever sees it sees only those of its tracks that are there for them anyway."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, playlist_id: int) -> HttpResponse:
    found = find_own_playlist(request.user, playlist_id)
    form = PlaylistForm(request.POST if request.method == "POST" else None, initial=_read_fields(found))
    if not form.is_bound or not form.is_valid():
        return render(request, "playlist_edit.html", {"playlist": found, "form": form})
    try:
        describe_playlist(found, **form.cleaned_data)
    except PlaylistError as error:
        return refuse_change(request, error, reverse("playlist_edit", args=[found.pk]))
    messages.success(request, _("Saved."))
    return redirect("playlist", playlist_id=found.pk)


def _read_fields(found: Playlist) -> dict[str, str]:
    return {"name": found.name, "description": found.description, "visibility": found.visibility}
