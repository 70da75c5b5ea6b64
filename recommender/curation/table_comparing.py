"""What the rows of a table say otherwise than the tracks that they are about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.editing import Value, read_fields_of
from recommender.catalog.models import Track
from recommender.catalog.names import fold
from recommender.catalog.spelling import find_fixed_names
from recommender.curation.describing import describable
from recommender.curation.foreseeing import keep_fixed, settle_release
from recommender.curation.table_reading import Cell, Row
from recommender.curation.table_writing import BETWEEN_NAMES, COLUMNS, ID, SAID, SHA256
from recommender.ingest.text import make_readable

# By column: how people may say it. They are those of the form in which one track is described.
Fields = Mapping[str, forms.Field]
Said = Mapping[str, Value]
# What is wrong, by column; "" for the whole row.
Wrong = dict[str, str]

MOST_CHANGES: Final = 20_000
MOST_PROBLEMS: Final = 1_000
MOST_UNKNOWN: Final = 50
LONGEST_QUOTED: Final = 60
LONGEST_TOLD: Final = 300
_LARGEST_ID: Final = 2**63 - 1
_NUMBER: Final = forms.IntegerField(min_value=1, max_value=_LARGEST_ID)
_SORTED: Final = frozenset({"genres", "moods"})


@dataclass(kw_only=True)
class Findings:
    """`problems` and `changes` are those of a `Draft`, as many as it keeps; `unknown` are columns."""

    rows: int = 0
    same: int = 0
    changing: int = 0
    wrong: int = 0
    changes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    rows_of: dict[int, int] = field(default_factory=dict)

    def add(self, row: Row, wrong: Wrong, *, says_the_same: bool) -> None:
        self.rows += 1
        self.same += says_the_same
        self.wrong += len(wrong)
        told = [(row.number, column, sentence) for column, sentence in wrong.items()]
        self.problems += told[: max(0, MOST_PROBLEMS - len(self.problems))]

    def add_change(self, row: Row, track_id: int, said: Said, wanted: Said) -> None:
        self.changing += 1
        if len(self.changes) < MOST_CHANGES:
            seen = {name: said[name] for name in wanted}
            self.changes.append({"track": track_id, "row": row.number, "seen": seen, "wanted": wanted})


def compare_rows(rows: Sequence[Row], owner: User, fields: Fields, findings: Findings) -> None:
    """Add to the findings what these rows would change of tracks that `owner` may describe, and what is wrong."""
    found = _Tracks(owner, rows)
    said = read_fields_of(found.tracks)
    compared = []
    for row in rows:
        names = (make_readable(name, LONGEST_QUOTED) for name in row.cells if name not in COLUMNS)
        findings.unknown.update(dict.fromkeys(list(names)[: MOST_UNKNOWN - len(findings.unknown)]))
        track_id, why = _find_track(row, found, findings)
        told = ({}, {"": why}) if track_id is None else compare_row(row, said[track_id], fields)
        compared.append((row, track_id, *told))
    fixed = find_fixed_names(owner, [wanted for _row, _track_id, wanted, _wrong in compared if wanted])
    for row, track_id, wanted, wrong in compared:
        kept, fixed_ones = ({}, {}) if track_id is None else keep_fixed(said[track_id], wanted, fixed)
        wrong.update(fixed_ones)
        findings.add(row, wrong, says_the_same=not (kept or wrong))
        if track_id is not None and kept:
            findings.add_change(row, track_id, said[track_id], kept)


def compare_row(row: Row, said: Said, fields: Fields) -> tuple[dict[str, Value], Wrong]:
    """What it says otherwise, and what it cannot say. A column it has not leaves its field alone, an empty cell clears
    it, and what cannot be read leaves it as it is.
    """
    wanted: dict[str, Value] = {}
    wrong: Wrong = {}
    for name in SAID:
        cell = row.cells.get(name, "")
        if name not in row.cells or name not in fields or cell == _write(cell, said[name]):
            continue
        try:
            value = _read(name, cell, fields[name])
        except ValidationError as error:
            wrong[name] = _quote(cell, " ".join(error.messages))
            continue
        if value != said[name]:
            wanted[name] = value
    settled, lost = settle_release(said, wanted)
    return {name: value for name, value in settled.items() if value != said[name]}, {**wrong, **lost}


class _Tracks:
    """The tracks that rows are about, so far as they may be described; `known` are others, that may only be seen."""

    def __init__(self, owner: User, rows: Iterable[Row]) -> None:
        self._owner = owner
        numbers = {number for row in rows if (number := read_number(row))}
        sums = {_text_of(row, SHA256).lower() for row in rows if not _text_of(row, ID)} - {""}
        meant = describable(owner).filter(Q(pk__in=numbers) | Q(audio_file__in=sums))
        self.tracks = list(meant.select_related("artist", "release__artist").defer("waveform"))
        self.ids = {track.pk for track in self.tracks}
        seen = Track.objects.visible_to(owner).filter(pk__in=numbers - self.ids)
        self.known = set(seen.values_list("pk", flat=True))

    def with_sum(self, sha256: str) -> list[int]:
        """Those of this file: the owner's own, if there is one."""
        same = [track for track in self.tracks if track.audio_file_id == sha256.lower()]
        return [track.pk for track in same if track.owner_id == self._owner.pk] or [track.pk for track in same]


def read_number(row: Row) -> int | None:
    try:
        return int(_NUMBER.clean(_text_of(row, ID)))
    except ValidationError:
        return None


def _find_track(row: Row, found: _Tracks, findings: Findings) -> tuple[int | None, str]:
    """Its id; else why not."""
    if row.problem:
        return None, row.problem
    track_id, why = _find_by_id(row, found) if _text_of(row, ID) else _find_by_sum(row, found)
    if track_id is None:
        return None, why
    first = findings.rows_of.setdefault(track_id, row.number)
    if first != row.number:
        return None, _("Row %(row)d is about the same track, and counts.") % {"row": first}
    return track_id, ""


def _find_by_id(row: Row, found: _Tracks) -> tuple[int | None, str]:
    number = read_number(row)
    if number is None:
        text = make_readable(_text_of(row, ID), LONGEST_QUOTED)
        return None, _("“%(text)s” is no number of a track.") % {"text": text}
    if number in found.ids:
        return number, ""
    if number in found.known:
        return None, _("Track %(number)d is not yours to describe.") % {"number": number}
    return None, _("There is no track %(number)d, or it is not for you to see.") % {"number": number}


def _find_by_sum(row: Row, found: _Tracks) -> tuple[int | None, str]:
    sha256 = _text_of(row, SHA256)
    if not sha256:
        return None, _("It does not say which track it is about: neither “id” nor “sha256” is there.")
    same = found.with_sum(sha256)
    if len(same) == 1:
        return same[0], ""
    if same:
        return None, _("Several tracks have this file. Say which one by its “id”.")
    return None, _("No track that is yours to describe has this file.")


def _text_of(row: Row, name: str) -> str:
    cell = row.cells.get(name)
    return cell.strip() if isinstance(cell, str) else ""


def _write(cell: Cell, value: Value) -> Cell:
    """`value` as a cell of this kind says it."""
    if isinstance(cell, list):
        return value if isinstance(value, list) else [str(value)]
    if isinstance(value, list):
        return BETWEEN_NAMES.join(value)
    return "" if value is None else str(value)


def _read(name: str, cell: Cell, how: forms.Field) -> Value:
    """Raises ValidationError."""
    if cell is None:
        raise ValidationError(_("This is neither text nor a number nor a list of names."))
    value: Value = how.clean(BETWEEN_NAMES.join(cell) if isinstance(cell, list) else cell)
    # The catalog keeps no order of these.
    return sorted(value, key=fold) if name in _SORTED and isinstance(value, list) else value


def _quote(cell: Cell, why: str) -> str:
    text = make_readable((BETWEEN_NAMES.join(cell) if isinstance(cell, list) else cell) or "", LONGEST_QUOTED)
    return _("“%(text)s”: %(why)s") % {"text": text, "why": make_readable(why, LONGEST_TOLD)} if text else why
