"""What curators do to the catalog, in Django's admin: find, edit, hide, withdraw, try again."""

from collections.abc import Mapping
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from recommender.accounts.models import Role, User
from recommender.catalog.models import Analysis, AnalysisState, Track, TrackQuerySet, Visibility
from recommender.curation import names_admin  # noqa: F401 - importing it registers it
from recommender.curation.acts import perform
from recommender.curation.errors import CurationError
from recommender.curation.models import Verb
from recommender.curation.rights import ByRole
from recommender.curation.table_names import name_tables
from recommender.curation.words import tell

# The states of tracks that are none of an analysis alone.
STATES = (gettext_noop("unindexed"), gettext_noop("deleting"))
# What changes who sees a track from one to the other.
_SHOWING: Final[Mapping[tuple[Visibility, Visibility], Verb]] = {
    (Visibility.SUBMITTED, Visibility.PUBLISHED): Verb.APPROVE,
    (Visibility.WITHDRAWN, Visibility.PUBLISHED): Verb.APPROVE,
    (Visibility.SUBMITTED, Visibility.WITHDRAWN): Verb.WITHDRAW,
    (Visibility.PUBLISHED, Visibility.WITHDRAWN): Verb.WITHDRAW,
}


def perform_for(request: HttpRequest, verb: Verb, tracks: TrackQuerySet) -> None:
    """Through the desk, where it is written down and can be taken back; told on the next page."""
    assert isinstance(request.user, User)
    try:
        act = perform(verb, request.user, list(tracks.values_list("pk", flat=True)))
    except CurationError as error:
        messages.error(request, str(error))
        return
    job = act.jobs.first()
    count = job.total if job else act.changes.filter(problem="").count()
    page = reverse("desk_act", args=[act.pk])
    messages.success(request, format_html('{} <a href="{}">{}</a>', tell(verb, count), page, _("See or undo")))


class AnalysisInline(admin.TabularInline):
    model = Analysis
    fields = readonly_fields = (
        "space",
        "state",
        "reason",
        "detail",
        "decoder_failures",
        "lost_leases",
        "state_changed_at",
    )
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Track)
class TrackAdmin(ByRole):
    list_display = ("title", "artist", "release", "owner", "visibility", "is_recommendable", "state", "added_at")
    list_filter = ("visibility", "is_recommendable", "is_playable", "analyses__state")
    list_select_related = ("artist", "release", "owner")
    list_per_page = 50
    search_fields = ("title", "artist__name", "release__title", "file_name", "owner__username")
    fields = (
        "described",
        "visibility",
        "is_recommendable",
        "owner",
        "file_name",
        "duration_seconds",
        "added_at",
    )
    readonly_fields = ("described", "owner", "file_name", "duration_seconds", "added_at")
    inlines = (AnalysisInline,)
    actions = ("publish", "withdraw", "hide", "recommend_again", "retry", "remove")

    def get_form(self, request: HttpRequest, obj: Track | None = None, change: bool = False, **given: Any) -> Any:
        """Who sees it is changed by what can be done at the desk: the owner's other choices are the owner's."""
        form = super().get_form(request, obj, change, **given)
        if obj is not None and "visibility" in form.base_fields:
            offered = {Visibility(obj.visibility), *(value for now, value in _SHOWING if now == obj.visibility)}
            field = cast(ChoiceField, form.base_fields["visibility"])
            field.choices = [(each.value, each.label) for each in Visibility if each in offered]
        return form

    def save_model(self, request: HttpRequest, obj: Track, form: ModelForm, change: bool) -> None:
        """Only what was edited: a worker may have written the rest since the form was opened."""
        meant = Track.objects.filter(pk=obj.pk)
        if "visibility" in form.changed_data:
            before = Visibility(form.initial["visibility"])
            perform_for(request, _SHOWING[before, Visibility(obj.visibility)], meant)
        if "is_recommendable" in form.changed_data:
            perform_for(request, Verb.RECOMMEND if obj.is_recommendable else Verb.HIDE, meant)

    def get_queryset(self, request: HttpRequest) -> TrackQuerySet:
        assert isinstance(request.user, User)
        return Track.objects.visible_to(request.user).with_state()

    @admin.display(description=gettext_lazy("track"))
    def described(self, track: Track) -> SafeString:
        """Edited where every change can be taken back."""
        described = [track.title, track.artist_name, *([track.release.title] if track.release else [])]
        address = reverse("track_edit", args=[track.pk])
        return format_html('{} <a href="{}">{}</a>', " · ".join(described), address, _("Edit"))

    @admin.display(description=gettext_lazy("state"))
    def state(self, track: Track) -> str:
        return _(track.shown_state())

    @admin.action(description=gettext_lazy("Publish"))
    def publish(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        perform_for(request, Verb.APPROVE, tracks)

    @admin.action(description=gettext_lazy("Withdraw: nobody but the owner and curators sees it"))
    def withdraw(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        perform_for(request, Verb.WITHDRAW, tracks)

    @admin.action(description=gettext_lazy("Hide from recommendations: playable, but never recommended"))
    def hide(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        perform_for(request, Verb.HIDE, tracks)

    @admin.action(description=gettext_lazy("Recommend again"))
    def recommend_again(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        perform_for(request, Verb.RECOMMEND, tracks)

    @admin.action(description=gettext_lazy("Try the analysis again"))
    def retry(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        """Of those that have none: what is analysed stays so."""
        without = Analysis.objects.filter(state__in=[AnalysisState.FAILED, AnalysisState.UNINDEXED])
        perform_for(request, Verb.ANALYSE, tracks.filter(pk__in=without.values("track")))

    @admin.action(description=gettext_lazy("Move to the trash (administrators)"))
    def remove(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        perform_for(request, Verb.TRASH, tracks)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if isinstance(request.user, User) and not request.user.is_administrator:
            actions.pop("remove", None)
        return actions


@admin.register(User)
class AccountAdmin(ByRole, UserAdmin):
    """Administrators give roles by putting people into groups. Only a superuser makes superusers."""

    minimum_role = Role.ADMIN
    list_display = ("username", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    actions = ("trash_tracks",)

    @admin.action(description=gettext_lazy("Move all their tracks to the trash"))
    def trash_tracks(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """An account is switched off rather than deleted: what it did and brought here keeps a name."""
        perform_for(request, Verb.TRASH, Track.objects.filter(owner__in=users, is_deleting=False))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        return (
            (None, {"fields": ("username", "password", "email")}),
            (_("Role"), {"fields": ("is_active", "groups", "quota_bytes")}),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or request.user.is_superuser)


# Roles are fixed in code; the groups that carry them are not for editing.
admin.site.unregister(Group)
name_tables()
