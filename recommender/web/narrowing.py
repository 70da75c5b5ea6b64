"""The form that narrows down what sounds like a track: what it offers, and what the address has chosen already."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from recommender.catalog.models import Genre, Track, TrackTag
from recommender.catalog.models.shelves import PACES
from recommender.similarity.describing.vocabulary import name_word
from recommender.web.facet_words import TEMPO_LABELS
from recommender.web.sound_facts import LEAST_TEMPO_CONFIDENCE, name_key

_NEAR_TEMPO: Final = 0.08
_BOUNDS: Final = ["", *(str(bound) for bound in PACES.values()), ""]
_TEMPI: Final = {
    f"{least}-{most}": label
    for (least, most), label in zip(itertools.pairwise(_BOUNDS), TEMPO_LABELS.values(), strict=True)
}
_LENGTHS: Final = {
    "-180": gettext_noop("Under 3 minutes"),
    "180-360": gettext_noop("3 to 6 minutes"),
    "360-": gettext_noop("Over 6 minutes"),
}
_OLDEST_DECADE: Final = 1950
_DAYS: Final = {
    7: gettext_noop("In the last week"),
    30: gettext_noop("In the last month"),
    365: gettext_noop("In the last year"),
}
MOST_WORDS: Final = 6
# What the form has no field for is carried along.
_CARRIED: Final = ("artist", "release", "genre", "limit", "without")


@dataclass(frozen=True, kw_only=True)
class Option:
    name: str
    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Choice:
    """One of `options`, or none."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """`boxes` may be ticked each for itself. `count` is how many filters are in force."""

    choices: list[Choice]
    boxes: list[Option]
    carried: list[Option]
    count: int


def offer_narrowing(track: Track, genres: Sequence[Genre], tags: Sequence[TrackTag], given: QueryDict) -> Narrowing:
    """`given` is an address that has been read as a wish."""
    choices = [
        _offer(given, "tempo", _("Tempo"), _near_tempo(track) | _translate(_TEMPI)),
        _offer(given, "key", _("Key"), _keys()),
        _offer(given, "year", pgettext("year", "From"), _decades()),
        _offer(given, "duration", _("Length"), _translate(_LENGTHS)),
        _offer(given, "since", _("Added"), _days()),
    ]
    boxes = [
        *_tick(given, "harmonic", [("1", _("And keys that mix with it"))] if given.get("key") else []),
        *_tick(given, "genre", [(str(genre.pk), genre.name) for genre in genres]),
        *_tick(given, "tag", [(tag.name, name_word(tag.name)) for tag in tags[:MOST_WORDS]]),
    ]
    offered = {(box.name, box.value) for box in boxes}
    carried = [
        Option(name=name, value=value, label="")
        for name in _CARRIED
        for value in given.getlist(name)
        if value and (name, value) not in offered
    ]
    filters = (*(choice.name for choice in choices), "genre", "tag", "artist", "release")
    count = sum(len([value for value in given.getlist(name) if value]) for name in filters)
    return Narrowing(choices=choices, boxes=boxes, carried=carried, count=count)


def _offer(given: QueryDict, name: str, label: str, values: dict[str, str]) -> Choice:
    """With what the address says, should it be none of them."""
    chosen = given.get(name, "")
    known = values if not chosen or chosen in values else {chosen: chosen.strip("-"), **values}
    options = [
        Option(name=name, value=value, label=text, is_chosen=value == chosen)
        for value, text in {"": _("Any"), **known}.items()
    ]
    return Choice(name, label, options)


def _tick(given: QueryDict, name: str, values: Iterable[tuple[str, str]]) -> list[Option]:
    chosen = [value for value in given.getlist(name) if value]
    known = dict(values)
    # A genre of which only the number is known cannot be shown by name; as a word a tag can.
    strangers = {value: value for value in chosen if value not in known} if name == "tag" else {}
    return [
        Option(name=name, value=value, label=text, is_chosen=value in chosen)
        for value, text in (known | strangers).items()
    ]


def _translate(labels: Mapping[str, str]) -> dict[str, str]:
    return {value: _(label) for value, label in labels.items()}


def _keys() -> dict[str, str]:
    return {str(number): name_key(number) for number in range(24)}


def _near_tempo(track: Track) -> dict[str, str]:
    tempo = track.tempo_bpm
    if not tempo or (track.tempo_confidence or 0) < LEAST_TEMPO_CONFIDENCE:
        return {}
    near = _("Near %(tempo)d BPM") % {"tempo": round(tempo)}
    return {f"{tempo * (1 - _NEAR_TEMPO):.0f}-{tempo * (1 + _NEAR_TEMPO):.0f}": near}


def _decades() -> dict[str, str]:
    latest = timezone.localdate().year // 10 * 10
    decades = range(latest, _OLDEST_DECADE - 1, -10)
    earlier = {f"-{_OLDEST_DECADE - 1}": _("Before %(year)d") % {"year": _OLDEST_DECADE}}
    return {f"{decade}-{decade + 9}": _("The %(decade)ds") % {"decade": decade} for decade in decades} | earlier


def _days() -> dict[str, str]:
    today = timezone.localdate()
    return {(today - dt.timedelta(days=days)).isoformat(): _(text) for days, text in _DAYS.items()}
