"""The curators' list of pairs that are not similar: who ruled so and when, and the way to take it back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Track
from recommender.curation.duplicates_admin import link_track
from recommender.curation.rights import ByRole

TITLE = gettext_noop("Pairs that are not similar")


@admin.register(PairRule)
class PairRuleAdmin(ByRole):
    """Rules are made on the pages of tracks, where both can be heard. Here they are read and deleted."""

    list_display = ("made_at", "first_track", "second_track", "made_by")
    list_select_related = ("first__artist", "first__owner", "second__artist", "second__owner", "made_by")
    list_per_page = 50
    search_fields = ("first__title", "first__artist__name", "second__title", "second__artist__name")
    ordering = ("-made_at", "-pk")
    fields = ("first_track", "second_track", "made_by", "made_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PairRule]:
        assert isinstance(request.user, User)
        visible = Track.objects.visible_to(request.user).values("pk")
        rules = super().get_queryset(request).filter(first__in=visible, second__in=visible)
        return rules.prefetch_related("first__credits__artist", "second__credits__artist")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "title": _(TITLE)})

    @admin.display(description=gettext_lazy("first track"))
    def first_track(self, rule: PairRule) -> SafeString:
        return link_track(rule.first)

    @admin.display(description=gettext_lazy("second track"))
    def second_track(self, rule: PairRule) -> SafeString:
        return link_track(rule.second)
