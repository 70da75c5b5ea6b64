"""What an act changed of a track, field by field, as people call them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.catalog.models import PairSaying, PairVerdict, Visibility
from recommender.curation.artist_names import Apart
from recommender.curation.models import Change
from recommender.web.metadata_form import MetadataForm, show_list

# What was kept for taking it back, and says nothing to people.
UNTOLD: Final = frozenset(
    {
        *("edit", "rule", "other", "merge", "pairs", "cover_id", "report"),
        *("artist_ids", "moved", "lost", "split", "said"),
    }
)
_LABELS: Final[Mapping[str, Promise]] = {
    "visibility": gettext_lazy("Visible"),
    "is_recommendable": gettext_lazy("Recommended"),
    "is_deleting": gettext_lazy("In the trash"),
    "kept": gettext_lazy("Merged into"),
    "plays": gettext_lazy("Plays that followed"),
    "opinions": gettext_lazy("Likes and dislikes that followed"),
    "unlike_seeds": gettext_lazy("“Not similar” that followed"),
    "unlike_found": gettext_lazy("“Not similar” that followed"),
    "playlist_entries": gettext_lazy("Places in playlists that followed"),
    "playlist_refusals": gettext_lazy("Refusals for playlists that followed"),
    "verdict": gettext_lazy("Verdict"),
    "says": gettext_lazy("Said of both"),
    "is_on": gettext_lazy("In force"),
    "is_paused": gettext_lazy("Paused"),
    "other_tracks": gettext_lazy("Together with"),
    "is_open": gettext_lazy("Report is open"),
    "answer": gettext_lazy("Answer"),
    "artist": gettext_lazy("Artist"),
    "followed_tracks": gettext_lazy("Tracks that followed"),
    "followed_releases": gettext_lazy("Releases that followed"),
    "name": gettext_lazy("Name"),
    "aliases": gettext_lazy("Other names"),
    "told_apart": gettext_lazy("Verdict"),
    "dismissed": gettext_lazy("No longer suggested"),
}

_CHOICES: Final[Mapping[str, type[TextChoices]]] = {
    "visibility": Visibility,
    "verdict": PairVerdict,
    "says": PairSaying,
    "told_apart": Apart,
}


class Difference(NamedTuple):
    """Empty values are shown as nothing."""

    label: str
    before: str
    after: str


def read_differences(change: Change) -> list[Difference]:
    names = [name for name in {**change.before, **change.after} if name not in UNTOLD]
    return [
        Difference(_label(name), show_value(name, change.before.get(name)), show_value(name, change.after.get(name)))
        for name in names
    ]


def show_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in _CHOICES and value in _CHOICES[name].values:
        return str(_CHOICES[name](value).label)
    if name == "dismissed" and value:
        return _label(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return show_list(name, value)
    return "" if value is None else str(value)


def _label(name: str) -> str:
    if name in _LABELS:
        return str(_LABELS[name])
    field = MetadataForm.base_fields.get(name)
    return str(field.label) if field else name.replace("_", " ").capitalize()
