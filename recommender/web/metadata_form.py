"""The form in which people change what is said of a track."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.catalog.editing import Value
from recommender.catalog.models import TrackEdit
from recommender.catalog.moods import MOODS
from recommender.catalog.names import fold
from recommender.ingest.text import make_readable
from recommender.similarity.describing.vocabulary import name_word, vocabulary

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

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
            raise ValidationError(_("At most %(most)d names, please.") % {"most": MOST_NAMES})
        for name in value:
            if len(name) > self.max_length:
                raise ValidationError(_("A name has at most %(most)d characters.") % {"most": self.max_length})


class MoodsField(forms.MultipleChoiceField):
    """Some of MOODS, as a list. Text has semicolons between them, and says them as people do who describe music."""

    def __init__(self, **given: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "line"})
        super().__init__(required=False, choices=list_moods, widget=widget, **given)

    def to_python(self, value: Any) -> list[str]:
        named = value.split(";") if isinstance(value, str) else super().to_python(value)
        return sorted({mood for mood in map(read_mood, named) if mood})


class IsrcField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", super().to_python(value) or "").upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not _ISRC.fullmatch(value):
            raise ValidationError(_("An ISRC has two letters, three letters or digits, and seven digits."))


def list_moods() -> list[tuple[str, str]]:
    """All there are, with their names in the language of the page; in the same order in every language."""
    return [(mood, name_word(mood)) for mood in sorted(MOODS)]


def read_mood(text: str) -> str:
    """The mood that `text` means; itself where that is none."""
    said, known = text.strip(), vocabulary()
    return said if said in MOODS else known.levels.get(fold(said)) or known.words.get(fold(said)) or said


def _number(label: "StrPromise", least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=least, max_value=most, show_hidden_initial=True)


class MetadataForm(forms.Form):
    """Each field also carries what it showed at first: what somebody else has changed meanwhile is not put back."""

    title = ReadableField(label=gettext_lazy("Title"), max_length=LONGEST_NAME, show_hidden_initial=True)
    artists = NamesField(
        label=gettext_lazy("Artists"),
        max_length=LONGEST_NAME,
        show_hidden_initial=True,
        help_text=gettext_lazy("Put semicolons between several artists."),
    )
    release = ReadableField(
        label=gettext_lazy("Release"),
        max_length=LONGEST_NAME,
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy("Album, EP or single."),
    )
    album_artist = ReadableField(
        label=gettext_lazy("Album artist"),
        max_length=LONGEST_NAME,
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy("Empty: the first artist."),
    )
    year = _number(gettext_lazy("Year"), *YEARS)
    track_number = _number(gettext_lazy("Track"), 1, 9999)
    disc_number = _number(gettext_lazy("Disc"), 1, 999)
    genres = NamesField(
        label=gettext_lazy("Genres"),
        max_length=LONGEST_GENRE,
        show_hidden_initial=True,
        help_text=gettext_lazy("Semicolons between them, too."),
    )
    moods = MoodsField(label=gettext_lazy("Moods"), show_hidden_initial=True)
    isrc = IsrcField(label="ISRC", max_length=20, required=False, show_hidden_initial=True)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        names: Iterable[str] = found.get("artists") or []
        if found.get("release") and "album_artist" in found and not found["album_artist"] and not names:
            self.add_error("album_artist", _("A release needs an artist."))
        return found

    def changes(self) -> dict[str, Value]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


def label_fields(names: Iterable[str]) -> str:
    """These fields as people call them, for a sentence."""
    return ", ".join(_label(name) for name in names)


def describe_edit(edit: TrackEdit) -> list[tuple[str, str, str]]:
    """For each field that was changed its label, and what it said before and after."""
    return [(_label(name), _show(name, edit.before[name]), _show(name, edit.after[name])) for name in edit.after]


def show_list(name: str, values: Sequence[object]) -> str:
    """What the field `name` says as a list."""
    return "; ".join(name_word(str(value)) if name == "moods" else str(value) for value in values)


def _label(name: str) -> str:
    return str(MetadataForm.base_fields[name].label)


def _show(name: str, value: Value) -> str:
    return show_list(name, value) if isinstance(value, list) else str(value or "")
