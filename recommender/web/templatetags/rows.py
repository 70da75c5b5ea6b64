"""What stands in lists a hundred times: macros of `templates/rows.jinja`, called from Django's templates.

Django's templates look every name up in the context and every address up in the urls, again for each row: a page of 48
rows took 40 ms. Jinja2 compiles them.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recommender.catalog.models import Track
from recommender.listening.models import Playlist, PlaylistEntry
from recommender.web.cards import ArtistCard, ReleaseCard
from recommender.web.facet_panel import Option
from recommender.web.reversing import address_of
from recommender.web.templatetags.music import (
    count_tracks,
    cover_url,
    describe_counts,
    duration,
    format_name,
    gain_db,
    state_label,
    thousands,
)

register = template.Library()

_KNOWN: Final = {
    "address": address_of,
    "static": static,
    "capitalise": capfirst,
    "cover_url": cover_url,
    "count_tracks": count_tracks,
    "describe_counts": describe_counts,
    "duration": duration,
    "format_name": format_name,
    "gain_db": gain_db,
    "state_label": state_label,
    "thousands": thousands,
}


def _say(text: str, **values: object) -> str:
    """What stands in it as `%(name)s` is escaped with the rest of it."""
    return gettext(text) % values if values else gettext(text)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=settings.DEBUG,
    )
    made.globals.update(_KNOWN, _=_say)
    return made


def _make(name: str, *args: object, **given: object) -> SafeString:
    """The macro has escaped what is in it."""
    macro = getattr(_environment().get_template("rows.jinja").module, name)
    return SafeString(macro(*args, **given))


@register.simple_tag(takes_context=True)
def play_button(
    context: Context, track: Track, *, size: str = "small", from_seconds: float | None = None
) -> SafeString:
    return _make("play_button", track, _is_known(context), size, from_seconds)


@register.simple_tag(takes_context=True)
def track_row(
    context: Context,
    track: Track,
    *,
    is_numbered: bool = False,
    main_artist: str = "",
    entry: PlaylistEntry | None = None,
    playlist: Playlist | None = None,
) -> SafeString:
    """`entry` is its place in a playlist, which is given where it is the viewer's to change."""
    return _make("track_row", track, _is_known(context), is_numbered, main_artist, entry, playlist)


@register.simple_tag(takes_context=True)
def card(context: Context, track: Track) -> SafeString:
    return _make("card", track, _is_known(context))


@register.simple_tag(takes_context=True)
def release_card(context: Context, card: ReleaseCard, *, by: bool = False) -> SafeString:
    """`by`: with the artist, where not all are by the same."""
    return _make("release_card", card, _is_known(context), by)


@register.simple_tag
def artist_card(card: ArtistCard) -> SafeString:
    return _make("artist_card", card)


@register.simple_tag
def facet_options(options: Sequence[Option]) -> SafeString:
    return _make("facet_options", options)


@register.simple_tag
def queue_items(track: Track) -> SafeString:
    return _make("queue_items", track)


def _is_known(context: Context) -> bool:
    """Whether somebody has signed in; nobody has on a page that is made without a request."""
    user = context.get("user")
    return bool(user and user.is_authenticated)
