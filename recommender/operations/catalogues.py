"""The words of other languages as Django reads them: `locale/LANGUAGE/LC_MESSAGES/*.po`, compiled into the home."""

import os
from collections.abc import Callable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings


def compile_catalogues_if_changed(say: Callable[[str], None]) -> None:
    """A catalogue that cannot be read keeps nothing from starting: without it pages speak English, or as before."""
    for source in sorted(settings.TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        compiled = settings.LOCALE_PATHS[0] / source.relative_to(settings.TRANSLATIONS).with_suffix(".mo")
        if _is_of(compiled, source):
            continue
        say(f"Compiling the words of {source.relative_to(settings.TRANSLATIONS)}")
        try:
            compile_catalogue(source, compiled)
        except (OSError, ValueError, PoFileError) as error:
            say(f"They cannot be used: {error}")


def compile_catalogue(source: Path, compiled: Path) -> None:
    """What is marked as fuzzy is left out. Raises OSError, ValueError and PoFileError."""
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    compiled.parent.mkdir(parents=True, exist_ok=True)
    fresh = compiled.with_suffix(".part")
    with fresh.open("wb") as file:
        write_mo(file, catalog)
    os.utime(fresh, ns=(source.stat().st_mtime_ns,) * 2)
    fresh.replace(compiled)


def _is_of(compiled: Path, source: Path) -> bool:
    """Whether it was made of the source as it is: then both bear the same time."""
    return compiled.is_file() and compiled.stat().st_mtime_ns == source.stat().st_mtime_ns
