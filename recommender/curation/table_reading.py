"""Tables that people bring back: whichever kind of CSV or JSON a file is, row after row. Knows bytes, and no track."""

import csv
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommender.curation.errors import TableFileError
from recommender.curation.table_writing import ID, SHA256, read_cell

LARGEST_BYTES: Final = 64 * 1024 * 1024
MOST_ROWS: Final = 100_000
_PIECE: Final = 16 * 1024
_LONGEST_LINE: Final = 1024 * 1024
_DELIMITERS: Final = ",;\t"
# Excel and LibreOffice keep their workbooks in ZIP files, old ones in this.
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OLD_WINDOWS: Final = "cp1252"

# None where it is neither text nor a number nor a list of names.
Cell = str | list[str] | None


@dataclass(frozen=True)
class Row:
    """`number` as in a spreadsheet: the names of the columns are row 1. `problem`: why it cannot be used."""

    number: int
    cells: Mapping[str, Cell] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """`delimiter` is empty for JSON."""

    path: Path
    encoding: str
    delimiter: str

    @property
    def is_guessed(self) -> bool:
        """Windows-1252 is what is neither of the others: any bytes could be that."""
        return self.encoding == _OLD_WINDOWS


def look_at(path: Path) -> TableFile:
    """What kind of file this is; what it holds decides, not its name. Raises TableFileError."""
    with path.open("rb") as handle:
        start = handle.read(8)
    if start.startswith(_WORKBOOKS):
        raise TableFileError(_("This is a workbook. Have your spreadsheet save the sheet as CSV, and bring that."))
    encoding = _find_encoding(path, start)
    with path.open(encoding=encoding, newline="") as handle:
        head = handle.read(_PIECE).lstrip()
    if not head:
        raise TableFileError(_("This file is empty."))
    delimiter = "" if head[0] in "[{" else _find_delimiter(head.splitlines()[0])
    return TableFile(path=path, encoding=encoding, delimiter=delimiter)


def read_rows(table: TableFile) -> Iterator[Row]:
    """Rows that are not empty. Raises TableFileError, also after some."""
    with table.path.open(encoding=table.encoding, newline="") as handle:
        rows = _read_csv(handle, table.delimiter) if table.delimiter else _read_json(handle)
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                most = {"most": number_format(MOST_ROWS, force_grouping=True)}
                raise TableFileError(_("A table may have at most %(most)s rows.") % most)
            yield row


def _find_encoding(path: Path, start: bytes) -> str:
    candidates = ("utf-16",) if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ("utf-8-sig", _OLD_WINDOWS)
    for encoding in candidates:
        if _can_decode(path, encoding):
            return encoding
    raise TableFileError(_("This file is no text in UTF-8, UTF-16 or Windows-1252: it cannot be read."))


def _can_decode(path: Path, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    with path.open("rb") as handle:
        try:
            while piece := handle.read(_PIECE):
                if "\0" in decoder.decode(piece):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _find_delimiter(head: str) -> str:
    """The one that makes one of the columns the name of tracks."""
    for delimiter in _DELIMITERS:
        if {ID, SHA256} & set(_name_columns(next(csv.reader([head], delimiter=delimiter)))):
            return delimiter
    raise TableFileError(
        _("The first row has to name the columns, and one of them has to be “id” or “sha256”: it says which track.")
    )


def _name_columns(cells: Sequence[str]) -> list[str]:
    """ "Track Number" is track_number."""
    return ["_".join(cell.lower().split()) for cell in cells]


def _read_csv(handle: TextIO, delimiter: str) -> Iterator[Row]:
    lines = csv.reader(handle, delimiter=delimiter, strict=True)
    number = 0
    columns: list[str] = []
    while True:
        number += 1
        try:
            line = next(lines, None)
        except csv.Error as error:
            sentence = _("Row %(row)d cannot be read: perhaps a quotation mark is not closed.")
            raise TableFileError(sentence % {"row": number}) from error
        if line is None:
            return
        if columns and any(line):
            yield _read_line(number, columns, line)
        elif any(line):
            columns = _check_columns(_name_columns(line))


def _check_columns(columns: list[str]) -> list[str]:
    for name in columns:
        if name and columns.count(name) > 1:
            raise TableFileError(_("The column “%(name)s” is there twice.") % {"name": name})
    return columns


def _read_line(number: int, columns: Sequence[str], line: Sequence[str]) -> Row:
    if any(line[len(columns) :]):
        return Row(number, problem=_("This row has more cells than there are columns."))
    return Row(number, {name: read_cell(cell) for name, cell in zip(columns, line, strict=False) if name})


def _read_json(handle: TextIO) -> Iterator[Row]:
    """A list of objects, or one object after another."""
    for number, found in enumerate(_decode_objects(handle), 1):
        if not isinstance(found, dict):
            raise TableFileError(_("In JSON a table is a list of objects, or an object on each line."))
        yield Row(number, {_mend(name): _read_value(value) for name, value in found.items()})


def _decode_objects(handle: TextIO) -> Iterator[Any]:
    """One at a time, so that only a piece of the file is held."""
    decoder, held = json.JSONDecoder(), ""
    while True:
        held = held.lstrip(" \t\r\n,[]")
        try:
            found, end = decoder.raw_decode(held)
        except (ValueError, RecursionError) as error:
            piece = handle.read(_PIECE)
            if not piece and not held:
                return
            if not piece or len(held) > _LONGEST_LINE:
                raise TableFileError(_("This JSON file is damaged: it cannot be read.")) from error
            held += piece
            continue
        yield found
        held = held[end:]


def _read_value(value: Any) -> Cell:
    if isinstance(value, list):
        return [_mend(name) for name in value] if all(isinstance(name, str) for name in value) else None
    if value is None:
        return ""
    return _mend(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _mend(text: str) -> str:
    """JSON can say what is no text: NUL, and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
