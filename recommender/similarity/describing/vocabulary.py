"""The words in which music is described, and in which tracks are.

Each is said in several ways. In translations, too, a message has all of them with commas between them: pages show the
first, descriptions may use any. English is understood whatever the language of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_noop, override

from recommender.catalog.names import fold

_BETWEEN: Final = ", "

# The words of tracks (`ingest.words`).
SPOKEN: Final[dict[str, str]] = {
    # Translators: All ways to say it, with commas between them. Pages show the first one; who describes music may use
    # any, so let inflected forms follow.
    "R&B": gettext_noop("R&B, rnb, r'n'b, rhythm and blues"),
    "acoustic": gettext_noop("acoustic, unplugged"),
    "acoustic guitar": gettext_noop("acoustic guitar, acoustic guitars"),
    "alternative": gettext_noop("alternative"),
    "alternative rock": gettext_noop("alternative rock, alt rock"),
    "ambient": gettext_noop("ambient, ambience"),
    "atmospheric": gettext_noop("atmospheric, atmosphere, spacey"),
    "bass": gettext_noop("bass, bass guitar"),
    "blues": gettext_noop("blues, bluesy"),
    "chillout": gettext_noop("chillout, chill, chilled, chill out"),
    "cinematic": gettext_noop("cinematic, film, epic"),
    "classic rock": gettext_noop("classic rock"),
    "classical": gettext_noop("classical, classical music"),
    "country": gettext_noop("country"),
    "dance": gettext_noop("dance, dancing, danceable"),
    "downtempo": gettext_noop("downtempo, down tempo"),
    "drum machine": gettext_noop("drum machine, drum machines"),
    "drums": gettext_noop("drums, drum, drumming, percussion"),
    "easy listening": gettext_noop("easy listening"),
    "electric guitar": gettext_noop("electric guitar, electric guitars"),
    "electric piano": gettext_noop("electric piano, rhodes"),
    "electro": gettext_noop("electro"),
    "electronic": gettext_noop("electronic, electronica, electronic music"),
    "emotional": gettext_noop("emotional, moving"),
    "energetic": gettext_noop("energetic"),
    "experimental": gettext_noop("experimental, strange, weird"),
    "female voice": gettext_noop("female voice, female vocals, female vocalist, female singer, woman singing"),
    "folk": gettext_noop("folk, folky"),
    "folk pop": gettext_noop("folk pop"),
    "funk": gettext_noop("funk, funky"),
    "guitar": gettext_noop("guitar, guitars"),
    "happy": gettext_noop("happy, cheerful, joyful, merry"),
    "hard rock": gettext_noop("hard rock"),
    "hip hop": gettext_noop("hip hop, rap, hiphop, hip-hop"),
    "house": gettext_noop("house, house music"),
    "indie": gettext_noop("indie"),
    "indie pop": gettext_noop("indie pop"),
    "indie rock": gettext_noop("indie rock"),
    "instrumental": gettext_noop("instrumental, instrumentals"),
    "instrumental pop": gettext_noop("instrumental pop"),
    "jazz": gettext_noop("jazz, jazzy"),
    "keyboard": gettext_noop("keyboard, keyboards, keys"),
    "lounge": gettext_noop("lounge"),
    "male voice": gettext_noop("male voice, male vocals, male vocalist, male singer, man singing"),
    "mellow": gettext_noop("mellow, soft, gentle"),
    "metal": gettext_noop("metal, heavy metal"),
    "new age": gettext_noop("new age"),
    "orchestral": gettext_noop("orchestral, orchestra, symphonic"),
    "party": gettext_noop("party"),
    "piano": gettext_noop("piano, pianos"),
    "pop": gettext_noop("pop, poppy"),
    "pop rock": gettext_noop("pop rock"),
    "progressive rock": gettext_noop("progressive rock, prog, prog rock"),
    "punk": gettext_noop("punk, punk rock"),
    "reggae": gettext_noop("reggae"),
    "relaxing": gettext_noop("relaxing, relaxed, soothing"),
    "rock": gettext_noop("rock, rocking"),
    "sad": gettext_noop("sad, melancholic, melancholy, sorrowful"),
    "soul": gettext_noop("soul, soulful"),
    "soundtrack": gettext_noop("soundtrack, score"),
    "strings": gettext_noop("strings, string"),
    "synthesizer": gettext_noop("synthesizer, synth, synths, synthesizers, synthesiser"),
    "techno": gettext_noop("techno"),
    "trance": gettext_noop("trance"),
    "trip hop": gettext_noop("trip hop, triphop, trip-hop"),
    "violin": gettext_noop("violin, violins, fiddle"),
    "voice": gettext_noop("voice, vocals, vocal, singing, sung, voices"),
    "world": gettext_noop("world, world music"),
}
_PACES: Final = {
    "slow": gettext_noop("slow, slowly"),
    "medium": gettext_noop("medium, mid tempo, midtempo, moderate"),
    "fast": gettext_noop("fast, quick, uptempo, up tempo, rapid"),
}
_LEVELS: Final = {
    "calm": gettext_noop("calm, quiet, peaceful, tranquil"),
    "powerful": gettext_noop("powerful, loud, intense, driving"),
    "dark": gettext_noop("dark, dull, muffled"),
    "bright": gettext_noop("bright, brilliant, shiny"),
}
# In the order of the keys 0-11.
_TONICS: Final = (
    gettext_noop("c, b sharp"),
    gettext_noop("c sharp, d flat"),
    gettext_noop("d, d natural"),
    gettext_noop("d sharp, e flat"),
    gettext_noop("e, f flat"),
    gettext_noop("f, e sharp"),
    gettext_noop("f sharp, g flat"),
    gettext_noop("g, g natural"),
    gettext_noop("g sharp, a flat"),
    gettext_noop("a, a natural"),
    gettext_noop("a sharp, b flat"),
    gettext_noop("b, c flat"),
)
_MODES: Final = (gettext_noop("major"), gettext_noop("minor"))
_DECADES: Final = {
    1920: gettext_noop("twenties"),
    1930: gettext_noop("thirties"),
    1940: gettext_noop("forties"),
    1950: gettext_noop("fifties"),
    1960: gettext_noop("sixties"),
    1970: gettext_noop("seventies"),
    1980: gettext_noop("eighties"),
    1990: gettext_noop("nineties"),
    2000: gettext_noop("noughties"),
}
# Translators: What follows the number of a decade in a description, as in 90s and 90's.
_DECADE_ENDINGS: Final = gettext_noop("s, 's")
# Translators: What says that the next word is not wanted.
_NEGATIONS: Final = gettext_noop("without, no, not, non")
# Translators: What joins two words that are both not wanted: without drums and bass.
_JOINERS: Final = gettext_noop("and, or")
# Translators: What people say in a description without meaning anything by it.
_FILLERS: Final = gettext_noop(
    "a, an, and, any, as, at, but, by, for, from, give, in, is, it, like, me, music, of, or, play, really, some, "
    "something, song, songs, sound, sounds, that, the, this, to, track, tracks, tune, tunes, very, want, with"
)

Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class Vocabulary:
    """What folded phrases mean. `keys`: 0-11 C to B major, 12-23 minor; `decades`: their first years."""

    words: Mapping[str, str]
    paces: Mapping[str, str]
    levels: Mapping[str, str]
    keys: Mapping[str, int]
    decades: Mapping[str, int]
    decade_endings: frozenset[str]
    negations: frozenset[str]
    joiners: frozenset[str]
    fillers: frozenset[str]


def vocabulary() -> Vocabulary:
    """That of the language of the page, and of English."""
    return _build(get_language() or settings.LANGUAGE_CODE)


def name_word(word: str) -> str:
    """A word of a track, a pace or a level, as the language of the page says it; any other as it is."""
    ways = _NAMED.get(word)
    return word if ways is None else gettext(ways).partition(_BETWEEN)[0]


@cache
def _build(language: str) -> Vocabulary:
    """Where two languages say different things alike, that of the page is meant."""
    languages = dict.fromkeys((language, settings.LANGUAGE_CODE))
    return Vocabulary(
        words=_read(SPOKEN, languages),
        paces=_read(_PACES, languages),
        levels=_read(_LEVELS, languages),
        keys=_read_keys(languages),
        decades=_read(_DECADES, languages),
        decade_endings=_read_set(_DECADE_ENDINGS, languages),
        negations=_read_set(_NEGATIONS, languages),
        joiners=_read_set(_JOINERS, languages),
        fillers=_read_set(_FILLERS, languages),
    )


def _read(table: Mapping[Value, str], languages: Mapping[str, None]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for language in languages:
        with override(language):
            for value, ways in table.items():
                for way in _ways_of(ways):
                    found.setdefault(way, value)
    return found


def _read_set(ways: str, languages: Mapping[str, None]) -> frozenset[str]:
    return frozenset(_read({"": ways}, languages))


def _read_keys(languages: Mapping[str, None]) -> dict[str, int]:
    """Tonic and mode are of one language: B is another note in German."""
    found: dict[str, int] = {}
    for language in languages:
        with override(language):
            for place, mode in enumerate(_MODES):
                for number, tonic in enumerate(_TONICS):
                    for key in (f"{note} {kind}" for note in _ways_of(tonic) for kind in _ways_of(mode)):
                        found.setdefault(key, number + place * len(_TONICS))
    return found


def _ways_of(message: str) -> Iterator[str]:
    return (way for part in gettext(message).split(_BETWEEN.strip()) if (way := fold(part)))


_NAMED: Final = {**_PACES, **_LEVELS, **SPOKEN}
