"""The form in which people change what is said of a track."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name

from recommender.catalog.editing import Value
from recommender.catalog.models import TrackEdit
from recommender.catalog.names import fold
from recommender.ingest.text import make_readable

LONGEST_NAME = 500
LONGEST_GENRE = 100
MOST_NAMES = 20
YEARS = (1000, 2100)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


class ReadableField(forms.CharField):
    """One line of text without what cannot be seen. What is too long is refused rather than cut."""

    def to_python(self, value: Any) -> str:
        return make_readable(super().to_python(value) or "", (self.max_length or LONGEST_NAME) + 1)


class NamesField(forms.Field):
    """Names with semicolons between them, as a list: commas stand in names."""

    def __init__(self, *, max_length: int, **given: Any) -> None:
        super().__init__(required=False, **given)
        self.max_length = max_length

    def prepare_value(self, value: Any) -> Any:
        return "; ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        parts = str(value or "")[: 2 * MOST_NAMES * self.max_length].split(";")
        names = [make_readable(part, self.max_length + 1) for part in parts]
        return list({fold(name): name for name in reversed(names) if name}.values())[::-1]

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_NAMES:
            raise ValidationError(f"At most {MOST_NAMES} names, please.")
        for name in value:
            if len(name) > self.max_length:
                raise ValidationError(f"A name has at most {self.max_length} characters.")


class IsrcField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", super().to_python(value) or "").upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not _ISRC.fullmatch(value):
            raise ValidationError("An ISRC has two letters, three letters or digits, and seven digits.")


def _number(label: str, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=most, show_hidden_initial=True)


class MetadataForm(forms.Form):
    """Each field also carries what it showed at first: what somebody else has changed meanwhile is not put back."""

    title = ReadableField(max_length=LONGEST_NAME, show_hidden_initial=True)
    artists = NamesField(
        max_length=LONGEST_NAME, show_hidden_initial=True, help_text="Put semicolons between several artists."
    )
    release = ReadableField(
        max_length=LONGEST_NAME, required=False, show_hidden_initial=True, help_text="Album, EP or single."
    )
    album_artist = ReadableField(
        max_length=LONGEST_NAME, required=False, show_hidden_initial=True, help_text="Empty: the first artist."
    )
    year = _number("Year", *YEARS)
    track_number = _number("Track", 1, 9999)
    disc_number = _number("Disc", 1, 999)
    genres = NamesField(max_length=LONGEST_GENRE, show_hidden_initial=True, help_text="Semicolons between them, too.")
    isrc = IsrcField(label="ISRC", max_length=20, required=False, show_hidden_initial=True)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        names: Iterable[str] = found.get("artists") or []
        if found.get("release") and "album_artist" in found and not found["album_artist"] and not names:
            self.add_error("album_artist", "A release needs an artist.")
        return found

    def changes(self) -> dict[str, Value]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


def label_fields(names: Iterable[str]) -> str:
    """These fields as people call them, for a sentence."""
    return ", ".join(_label(name) for name in names)


def describe_edit(edit: TrackEdit) -> list[tuple[str, str, str]]:
    """For each field that was changed its label, and what it said before and after."""
    return [(_label(name), _show(edit.before[name]), _show(edit.after[name])) for name in edit.after]


def _label(name: str) -> str:
    return str(MetadataForm.base_fields[name].label or pretty_name(name))


def _show(value: Value) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value or "")
