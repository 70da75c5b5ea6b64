"""How names are compared and sorted: "Björk", "BJÖRK" and "bjork" are one artist."""

import unicodedata
from typing import Any

from django.db import models

LONGEST_KEY = 200
# What Unicode does not take apart: kinds of quotes and dashes, strokes of Latin letters.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict(zip("øØłŁđĐðÐħĦ", "oOlLdDdDhH", strict=True)),
        **dict(zip("æÆœŒþÞ", ("ae", "Ae", "oe", "Oe", "th", "Th"), strict=True)),
    }
)


def fold(text: str) -> str:
    """`text` as it is compared: without case, accents of Latin letters, kinds of quotes and surplus spaces.

    Marks of other scripts stay: in Japanese, Hebrew or Hindi they make other words.
    """
    # Each step can bring forth what the one before it is for.
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN)).casefold()
    letters: list[str] = []
    is_latin = False
    for letter in unicodedata.normalize("NFKD", apart).translate(_PLAIN):
        if not unicodedata.combining(letter):
            is_latin = letter.isascii() and letter.isalpha()
        elif is_latin:
            continue
        letters.append(letter)
    return " ".join(unicodedata.normalize("NFC", "".join(letters)).split())


def fold_key(name: str) -> str:
    """`name` as the database compares it with others."""
    return fold(name)[:LONGEST_KEY]


class FoldedField(models.CharField):
    """The folded form of another field of the same row, written whenever the row is saved whole.

    A save with `update_fields` and an update of the query have to name it themselves.
    """

    def __init__(self, source: str = "", **given: Any) -> None:
        self.source = source
        super().__init__(**{"max_length": LONGEST_KEY, "editable": False, "blank": True, **given})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = fold_key(str(getattr(model_instance, self.source)))
        setattr(model_instance, self.attname, folded)
        return folded

    def deconstruct(self) -> Any:
        name, path, arguments, given = super().deconstruct()
        return name, path, arguments, {**given, "source": self.source}
