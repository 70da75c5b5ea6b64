"""How the facts about a track are written, and how things are counted."""

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from recommender.catalog.models import Track
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.describing.words import Term
from recommender.similarity.explain import Reason
from recommender.web.cards import ArtistCard
from recommender.web.describe import name_term
from recommender.web.placeholder import number_of
from recommender.web.reasons import describe_reasons
from recommender.web.reversing import address_of
from recommender.web.states import show_state

register = template.Library()

# ReplayGain 2.0 plays everything as loud as this (its specification, section "Reference level").
LEVEL_LUFS: Final = -18.0
# Whole sentences: "2 days" has another ending in "2 days ago" in some languages.
_AGO: Final[dict[str, Any]] = {
    "year": ngettext_lazy("%(num)d year ago", "%(num)d years ago", "num"),
    "month": ngettext_lazy("%(num)d month ago", "%(num)d months ago", "num"),
    "week": ngettext_lazy("%(num)d week ago", "%(num)d weeks ago", "num"),
    "day": ngettext_lazy("%(num)d day ago", "%(num)d days ago", "num"),
    "hour": ngettext_lazy("%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": ngettext_lazy("%(num)d minute ago", "%(num)d minutes ago", "num"),
}


@register.filter
def duration(seconds: float | None) -> str:
    """213.4 -> 3:33; hours only where there are some."""
    if seconds is None:
        return "-:--"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


@register.filter
def ago(moment: dt.datetime) -> str:
    """ "2 hours ago"; what is less than a minute ago is "just now"."""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return _("just now")
    return timesince(moment, time_strings=_AGO, depth=1)


@register.filter
def percent(share: float) -> int:
    """A similarity as a whole number. Nothing but the same sound is 100."""
    return max(0, min(99 if share < 0.9995 else 100, round(share * 100)))


@register.filter
def percent_of(share: float) -> int:
    """A share 0-1 as a whole number of 100."""
    return round(100 * share)


@register.filter
def thousands(number: int) -> str:
    """4000 -> 4,000, or 4.000 as German writes it."""
    return number_format(number, force_grouping=True)


@register.filter
def count_tracks(number: int) -> str:
    return ngettext("%(number)s track", "%(number)s tracks", number) % {"number": thousands(number)}


@register.filter
def count_artists(number: int) -> str:
    return ngettext("%(number)s artist", "%(number)s artists", number) % {"number": thousands(number)}


@register.filter
def count_releases(number: int) -> str:
    return ngettext("%(number)s release", "%(number)s releases", number) % {"number": thousands(number)}


@register.filter
def describe_counts(card: ArtistCard) -> str:
    """How many releases and tracks of an artist there are, as far as there are any."""
    releases = count_releases(card.releases) if card.releases else ""
    tracks = count_tracks(card.tracks) if card.tracks else ""
    return " · ".join(part for part in (releases, tracks) if part)


@register.filter
def count_genres(number: int) -> str:
    return ngettext("%(number)s genre", "%(number)s genres", number) % {"number": thousands(number)}


@register.filter
def count_playlists(number: int) -> str:
    return ngettext("%(number)s playlist", "%(number)s playlists", number) % {"number": thousands(number)}


@register.filter
def count_versions(number: int) -> str:
    return ngettext("%(number)s version", "%(number)s versions", number) % {"number": thousands(number)}


@register.filter
def megabytes(size_bytes: int) -> str:
    """A limit, as the refusal of a file above it puts it."""
    return _("%(size)d MB") % {"size": size_bytes // (1024 * 1024)}


@register.filter
def cover_url(track: Track, side: int = 300) -> str:
    """Where the cover of `track` is, in a size of COVER_SIDES; a placeholder of its own where it has none."""
    if track.cover_id:
        # Browsers keep a cover for a while: another one has to have another address.
        return f"{address_of('track_cover', track.pk, side)}?v={track.cover_id[:8]}"
    return address_of("placeholder_cover", number_of(track.pk))


@register.filter
def format_name(track: Track) -> str:
    return track.audio_file.suffix.lstrip(".").upper()


@register.filter
def link_tracks(tracks: Iterable[Track]) -> str:
    """The titles, each leading to its page: one value for a sentence, which other languages order in their own way."""
    links = ((address_of("track", track.pk), track.title) for track in tracks)
    return format_html_join(", ", '<a href="{}">{}</a>', links)


@register.filter
def state_label(track: Track) -> str:
    """Where it stands, in a word; needs `with_state()`."""
    return show_state(track).label


@register.filter
def peaks(track: Track) -> str:
    """The bars of the waveform, one byte each, in Base64."""
    return base64.b64encode(bytes(track.waveform)).decode()


@register.filter
def gain_db(track: Track) -> float | None:
    """What brings `track` to LEVEL_LUFS, or what the tags of the file say does; None where neither is known."""
    if track.loudness_lufs is None:
        return track.replaygain_db
    return round(LEVEL_LUFS - track.loudness_lufs, 2)


@register.filter
def in_words(reasons: Sequence[Reason]) -> str:
    """Why a track is recommended, as one line."""
    return " · ".join(describe_reasons(reasons))


@register.filter
def term_name(term: Term) -> str:
    """A word of a description, as it was understood."""
    return name_term(term)


@register.filter
def term_names(terms: Sequence[Term]) -> list[str]:
    return [name_term(term) for term in terms]


@register.filter
def word_name(word: str) -> str:
    """A word that a track sounds like, as the language of the page says it."""
    return name_word(word)
