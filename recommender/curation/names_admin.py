"""Artists, releases and genres at the curators' desk: their names are mended here for all tracks at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists, visible_genres, visible_releases
from recommender.catalog.credits import Mentions, drop_unused
from recommender.catalog.models import Artist, Genre, Release
from recommender.catalog.names import LONGEST_KEY, fold
from recommender.curation.artists import check_names, rename_artist
from recommender.curation.errors import CurationError
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


class ArtistForm(NameForm):
    """A name is changed as the artists desk does it: by those who may, and by an act."""

    actor: User

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "name" in self.changed_data and not self.errors:
            try:
                check_names(self.actor, self.instance, [cleaned["name"]])
            except CurationError as error:
                self.add_error("name", str(error))
        return cleaned

    def find_equal(self, key: str) -> QuerySet[Artist]:
        """Of those that only private tracks of others name nothing is told."""
        return visible_artists(self.actor).filter(name_key=key)


class ReleaseForm(NameForm):
    named = "title"

    def find_equal(self, key: str) -> QuerySet[Release]:
        return Release.objects.filter(title_key=key, artist=self.cleaned_data.get("artist"))


@admin.register(Artist)
class ArtistAdmin(ByRole):
    form = ArtistForm
    fields = ("name", "musicbrainz_id")
    ordering = ("name_key",)
    search_fields = ("name", "name_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artist]:
        return visible_artists(request.user)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **given: Any) -> Any:
        made: Any = super().get_form(request, obj, change, **given)
        made.actor = request.user
        return made

    def save_model(self, request: HttpRequest, obj: Artist, form: forms.ModelForm, change: bool) -> None:
        if isinstance(request.user, User) and "name" in form.changed_data:
            rename_artist(request.user, Artist.objects.get(pk=obj.pk), obj.name)
        Artist.objects.filter(pk=obj.pk).update(musicbrainz_id=obj.musicbrainz_id)


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
