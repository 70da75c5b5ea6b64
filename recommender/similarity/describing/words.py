"""What somebody means who describes music in words: "calm piano", "sad 90s guitar without drums", "fast in A minor".

Words are understood that something was measured for: the descriptive words encoders find (with a few other ways to say
each), genres of the catalog, pace, energy, brightness, key and decade. Nothing is guessed at: what is not understood
is named, and left out.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recommender.catalog.names import fold

LONGEST_DESCRIPTION: Final = 200
_MOST_WORDS: Final = 16
_LONGEST_PHRASE: Final = 3

# The words of tracks (`ingest.words`), and what else people say for them.
SPOKEN: Final[dict[str, tuple[str, ...]]] = {
    "R&B": ("rnb", "r'n'b", "rhythm and blues"),
    "acoustic": ("unplugged",),
    "acoustic guitar": ("acoustic guitars",),
    "alternative": (),
    "alternative rock": ("alt rock",),
    "ambient": ("ambience",),
    "atmospheric": ("atmosphere", "spacey"),
    "bass": ("bass guitar",),
    "blues": ("bluesy",),
    "chillout": ("chill", "chilled", "chill out"),
    "cinematic": ("film", "epic"),
    "classic rock": (),
    "classical": ("classical music",),
    "country": (),
    "dance": ("dancing", "danceable"),
    "downtempo": ("down tempo",),
    "drum machine": ("drum machines",),
    "drums": ("drum", "drumming", "percussion"),
    "easy listening": (),
    "electric guitar": ("electric guitars",),
    "electric piano": ("rhodes",),
    "electro": (),
    "electronic": ("electronica", "electronic music"),
    "emotional": ("moving",),
    "energetic": (),
    "experimental": ("strange", "weird"),
    "female voice": ("female vocals", "female vocalist", "female singer", "woman singing"),
    "folk": ("folky",),
    "folk pop": (),
    "funk": ("funky",),
    "guitar": ("guitars",),
    "happy": ("cheerful", "joyful", "merry"),
    "hard rock": (),
    "hip hop": ("rap", "hiphop", "hip-hop"),
    "house": ("house music",),
    "indie": (),
    "indie pop": (),
    "indie rock": (),
    "instrumental": ("instrumentals",),
    "instrumental pop": (),
    "jazz": ("jazzy",),
    "keyboard": ("keyboards", "keys"),
    "lounge": (),
    "male voice": ("male vocals", "male vocalist", "male singer", "man singing"),
    "mellow": ("soft", "gentle"),
    "metal": ("heavy metal",),
    "new age": (),
    "orchestral": ("orchestra", "symphonic"),
    "party": (),
    "piano": ("pianos",),
    "pop": ("poppy",),
    "pop rock": (),
    "progressive rock": ("prog", "prog rock"),
    "punk": ("punk rock",),
    "reggae": (),
    "relaxing": ("relaxed", "soothing"),
    "rock": ("rocking",),
    "sad": ("melancholic", "melancholy", "sorrowful"),
    "soul": ("soulful",),
    "soundtrack": ("score",),
    "strings": ("string",),
    "synthesizer": ("synth", "synths", "synthesizers", "synthesiser"),
    "techno": (),
    "trance": (),
    "trip hop": ("triphop", "trip-hop"),
    "violin": ("violins", "fiddle"),
    "voice": ("vocals", "vocal", "singing", "sung", "voices"),
    "world": ("world music",),
}
_PACES: Final = {
    "slow": ("slowly",),
    "medium": ("mid tempo", "midtempo", "moderate"),
    "fast": ("quick", "uptempo", "up tempo", "rapid"),
}
_LEVELS: Final = {
    "calm": ("quiet", "peaceful", "tranquil"),
    "powerful": ("loud", "intense", "driving"),
    "dark": ("dull", "muffled"),
    "bright": ("brilliant", "shiny"),
}
# In the order of the keys 0-11; other ways to write each.
_TONICS: Final = (
    ("c", "b sharp"),
    ("c sharp", "d flat"),
    ("d",),
    ("d sharp", "e flat"),
    ("e", "f flat"),
    ("f", "e sharp"),
    ("f sharp", "g flat"),
    ("g",),
    ("g sharp", "a flat"),
    ("a",),
    ("a sharp", "b flat"),
    ("b", "c flat"),
)
_DECADES: Final = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
    "eighties": 1980, "nineties": 1990, "noughties": 2000,
}  # fmt: skip
_NUMBERED_DECADE: Final = re.compile(r"^((?:18|19|20)?\d0)'?s$")
# Two digits from here on are of the last century, below it of this one.
_THIS_CENTURY_BELOW: Final = 30
_NEGATIONS: Final = frozenset({"without", "no", "not", "non"})
_FILLERS: Final = frozenset({
    "a", "an", "and", "any", "as", "at", "but", "by", "for", "from", "give", "in", "is", "it", "like", "me", "music",
    "of", "or", "play", "really", "some", "something", "song", "songs", "sound", "sounds", "that", "the", "this", "to",
    "track", "tracks", "tune", "tunes", "very", "want", "with",
})  # fmt: skip


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
    words = _split(text)
    terms: dict[tuple[TermKind, str | int], Term] = {}
    strange: dict[str, None] = {}
    start, is_unwanted = 0, False
    while start < len(words):
        term, taken = _read_at(words, start, genres)
        if term is not None:
            terms.setdefault((term.kind, term.value), Term(term.kind, term.value, term.said, is_unwanted))
        elif words[start] not in _FILLERS and words[start] not in _NEGATIONS:
            strange[words[start]] = None
        # "without drums and bass" means neither; "no drums, calm" does not: commas are read as ends.
        is_unwanted = _goes_on(words, start, taken, is_unwanted)
        start += taken
    return Description(tuple(terms.values()), tuple(word for word in strange if word != _END))


_END: Final = ","


def _goes_on(words: list[str], start: int, taken: int, is_unwanted: bool) -> bool:
    if words[start] in _NEGATIONS:
        return True
    if words[start] in _FILLERS:
        return is_unwanted
    follows = words[start + taken] if start + taken < len(words) else _END
    return is_unwanted and follows in ("and", "or")


def _split(text: str) -> list[str]:
    spaced = re.sub(r"[,;.!?/+]", f" {_END} ", fold(text[:LONGEST_DESCRIPTION])).replace("♯", " sharp")
    words = re.findall(r"[^\s\"()]+", spaced.replace("♭", " flat").replace("#", " sharp"))
    return words[:_MOST_WORDS]


def _phrases_at(words: list[str], start: int) -> Iterator[tuple[str, int]]:
    for length in range(min(_LONGEST_PHRASE, len(words) - start), 0, -1):
        yield " ".join(words[start : start + length]), length


def _read_at(words: list[str], start: int, genres: Collection[str]) -> tuple[Term | None, int]:
    """What is said at `start`, and in how many words."""
    for phrase, length in _phrases_at(words, start):
        for read in _READERS:
            term = read(phrase)
            if term is not None:
                return term, length
        if phrase in genres:
            return Term(TermKind.GENRE, phrase, phrase), length
    return None, 1


def _read_key(phrase: str) -> Term | None:
    tonic, _, mode = phrase.rpartition(" ")
    if mode not in ("major", "minor"):
        return None
    spelt = re.sub(r"^([a-g])b$", r"\1 flat", tonic)
    number = next((number for number, names in enumerate(_TONICS) if spelt in names), None)
    return None if number is None else Term(TermKind.KEY, number + (12 if mode == "minor" else 0), phrase)


def _read_decade(phrase: str) -> Term | None:
    numbered = _NUMBERED_DECADE.match(phrase)
    if not numbered:
        year = _DECADES.get(phrase)
        return None if year is None else Term(TermKind.DECADE, year, phrase)
    number = int(numbered[1])
    if number < 100:
        number += 2000 if number < _THIS_CENTURY_BELOW else 1900
    return Term(TermKind.DECADE, number, phrase)


def _names_of(kind: TermKind, table: dict[str, tuple[str, ...]]) -> Callable[[str], Term | None]:
    names = {fold(name): word for word, others in table.items() for name in (word, *others)}
    return lambda phrase: Term(kind, names[phrase], phrase) if phrase in names else None


_READERS: Final = (
    _read_key,
    _read_decade,
    _names_of(TermKind.PACE, _PACES),
    _names_of(TermKind.LEVEL, _LEVELS),
    _names_of(TermKind.WORD, SPOKEN),
)
