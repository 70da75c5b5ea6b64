"""What the values of tags mean: numbers, years, names and identifiers out of text that anybody may have written."""

import re
from collections.abc import Iterable

from recommender.catalog.names import fold
from recommender.ingest.id3_genres import ID3_GENRES
from recommender.ingest.text import make_readable

LONGEST_NAME = 500
LONGEST_GENRE = 100
MOST_ARTISTS = 20
MOST_GENRES = 8
YEARS = range(1000, 2101)
# The values that a 16-bit number of hundredths can take, and more than any music needs.
LARGEST_GAIN_DB = 51.0
VARIOUS_ARTISTS = "Various Artists"

_VARIOUS = frozenset({"va", "v.a.", "v/a", "various", "various artist", "various artists"})
_LEADING_YEAR = re.compile(r"\s*(\d{4})(?:\d{4})?(?!\d)", re.ASCII)
_ANY_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_NUMBER = re.compile(r"\s*(\d{1,5})\s*(?:/.*)?", re.ASCII)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GAIN = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*(?:db)?\s*", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"\s*([+-]?\d{1,5})\s*", re.ASCII)
_GENRE_IN_BRACKETS = re.compile(r"\((\d{1,3}|RX|CR)\)", re.ASCII)
_GENRES = {**{str(number): name for number, name in enumerate(ID3_GENRES)}, "RX": "Remix", "CR": "Cover"}


def read_name(values: Iterable[str], longest: int = LONGEST_NAME) -> str:
    """The first of `values` of which something is left to be shown, else ""."""
    return next((name for value in values if (name := make_readable(value, longest))), "")


def read_names(values: Iterable[str]) -> tuple[str, ...]:
    """Artists, split at ";" and NUL only: "&", "," and "feat." are parts of names. Each once, at most MOST_ARTISTS."""
    parts = [part for value in values for part in re.split(r"[;\0]", value)]
    return tuple(_without_joined(_name_once(parts, LONGEST_NAME)))[:MOST_ARTISTS]


def read_album_artist(values: Iterable[str]) -> str:
    name = next(iter(read_names(values)), "")
    return VARIOUS_ARTISTS if is_various(name) else name


def is_various(name: str) -> bool:
    return fold(name) in _VARIOUS


def read_genres(values: Iterable[str]) -> tuple[str, ...]:
    """Genres by name, the numbers of ID3 among them resolved; each once, at most MOST_GENRES."""
    parts = [genre for value in values for part in re.split(r"[;\0]", value) for genre in _resolve_genre(part)]
    return tuple(_name_once(parts, LONGEST_GENRE))[:MOST_GENRES]


def read_year(values: Iterable[str]) -> int | None:
    """The first plausible year in dates such as "1999", "1999-12-31", "19991231" or "31.12.1999"."""
    for value in values:
        found = _LEADING_YEAR.match(value) or _ANY_YEAR.search(value)
        if found and int(found[1]) in YEARS:
            return int(found[1])
    return None


def read_number(values: Iterable[str], largest: int) -> int | None:
    """3 for "3", "03" and "3/12"; None for what is not between 1 and `largest`."""
    for value in values:
        found = _NUMBER.fullmatch(value)
        if found and 1 <= int(found[1]) <= largest:
            return int(found[1])
    return None


def read_isrc(values: Iterable[str]) -> str:
    """The International Standard Recording Code (ISO 3901) without its dashes, "" for what has not its shape."""
    for value in values:
        code = re.sub(r"[-\s]", "", value.upper()).removeprefix("ISRC")
        if _ISRC.fullmatch(code):
            return code
    return ""


def read_musicbrainz_ids(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        found for value in values for found in re.split(r"[;/,\s\0]+", value.lower()) if _UUID.fullmatch(found)
    )


def read_gain(replaygain: Iterable[str], r128: Iterable[str]) -> float | None:
    """The track gain in dB towards -18 LUFS (ReplayGain 2.0).

    Opus has it in 1/256 dB towards -23 LUFS (RFC 7845, section 5.2.1).
    """
    gains = [float(found[1]) for value in replaygain if (found := _GAIN.fullmatch(value))]
    gains += [int(found[1]) / 256 + 5 for value in r128 if (found := _WHOLE.fullmatch(value))]
    return next((gain for gain in gains if abs(gain) <= LARGEST_GAIN_DB), None)


def is_yes(values: Iterable[str]) -> bool:
    return any(value.strip().lower() in ("1", "true", "yes") for value in values)


def _name_once(texts: Iterable[str], longest: int) -> list[str]:
    """Each name once, as it is written first; what cannot be shown is left out."""
    names: dict[str, str] = {}
    for text in texts:
        if name := make_readable(text, longest):
            names.setdefault(fold(name), name)
    return list(names.values())


def _without_joined(names: list[str]) -> list[str]:
    """Without names that only string others together: beside "A" and "B", some programs write "A & B" too."""
    keys = [fold(name) for name in names]
    return [
        name
        for name, key in zip(names, keys, strict=True)
        if sum(other != key and _has_word(key, other) for other in keys) < 2
    ]


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _resolve_genre(text: str) -> list[str]:
    """The genres in "Rock", "17", "(17)", "(17)(4)" or "(4)Eurodisco" (ID3v2.3.0, section 4.2.1)."""
    genres: list[str] = []
    rest = text.strip()
    while found := _GENRE_IN_BRACKETS.match(rest):
        genres.append(_GENRES.get(found[1], ""))
        rest = rest[found.end() :].strip()
    if rest.isdecimal():
        rest = _GENRES.get(rest, "")
    # What follows a number only refines it.
    return [*([] if rest and genres else genres), rest.replace("((", "(", 1) if rest.startswith("((") else rest]
