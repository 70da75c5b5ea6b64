"""For the frame of every page, also of one that is made without a request because something broke."""

from django import template

from recommender.web.languages import address_of_words

register = template.Library()


@register.simple_tag
def words_address() -> str:
    """The script with this language's words for our scripts; empty where none is needed."""
    return address_of_words()
