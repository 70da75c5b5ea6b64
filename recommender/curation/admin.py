"""What curators do to the catalog, in Django's admin: find, edit, hide, withdraw, try again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from recommender.accounts.models import Role, User
from recommender.catalog.models import Analysis, Track, TrackQuerySet, Visibility
from recommender.curation import (  # noqa: F401 - importing them registers them
    duplicates_admin,
    names_admin,
)
from recommender.curation.rights import ByRole
from recommender.curation.table_names import name_tables
from recommender.ingest.intake import retry_analyses
from recommender.ingest.removal import purge_track

# The states of tracks that are none of an analysis alone.
STATES = (gettext_noop("unindexed"), gettext_noop("deleting"))


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

    def save_model(self, request: HttpRequest, obj: Track, form: ModelForm, change: bool) -> None:
        # Only what was edited: a worker may have written the rest since the form was opened.
        obj.save(update_fields=form.changed_data)

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
        count = tracks.update(visibility=Visibility.PUBLISHED)
        self._report(request, count, ngettext("%(count)d track published.", "%(count)d tracks published.", count))

    @admin.action(description=gettext_lazy("Withdraw: nobody but the owner and curators sees it"))
    def withdraw(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        published = tracks.filter(visibility__in=[Visibility.PUBLISHED, Visibility.SUBMITTED])
        count = published.update(visibility=Visibility.WITHDRAWN)
        self._report(request, count, ngettext("%(count)d track withdrawn.", "%(count)d tracks withdrawn.", count))

    @admin.action(description=gettext_lazy("Hide from recommendations: playable, but never recommended"))
    def hide(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        count = tracks.update(is_recommendable=False)
        told = ngettext(
            "%(count)d track hidden from recommendations.", "%(count)d tracks hidden from recommendations.", count
        )
        self._report(request, count, told)

    @admin.action(description=gettext_lazy("Recommend again"))
    def recommend_again(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        count = tracks.update(is_recommendable=True)
        told = ngettext("%(count)d track recommended again.", "%(count)d tracks recommended again.", count)
        self._report(request, count, told)

    @admin.action(description=gettext_lazy("Try the analysis again"))
    def retry(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        retry_analyses(list(tracks))
        count = len(tracks)
        self._report(request, count, ngettext("%(count)d track queued again.", "%(count)d tracks queued again.", count))

    @admin.action(description=gettext_lazy("Remove for good (administrators)"))
    def remove(self, request: HttpRequest, tracks: TrackQuerySet) -> None:
        for track in tracks:
            self.log_deletions(request, Track.objects.filter(pk=track.pk))
            purge_track(track)
        count = len(tracks)
        self._report(
            request, count, ngettext("%(count)d track being removed.", "%(count)d tracks being removed.", count)
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if isinstance(request.user, User) and not request.user.is_administrator:
            actions.pop("remove", None)
        return actions

    def _report(self, request: HttpRequest, count: int, told: str) -> None:
        self.message_user(request, told % {"count": count}, messages.SUCCESS)


@admin.register(User)
class AccountAdmin(ByRole, UserAdmin):
    """Administrators give roles by putting people into groups. Only a superuser makes superusers."""

    minimum_role = Role.ADMIN
    list_display = ("username", "is_active", "last_login")
    list_filter = ("is_active", "groups")

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
