"""From the code to the files that translators write, `locale/LANGUAGE/LC_MESSAGES/{django,djangojs}.po`.

What code asks gettext for is found in Python, templates and scripts. Files are written in a steady order, without line
numbers and dates, so that a change shows what changed and nothing else.
"""

import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LAZY: Final = {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER: Final = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"
"""
NOTE_MARK: Final = "Translators:"
WIDTH: Final = 120

# As gettext tells messages apart: the context, and the text or both its singular and plural.
Key = tuple[str | None, str | tuple[str, ...] | list[str]]


@dataclass(frozen=True)
class Source:
    """Where messages of a catalogue are: a folder of the project, the ending of its files, what Babel calls them."""

    folder: str
    suffix: str
    method: str


SOURCES: Final = {
    "django": (
        Source("recommender", ".py", "python"),
        Source("templates", ".html", "template"),
        Source("templates", ".jinja", "jinja2.ext:babel_extract"),
    ),
    "djangojs": (Source("static/js", ".js", "javascript"),),
}


@dataclass(frozen=True)
class Updated:
    """A catalogue as it should be: where it lies, its text, how many messages it has and how many lack words."""

    path: Path
    text: str
    total: int
    missing: int


def update_catalogues() -> Iterator[Updated]:
    """For each language but that of the code, each catalogue with what is translated and what is not yet."""
    for domain in SOURCES:
        found = sort_messages(find_messages(domain))
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                path = settings.TRANSLATIONS / language / "LC_MESSAGES" / f"{domain}.po"
                yield merge(found, language, path)


def find_messages(domain: str) -> Iterator[Message]:
    """Every use of a message, with the file it is in."""
    for source in SOURCES[domain]:
        for path in sorted((settings.BASE_DIR / source.folder).rglob(f"*{source.suffix}")):
            yield from _find_in(path, source.method)


def sort_messages(found: Iterable[Message]) -> list[Message]:
    """Each message once, by the first file that has it and its text."""
    by_key: dict[Key, Message] = {}
    for message in found:
        known = by_key.setdefault((message.context, message.id), message)
        known.locations = sorted({*known.locations, *message.locations})
        known.auto_comments = sorted({*known.auto_comments, *message.auto_comments})
    return sorted(by_key.values(), key=_place)


def merge(found: list[Message], language: str, path: Path) -> Updated:
    """What was found, with the words that the file at `path` has for it; what is asked no more is dropped."""
    known = read_catalogue(path, language)
    catalog = Catalog(locale=language)
    for message in found:
        before = known.get(message.id, message.context)
        words = before.string if before and not before.fuzzy else None
        catalog.add(
            message.id,
            words,
            message.locations,
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before else (),
            context=message.context,
        )
    missing = sum(not is_translated(message) for message in catalog if message.id)
    return Updated(path, _read_head(path) + _write(catalog, language), len(catalog), missing)


def read_catalogue(path: Path, language: str) -> Catalog:
    """An empty one where there is no file yet."""
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def is_translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(strings) and all(strings)


def _place(message: Message) -> tuple[str, str, str]:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return message.locations[0][0], first, message.context or ""


def _find_in(path: Path, method: str) -> Iterator[Message]:
    text = path.read_text()
    options: dict[str, Any] = {"parse_template_string": True} if method == "javascript" else {}
    if method == "template":
        # Indentation means nothing there, and to the reader of Python everything.
        lines = templatize(text, origin=str(path)).splitlines()
        text, method = "\n".join(line.strip() for line in lines), "python"
    name = path.relative_to(settings.BASE_DIR).as_posix()
    keywords = {**DEFAULT_KEYWORDS, **LAZY}
    for _line, asked, notes, context in extract(method, io.BytesIO(text.encode()), keywords, [NOTE_MARK], options):
        yield Message(asked, locations=[(name, 0)], auto_comments=notes, context=context)


def _read_head(path: Path) -> str:
    """What translators wrote at the top for each other, as they wrote it."""
    lines = path.read_text().splitlines(keepends=True) if path.is_file() else []
    return "".join(itertools.takewhile(lambda line: line.startswith("#"), lines))


def _write(catalog: Catalog, language: str) -> str:
    body = io.BytesIO()
    write_po(body, catalog, width=WIDTH, omit_header=True, include_lineno=False)
    header = HEADER.format(language=language, plural=catalog.plural_forms.rstrip(";") + ";")
    return f"{header}\n{body.getvalue().decode()}".rstrip("\n") + "\n"
