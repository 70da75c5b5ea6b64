"""What somebody means who describes music in words: "calm piano", "sad 90s guitar without drums", "fast in A minor".

Words are understood that something was measured for: the descriptive words encoders find (with a few other ways to say
each), genres of the catalog, pace, energy, brightness, key and decade. Nothing is guessed at: what is not understood
is named, and left out.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recommender.catalog.names import fold
from recommender.similarity.describing.vocabulary import Vocabulary, vocabulary

LONGEST_DESCRIPTION: Final = 200
_MOST_WORDS: Final = 16
_LONGEST_PHRASE: Final = 3

_NUMBERED_DECADE: Final = re.compile(r"^((?:18|19|20)?\d0)(\D+)$")
# Two digits from here on are of the last century, below it of this one.
_THIS_CENTURY_BELOW: Final = 30


class TermKind(StrEnum):
    WORD = "word"
    GENRE = "genre"
    PACE = "pace"
    LEVEL = "level"
    KEY = "key"
    DECADE = "decade"


@dataclass(frozen=True)
class Term:
    """`said`: the words as typed, folded. `value`: the word of tracks, the name key of a genre, the name of a pace or
    a level, the number of a key or the first year of a decade.
    """

    kind: TermKind
    value: str | int
    said: str
    is_unwanted: bool = False


@dataclass(frozen=True)
class Description:
    """What was understood, in the order in which it was said, and the words that were not."""

    terms: tuple[Term, ...]
    strange: tuple[str, ...]


def list_phrases(text: str) -> frozenset[str]:
    """All that may be a name of something in `text`: runs of up to three words, folded."""
    words = _split(text)
    return frozenset(phrase for start in range(len(words)) for phrase, _ in _phrases_at(words, start))


def read_description(text: str, genres: Collection[str] = ()) -> Description:
    """`genres`: the name keys of those that `list_phrases` led to. The longest names are understood first."""
    words, known = _split(text), vocabulary()
    terms: dict[tuple[TermKind, str | int], Term] = {}
    strange: dict[str, None] = {}
    start, is_unwanted = 0, False
    while start < len(words):
        term, taken = _read_at(words, start, known, genres)
        if term is not None:
            terms.setdefault((term.kind, term.value), Term(term.kind, term.value, term.said, is_unwanted))
        elif words[start] not in known.fillers and words[start] not in known.negations:
            strange[words[start]] = None
        # "without drums and bass" means neither; "no drums, calm" does not: commas are read as ends.
        is_unwanted = _goes_on(words[start:], taken, known, is_unwanted)
        start += taken
    return Description(tuple(terms.values()), tuple(word for word in strange if word != _END))


_END: Final = ","


def _goes_on(words: Sequence[str], taken: int, known: Vocabulary, is_unwanted: bool) -> bool:
    """Whether what follows the first of `words`, of which so many were taken, is unwanted."""
    if words[0] in known.negations:
        return True
    if words[0] in known.fillers:
        return is_unwanted
    follows = words[taken] if taken < len(words) else _END
    return is_unwanted and follows in known.joiners


def _split(text: str) -> list[str]:
    spaced = re.sub(r"[,;.!?/+]", f" {_END} ", fold(text[:LONGEST_DESCRIPTION])).replace("♯", " sharp")
    words = re.findall(r"[^\s\"()]+", spaced.replace("♭", " flat").replace("#", " sharp"))
    return words[:_MOST_WORDS]


def _phrases_at(words: list[str], start: int) -> Iterator[tuple[str, int]]:
    for length in range(min(_LONGEST_PHRASE, len(words) - start), 0, -1):
        yield " ".join(words[start : start + length]), length


def _read_at(words: list[str], start: int, known: Vocabulary, genres: Collection[str]) -> tuple[Term | None, int]:
    """What is said at `start`, and in how many words."""
    for phrase, length in _phrases_at(words, start):
        for kind, read in _READERS.items():
            value = read(known, phrase)
            if value is not None:
                return Term(kind, value, phrase), length
        if phrase in genres:
            return Term(TermKind.GENRE, phrase, phrase), length
    return None, 1


def _read_key(known: Vocabulary, phrase: str) -> int | None:
    spelt = re.sub(r"^([a-g])b ", r"\1 flat ", phrase.replace("-", " "))
    return known.keys.get(spelt)


def _read_decade(known: Vocabulary, phrase: str) -> int | None:
    numbered = _NUMBERED_DECADE.match(phrase)
    if not numbered or numbered[2].strip() not in known.decade_endings:
        return known.decades.get(phrase)
    number = int(numbered[1])
    if number < 100:
        number += 2000 if number < _THIS_CENTURY_BELOW else 1900
    return number


# In the order in which they are tried.
_READERS: Final[dict[TermKind, Callable[[Vocabulary, str], str | int | None]]] = {
    TermKind.KEY: _read_key,
    TermKind.DECADE: _read_decade,
    TermKind.PACE: lambda known, phrase: known.paces.get(phrase),
    TermKind.LEVEL: lambda known, phrase: known.levels.get(phrase),
    TermKind.WORD: lambda known, phrase: known.words.get(phrase),
}
