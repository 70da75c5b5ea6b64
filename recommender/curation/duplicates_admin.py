"""The curators' list of possible duplicates: two tracks, why they may be one recording, and what was decided."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from recommender.accounts.models import User
from recommender.catalog.models import Evidence, PairVerdict, RecordingPair, Track
from recommender.curation.rights import ByRole

TITLE = gettext_noop("Possible duplicates")
ALL = "all"


class VerdictFilter(admin.SimpleListFilter):
    """Shows what is still to be judged unless something else is asked for."""

    title = gettext_lazy("verdict")
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*PairVerdict.choices, (ALL, _("all"))]

    def value(self) -> str:
        return super().value() or PairVerdict.PROPOSED

    def choices(self, changelist: Any) -> Iterator[Any]:
        choices = super().choices(changelist)
        next(choices)  # Django's own "All", which here would be the proposed ones
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[RecordingPair]) -> QuerySet[RecordingPair]:
        return queryset if self.value() == ALL else queryset.filter(verdict=self.value())


@admin.register(RecordingPair)
class RecordingPairAdmin(ByRole):
    """Decisions only. Whatever follows from "the same recording" is done elsewhere, and never by itself."""

    list_display = (
        *("first_track", "first_file", "second_track", "second_file"),
        *("evidence", "agreement", "offset", "verdict", "decided_by", "found_at"),
    )
    list_display_links = ("evidence",)
    list_filter = (VerdictFilter, "evidence")
    list_select_related = (
        *("first__artist", "first__owner", "first__audio_file"),
        *("second__artist", "second__owner", "second__audio_file", "decided_by"),
    )
    list_per_page = 50
    search_fields = ("first__title", "first__artist__name", "second__title", "second__artist__name")
    ordering = ("-found_at", "-pk")
    fields = (
        *("first_track", "first_file", "second_track", "second_file"),
        *("evidence", "agreement", "offset", "found_at", "verdict", "decided_by", "decided_at"),
    )
    actions = ("mark_same", "mark_different")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecordingPair]:
        assert isinstance(request.user, User)
        visible = Track.objects.visible_to(request.user).values("pk")
        pairs = super().get_queryset(request).filter(first__in=visible, second__in=visible)
        return pairs.prefetch_related("first__credits__artist", "second__credits__artist")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "title": _(TITLE)})

    @admin.display(description=gettext_lazy("first track"))
    def first_track(self, pair: RecordingPair) -> SafeString:
        return link_track(pair.first)

    @admin.display(description=gettext_lazy("its file"))
    def first_file(self, pair: RecordingPair) -> str:
        return describe_file(pair.first)

    @admin.display(description=gettext_lazy("second track"))
    def second_track(self, pair: RecordingPair) -> SafeString:
        return link_track(pair.second)

    @admin.display(description=gettext_lazy("its file"))
    def second_file(self, pair: RecordingPair) -> str:
        return describe_file(pair.second)

    @admin.display(description=gettext_lazy("agreement"), ordering="score")
    def agreement(self, pair: RecordingPair) -> str:
        if pair.evidence != Evidence.FINGERPRINT:
            return _("identical")
        return _("%(share)s%%") % {"share": number_format(f"{100 * pair.score:.1f}")}

    @admin.display(description=gettext_lazy("second starts"), ordering="offset_seconds")
    def offset(self, pair: RecordingPair) -> str:
        if abs(pair.offset_seconds) < 0.1:
            return _("together")
        told = _("%(seconds)s s later") if pair.offset_seconds > 0 else _("%(seconds)s s earlier")
        return told % {"seconds": number_format(f"{abs(pair.offset_seconds):.1f}")}

    @admin.action(description=gettext_lazy("Mark as the same recording"))
    def mark_same(self, request: HttpRequest, pairs: QuerySet[RecordingPair]) -> None:
        self._decide(request, pairs, PairVerdict.SAME)

    @admin.action(description=gettext_lazy("Mark as different"))
    def mark_different(self, request: HttpRequest, pairs: QuerySet[RecordingPair]) -> None:
        self._decide(request, pairs, PairVerdict.DIFFERENT)

    def _decide(self, request: HttpRequest, pairs: QuerySet[RecordingPair], verdict: PairVerdict) -> None:
        count = pairs.update(verdict=verdict, decided_by=request.user, decided_at=timezone.now())
        told = ngettext("%(count)d pair: %(verdict)s.", "%(count)d pairs: %(verdict)s.", count)
        self.message_user(request, told % {"count": count, "verdict": verdict.label}, messages.SUCCESS)


def link_track(track: Track) -> SafeString:
    """The track with its artist and owner, and the way to its page, where it can be heard."""
    url = reverse("track", args=[track.pk])
    return format_html('<a href="{}">{}</a><br>{} · {}', url, track.title, track.artist_name, track.owner)


def describe_file(track: Track) -> str:
    """Codec, bit rate, sampling rate and length, as far as they are known."""
    file = track.audio_file
    known = (
        file.codec or file.suffix.lstrip("."),
        _("%(rate)d kb/s") % {"rate": round(file.bit_rate / 1000)} if file.bit_rate else "",
        _("%(rate)s kHz") % {"rate": number_format(f"{file.rate_hz / 1000:g}")} if file.rate_hz else "",
        describe_length(track.duration_seconds) if track.duration_seconds else "",
    )
    return ", ".join(part for part in known if part)


def describe_length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
