"""A German in which only some words are known: what the translations of the day say is no matter of tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import override

from recommender.operations.catalogues import compile_catalogue
from recommender.similarity.describing import vocabulary


@contextmanager
def speaking_german(folder: Path, settings: Any, words: Mapping[str, str]) -> Iterator[None]:
    """`settings` is the fixture: other tests find the real translations again."""
    source = folder / "de.po"
    entries = [f'msgid "{english}"\nmsgstr "{german}"\n' for english, german in words.items()]
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + "\n".join(entries))
    compile_catalogue(source, folder / "locale/de/LC_MESSAGES/django.mo")
    settings.LOCALE_PATHS = [folder / "locale"]
    vocabulary._build.cache_clear()
    with override("de"):
        yield
    vocabulary._build.cache_clear()
