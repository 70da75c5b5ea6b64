"""For the frame of every page, also of one that is made without a request because something broke."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from recommender.web.languages import address_of_words

register = template.Library()


@register.simple_tag
def words_address() -> str:
    """The script with this language's words for our scripts; empty where none is needed."""
    return address_of_words()


@register.simple_tag
def same_for_all(name: str) -> SafeString:
    """A part of every page that depends on nothing but the language: made once for each."""
    return render_to_string(name) if settings.DEBUG else _render(name, get_language())


@cache
def _render(name: str, language: str | None) -> SafeString:
    return render_to_string(name)
