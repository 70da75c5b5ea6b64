"""Artists, releases and genres at the curators' desk: their names are mended here for all tracks at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommender.catalog.browsing import visible_artists, visible_genres, visible_releases
from recommender.catalog.credits import Mentions, drop_unused
from recommender.catalog.models import Artist, Genre, Release
from recommender.catalog.names import LONGEST_KEY, fold
from recommender.curation.rights import ByRole
from recommender.ingest.text import make_readable


class NameForm(forms.ModelForm):
    """Refuses a name that another one equals once folded: the database would."""

    named = "name"

    def clean(self) -> dict[str, Any]:
        super().clean()
        field, given = self.named, self.cleaned_data.get(self.named)
        if given is None:
            return self.cleaned_data
        name = make_readable(given, len(given))
        if not name:
            self.add_error(field, _("A name has to be seen."))
        elif self.find_equal(fold(name)[:LONGEST_KEY]).exclude(pk=self.instance.pk).exists():
            self.add_error(field, _("There is another one of this name."))
        return {**self.cleaned_data, field: name}

    def find_equal(self, key: str) -> QuerySet[Any]:
        model: type[Artist | Genre] = self._meta.model
        return model._default_manager.filter(name_key=key)


class ReleaseForm(NameForm):
    named = "title"

    def find_equal(self, key: str) -> QuerySet[Release]:
        return Release.objects.filter(title_key=key, artist=self.cleaned_data.get("artist"))


@admin.register(Artist)
class ArtistAdmin(ByRole):
    form = NameForm
    fields = ("name", "musicbrainz_id")
    ordering = ("name_key",)
    search_fields = ("name", "name_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artist]:
        return visible_artists(request.user)


@admin.register(Release)
class ReleaseAdmin(ByRole):
    form = ReleaseForm
    fields = ("title", "artist", "year", "musicbrainz_id")
    list_display = ("title", "artist", "year")
    list_select_related = ("artist",)
    ordering = ("title_key",)
    search_fields = ("title", "title_key", "artist__name", "artist__name_key")
    autocomplete_fields = ("artist",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        return visible_releases(request.user)

    def save_model(self, request: HttpRequest, obj: Release, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Whose release it was may have made nothing else.
        drop_unused(Mentions(artists=frozenset({form.initial["artist"]}), releases=frozenset(), genres=frozenset()))


@admin.register(Genre)
class GenreAdmin(ByRole):
    form = NameForm
    fields = ("name",)
    ordering = ("name_key",)
    search_fields = ("name", "name_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Genre]:
        return visible_genres(request.user)
