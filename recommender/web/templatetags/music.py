"""How the facts about a track are written."""

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Final

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from recommender.catalog.models import Track
from recommender.similarity.describing.words import Term
from recommender.similarity.explain import Reason
from recommender.web.describe import name_term
from recommender.web.placeholder import number_of
from recommender.web.reasons import describe_reasons

register = template.Library()

# ReplayGain 2.0 plays everything as loud as this (its specification, section "Reference level").
LEVEL_LUFS: Final = -18.0


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
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


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
    """4000 -> 4,000"""
    return f"{number:,}"


@register.filter
def megabytes(size_bytes: int) -> str:
    """A limit, as the refusal of a file above it puts it."""
    return f"{size_bytes // (1024 * 1024)} MB"


@register.filter
def cover_url(track: Track, side: int = 300) -> str:
    """Where the cover of `track` is, in a size of COVER_SIDES; a placeholder of its own where it has none."""
    if track.cover_id:
        # Browsers keep a cover for a while: another one has to have another address.
        return f"{reverse('track_cover', args=[track.pk, side])}?v={track.cover_id[:8]}"
    return reverse("placeholder_cover", args=[number_of(track.pk)])


@register.filter
def format_name(track: Track) -> str:
    return track.audio_file.suffix.lstrip(".").upper()


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
