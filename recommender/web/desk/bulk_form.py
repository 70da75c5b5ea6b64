"""The form that says what is to be done with each field of many tracks. What a field may hold is what the form of a
single track allows.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from recommender.catalog.editing import Value
from recommender.catalog.names import fold_key
from recommender.curation.field_changes import LISTS, FieldChange, How
from recommender.web.metadata_form import LONGEST_NAME, MetadataForm

HOWS: Final[Mapping[How, Promise]] = {
    How.LEAVE: gettext_lazy("Leave as it is"),
    How.SET: gettext_lazy("Set to"),
    How.ADD: gettext_lazy("Add"),
    How.REMOVE: pgettext_lazy("names from a field", "Remove"),
    How.CLEAR: gettext_lazy("Clear"),
    How.NUMBER: gettext_lazy("Number in this order, from"),
    How.CAPITALISE: gettext_lazy("Capitalise Each Word"),
}
_NAMES: Final = (How.SET, How.ADD, How.REMOVE, How.CLEAR)
# What can be done with each. An ISRC is that of one recording.
CHOICES: Final[Mapping[str, tuple[How, ...]]] = {
    "title": (How.SET, How.CAPITALISE),
    "artists": (*_NAMES, How.CAPITALISE),
    "release": (How.SET, How.CLEAR, How.CAPITALISE),
    "album_artist": (How.SET, How.CLEAR, How.CAPITALISE),
    "year": (How.SET, How.CLEAR),
    "track_number": (How.NUMBER, How.SET, How.CLEAR),
    "disc_number": (How.SET, How.CLEAR),
    "genres": _NAMES,
    "moods": _NAMES,
    "isrc": (How.CLEAR,),
}
_WITH_VALUE: Final = frozenset({How.SET, How.ADD, How.REMOVE, How.NUMBER})
REPLACED: Final = ("title", "artists", "release", "album_artist", "genres")


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """`value` is None for a field that is given none."""

    label: str
    how: BoundField
    value: BoundField | None

    @property
    def valued(self) -> str:
        """With what a value is needed."""
        return " ".join(sorted(_WITH_VALUE))

    @property
    def errors(self) -> list[str]:
        return [*self.how.errors, *(self.value.errors if self.value else ())]


class BulkForm(forms.Form):
    """For each field of CHOICES `<field>_how` and, but for the ISRC, `<field>`; then what is replaced, and where."""

    find = forms.CharField(label=gettext_lazy("Find"), max_length=LONGEST_NAME, required=False, strip=False)
    put = forms.CharField(label=gettext_lazy("Replace with"), max_length=LONGEST_NAME, required=False, strip=False)
    find_in = forms.ChoiceField(label=gettext_lazy("In the field"), required=False)
    ignore_case = forms.BooleanField(label=gettext_lazy("Ignore capitals"), required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name, hows in CHOICES.items():
            label = MetadataForm.base_fields[name].label
            offered = [(str(how), HOWS[how]) for how in (How.LEAVE, *hows)]
            self.fields[f"{name}_how"] = forms.ChoiceField(
                label=label, required=False, choices=offered, widget=forms.Select({"aria-label": _("What to do")})
            )
            if _WITH_VALUE.intersection(hows):
                self.fields[name] = _loosen(MetadataForm.base_fields[name])
        labels = [(name, MetadataForm.base_fields[name].label) for name in REPLACED]
        self.fields["find_in"] = forms.ChoiceField(
            label=self.base_fields["find_in"].label, required=False, choices=labels
        )

    def rows(self) -> list[FieldRow]:
        return [
            FieldRow(
                label=str(self.fields[f"{name}_how"].label),
                how=self[f"{name}_how"],
                value=self[name] if name in self.fields else None,
            )
            for name in CHOICES
        ]

    def sent(self) -> Iterator[tuple[str, str]]:
        """All that was filled in, as it was sent, so that it can be sent again."""
        for name in self.fields:
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
            yield from ((name, value) for value in values if value and value != How.LEAVE)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        for name, hows in CHOICES.items():
            self._check_row(name, How(found.get(f"{name}_how") or How.LEAVE), _WITH_VALUE.intersection(hows))
        replaced = found.get("find_in") or ""
        if found.get("find") and How(found.get(f"{replaced}_how") or How.LEAVE) is not How.LEAVE:
            self.add_error("find_in", _("Something else is done with this field already. One after the other, please."))
        if not self.errors and not self.changes():
            self.add_error(None, _("Say first what is to be changed."))
        return found

    def _check_row(self, name: str, how: How, with_value: frozenset[How]) -> None:
        if {name, f"{name}_how"}.intersection(self.errors) or not with_value:
            return
        has_value = self.cleaned_data.get(name) not in (None, "", [])
        if how in _WITH_VALUE and not has_value:
            self.add_error(name, _("Say what."))
        elif has_value and how is How.LEAVE:
            self.add_error(name, _("Say what to do with it."))

    def changes(self) -> dict[str, FieldChange]:
        """What is to be done with which field."""
        found = self.cleaned_data
        hows = {name: How(found.get(f"{name}_how") or How.LEAVE) for name in CHOICES}
        made = {name: FieldChange(how=how, value=found.get(name)) for name, how in hows.items() if how is not How.LEAVE}
        if found.get("find"):
            change = FieldChange(
                how=How.REPLACE, find=found["find"], put=found["put"], is_case_sensitive=not found["ignore_case"]
            )
            made[found["find_in"] or REPLACED[0]] = change
        return {name: made[name] for name in CHOICES if name in made}


def check_value(name: str, value: Value) -> Value:
    """What the form of a single track would make of it. Raises ValidationError."""
    field: Any = MetadataForm.base_fields[name]
    if name not in LISTS:
        return field.clean(value)  # type: ignore[no-any-return]
    read = [part for each in value or () for part in field.to_python(each)] if isinstance(value, list) else []
    names = list({fold_key(part): part for part in reversed(read)}.values())[::-1]
    field.validate(names)
    return names


def _loosen(field: forms.Field) -> forms.Field:
    """The same field, which may stay empty."""
    loose = deepcopy(field)
    loose.required = loose.widget.is_required = loose.show_hidden_initial = False
    loose.help_text = ""
    if not loose.widget.use_fieldset:
        loose.widget.attrs["aria-label"] = loose.label
    return loose
