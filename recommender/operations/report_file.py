"""Where a command leaves its report: text on the terminal and JSON in a file, or with - only JSON on the terminal."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from recommender.operations.errors import ReportNotWrittenError

TERMINAL: Final = Path("-")


def check_report_file(target: Path | None) -> None:
    """Raises ReportNotWrittenError, before hours of work, for a file that cannot be written after them."""
    if target is None or target == TERMINAL:
        return
    folder = target.absolute().parent
    if not folder.is_dir():
        raise ReportNotWrittenError(f"There is no folder {folder} for the report.")
    if target.is_dir():
        raise ReportNotWrittenError(f"{target} is a folder: name a file for the report.")
    if not os.access(target if target.exists() else folder, os.W_OK):
        raise ReportNotWrittenError(f"{target} cannot be written: choose another file for the report.")


def write_report(report: Mapping[str, Any], text: str, target: Path | None, say: Callable[[str], None]) -> None:
    """The text first: whatever becomes of the file, people have read what was done. Raises ReportNotWrittenError."""
    as_json = json.dumps(report, indent=1) + "\n"
    if target == TERMINAL:
        say(as_json)
        return
    say(text)
    if target is None:
        return
    try:
        target.write_text(as_json)
    except OSError as error:
        raise ReportNotWrittenError(f"The report above cannot be written to {target}: {error}") from error
