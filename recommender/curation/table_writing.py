"""What is said of tracks, written as a table for a spreadsheet or a script: CSV or JSON, piece after piece."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from io import StringIO
from typing import Any, Final

from recommender.catalog.editing import Value, read_fields_of
from recommender.catalog.models import Track, TrackQuerySet

# Columns that say which track a row is about, and those in which it may be described anew.
ID: Final = "id"
SHA256: Final = "sha256"
SAID: Final = (
    *("title", "artists", "release", "album_artist", "year", "track_number", "disc_number", "genres", "moods", "isrc"),
)
BETWEEN_NAMES: Final = "; "
BATCH: Final = 500
_TONES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_KEYS: Final = (*(f"{tone} major" for tone in _TONES), *(f"{tone} minor" for tone in _TONES))
# What makes a spreadsheet compute a cell instead of showing it (https://owasp.org/www-community/attacks/CSV_Injection).
# The wide signs count in Japanese and Chinese ones.
_STARTS: Final = r"[=+\-@\t\r\n＝＋－＠]"  # noqa: RUF001
_COMPUTED: Final = re.compile(f"'*{_STARTS}")
_HARMLESS: Final = re.compile(f"'+{_STARTS}")


class TableFormat(StrEnum):
    """CSV with commas, or with the semicolons that spreadsheets expect where numbers are written 1,5."""

    CSV = "csv"
    SEMICOLONS = "csv-semicolons"
    JSON = "json"


MEDIA_TYPES: Final[Mapping[TableFormat, str]] = {
    TableFormat.CSV: "text/csv; charset=utf-8",
    TableFormat.SEMICOLONS: "text/csv; charset=utf-8",
    TableFormat.JSON: "application/json",
}
# What else is worth knowing in a spreadsheet. Nobody describes a track by these.
FACTS: Final[Mapping[str, Callable[[Track], str | float | None]]] = {
    "file_name": lambda track: track.file_name,
    "owner": lambda track: track.owner.username,
    "visibility": lambda track: track.visibility,
    "duration_seconds": lambda track: _round(track.duration_seconds, 1),
    "tempo_bpm": lambda track: _round(track.tempo_bpm, 1),
    "key": lambda track: None if track.key is None else _KEYS[track.key],
    "energy": lambda track: _round(track.energy, 3),
    "loudness_lufs": lambda track: _round(track.loudness_lufs, 1),
    "added": lambda track: track.added_at.date().isoformat(),
    SHA256: lambda track: track.audio_file_id,
}
COLUMNS: Final = (ID, *SAID, *FACTS)


def write_table(tracks: TrackQuerySet, kind: TableFormat) -> Iterator[bytes]:
    """These tracks in the order of their ids, UTF-8, in pieces of BATCH. What arrives while it is written may be in it.

    CSV begins with a byte order mark: without one Excel takes it for Windows-1252. JSON is a list of objects, each on a
    line of its own.
    """
    rows = (_describe_batch(batch) for batch in _walk(tracks))
    return _write_json(rows) if kind is TableFormat.JSON else _write_csv(rows, "," if kind is TableFormat.CSV else ";")


def write_cell(value: Any) -> str:
    """As CSV says it. What a spreadsheet would compute has an apostrophe before it."""
    if isinstance(value, list):
        value = BETWEEN_NAMES.join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and _COMPUTED.match(text) else text


def read_cell(text: str) -> str:
    """What `write_cell` made of a text, as it was. Whoever types a sign at the start without an apostrophe is taken at
    their word.
    """
    return text[1:] if _HARMLESS.match(text) else text


def _walk(tracks: TrackQuerySet) -> Iterator[list[Track]]:
    ordered = tracks.select_related("artist", "release__artist", "owner").defer("waveform").order_by("pk")
    last = 0
    while batch := list(ordered.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _describe_batch(tracks: list[Track]) -> list[dict[str, Value | float]]:
    said = read_fields_of(tracks)
    return [
        {
            ID: track.pk,
            **{name: said[track.pk][name] for name in SAID},
            **{name: read(track) for name, read in FACTS.items()},
        }
        for track in tracks
    ]


def _write_csv(rows: Iterator[list[dict[str, Value | float]]], delimiter: str) -> Iterator[bytes]:
    yield "\N{BYTE ORDER MARK}".encode() + _write_lines([COLUMNS], delimiter)
    for batch in rows:
        yield _write_lines([[write_cell(cell) for cell in row.values()] for row in batch], delimiter)


def _write_lines(lines: Any, delimiter: str) -> bytes:
    written = StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(lines)
    return written.getvalue().encode()


def _write_json(rows: Iterator[list[dict[str, Value | float]]]) -> Iterator[bytes]:
    before = "[\n"
    for batch in rows:
        yield (before + ",\n".join(json.dumps(row, ensure_ascii=False) for row in batch)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _round(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)
