"""The page that finds tracks by a description in words: `?words=calm+piano`."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from recommender.catalog.models.music import Viewer
from recommender.similarity.describing.describe import Described, find_described
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.describing.words import LONGEST_DESCRIPTION, Term, TermKind, read_description
from recommender.web.sound_facts import name_decade, name_key

EXAMPLES = (
    gettext_noop("calm piano"),
    gettext_noop("fast electronic"),
    gettext_noop("sad guitar without drums"),
    gettext_noop("bright 90s pop"),
)


def list_examples() -> list[str]:
    return [_(example) for example in EXAMPLES]


@dataclass(frozen=True, kw_only=True)
class DescribePage:
    """`text` is empty where nothing was said."""

    text: str
    described: Described | None
    examples: list[str] = field(default_factory=list_examples)


@require_safe
def describe(request: HttpRequest) -> HttpResponse:
    return render(request, "describe.html", {"page": describe_words(request.user, request.GET.get("words", ""))})


def describe_words(viewer: Viewer, text: str) -> DescribePage:
    asked = _clean(text)
    return DescribePage(text=asked, described=find_described(asked, viewer) if asked else None)


def is_description(text: str) -> bool:
    """Whether something of a search may as well be meant as a description. Needs no query."""
    return bool(read_description(_clean(text)).terms)


def name_term(term: Term) -> str:
    """What was understood, in our words."""
    if term.kind == TermKind.KEY:
        return name_key(int(term.value))
    if term.kind == TermKind.DECADE:
        return name_decade(int(term.value))
    if term.kind == TermKind.PACE and term.value == "medium":
        return _("medium tempo")
    return name_word(str(term.value))


def _clean(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST_DESCRIPTION])
    return " ".join(printable.encode("utf-8", "ignore").decode().split())
