"""Artists who may be one, and names that may be several artists: found among all names, for people to decide.

Of 30,000 names that takes a second or two; what was found is kept until a name changes.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import OSA

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists
from recommender.catalog.kept import Kept
from recommender.catalog.models import Artist, ArtistAlias, DistinctNames
from recommender.catalog.names import fold_key
from recommender.catalog.revision import read_revision

# So many are shown at most; when they have been judged the next ones are.
MOST_SHOWN: Final = 2_000
# More of one spelling than this are no slips of the finger.
MOST_ALIKE: Final = 12
SHORTEST: Final = 6
# From here on a letter may be missing in one and another one in the other.
LONG: Final = 10

_ARTICLES: Final = frozenset({"the", "a", "die", "der", "das", "les", "los"})
_AND: Final = frozenset({"and", "und", "et", "y", "n"})
_SIGNS: Final = re.compile(r"[^\w\s]|_")
_GUESTS: Final = re.compile(r"\s*[\(\[]?\s*\b(?:feat\b\.?|ft\b\.?|featuring\b|vs\b\.?)\s*", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*[,;/]\s*|\s+(?:&|\+|x|\u00d7|and|und|with)\s+", re.IGNORECASE)


class Why(TextChoices):
    """What speaks for one artist, the strongest first."""

    IDENTIFIER = "identifier", _("the same MusicBrainz artist")
    SPELLING = "spelling", _("the same but for signs and articles")
    TURNED = "turned", _("the same the other way round")
    SLIP = "slip", _("the same but for a letter or two")


class Name(NamedTuple):
    """`key` is the name folded, and `plain` that simplified."""

    pk: int
    name: str
    key: str
    musicbrainz_id: str
    plain: str


class Alike(NamedTuple):
    first: Name
    second: Name
    why: Why


class Several(NamedTuple):
    """`parts` are names in their order with the artist there is of each, 0 for none. Where `is_told` a word such as
    "feat." says that these are several; else only that all of them are there.
    """

    whole: Name
    parts: tuple[tuple[str, int], ...]
    is_told: bool


@dataclass(frozen=True)
class Likeness:
    alike: tuple[Alike, ...]
    several: tuple[Several, ...]


def find_alike(viewer: User) -> list[Alike]:
    """Those of whom the viewer knows both, and nobody has said that they are different."""
    known = _read_distinct()
    keys = ((pair, sorted((pair.first.key, pair.second.key))) for pair in _find().alike)
    found = [pair for pair, (first, second) in keys if (first, second) not in known][:MOST_SHOWN]
    visible = _visible(viewer, {name.pk for pair in found for name in pair[:2]})
    return [pair for pair in found if {pair.first.pk, pair.second.pk} <= visible]


def find_several(viewer: User) -> list[Several]:
    """Those of whom the viewer knows all parts, or one where a word tells. Nobody has said that it is one artist."""
    known = _read_distinct()
    found = [each for each in _find().several if (each.whole.key, "") not in known][:MOST_SHOWN]
    visible = _visible(viewer, {each.whole.pk for each in found} | {pk for each in found for _name, pk in each.parts})
    return [
        each
        for each in found
        if each.whole.pk in visible and (any if each.is_told else all)(pk in visible for _name, pk in each.parts)
    ]


def split_name(name: str) -> list[str]:
    """What a name may be the names of, in order; the name alone where nothing says so."""
    parts = [part for guest in _GUESTS.split(name) for part in _SEVERAL.split(guest)]
    return [part.strip(" ()[]") for part in parts if part.strip(" ()[]")]


def _find() -> Likeness:
    revision = read_revision()
    return _look() if revision is None else _FOUND.at(revision, None, _look)


def _look() -> Likeness:
    names = tuple(Artist.objects.order_by("pk").values_list("pk", "name", "name_key", "musicbrainz_id"))
    aliases = tuple(ArtistAlias.objects.order_by("pk").values_list("name_key", "artist"))
    return compare_names(names, aliases)


@lru_cache(maxsize=1)
def compare_names(names: tuple[tuple[int, str, str, str], ...], aliases: tuple[tuple[str, int], ...] = ()) -> Likeness:
    """Also after a change of the catalog that is none of names: most are."""
    listed = sorted((Name(*name, simplify(name[2])) for name in names), key=lambda name: name.key)
    known = {**dict(aliases), **{name.key: name.pk for name in listed}}
    several = (_take_apart(name, known) for name in listed)
    return Likeness(alike=_pair(listed), several=tuple(filter(None, several)))


def _pair(names: Sequence[Name]) -> tuple[Alike, ...]:
    """Each pair once, for the strongest reason."""
    found: dict[tuple[int, int], Alike] = {}
    for why, key in _KEYS.items():
        # In the order of their names, so that each pair is found the same way round.
        for one, other in _meet(names, key):
            if (one.pk, other.pk) not in found and (why != Why.SLIP or _is_slip(one.plain, other.plain)):
                found[one.pk, other.pk] = Alike(one, other, why)
    order = list(Why)
    return tuple(sorted(found.values(), key=lambda pair: (order.index(pair.why), pair.first.key)))


def _meet(names: Sequence[Name], keys_of: Callable[[Name], Collection[str]]) -> Iterator[tuple[Name, Name]]:
    """All pairs that share a key."""
    by_key: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        for key in keys_of(name):
            by_key[key].append(name)
    for sharing in by_key.values():
        if 1 < len(sharing) <= MOST_ALIKE:
            yield from combinations(sharing, 2)


def simplify(key: str) -> str:
    """A folded name without signs, articles, words for "and", and spaces; itself where nothing would be left."""
    words = _SIGNS.sub(" ", key).split()
    told = [word for word in words if word not in _AND]
    if len(told) > 1 and told[0] in _ARTICLES:
        told = told[1:]
    elif len(told) > 1 and told[-1] == "the":
        told = told[:-1]
    return "".join(told) or key


def _turn(name: Name) -> set[str]:
    """Also as "Last, First" is written the other way round."""
    last, comma, first = name.key.partition(",")
    is_turned = comma and "," not in first and last.strip() and first.strip()
    return {name.plain, simplify(f"{first} {last}")} if is_turned else {name.plain}


def _lack_a_letter(name: Name) -> set[str]:
    """What two names share that are one slip of the finger apart (Garbe's symmetric deletion)."""
    if len(name.plain) < SHORTEST:
        return set()
    return {name.plain, *(name.plain[:place] + name.plain[place + 1 :] for place in range(len(name.plain)))}


def _is_slip(one: str, other: str) -> bool:
    """Names that differ in their numbers are meant to."""
    most = 2 if min(len(one), len(other)) >= LONG else 1
    if OSA.distance(one, other, score_cutoff=most) > most:
        return False
    return [*filter(str.isdigit, one)] == [*filter(str.isdigit, other)]


_KEYS: Final[dict[Why, Callable[[Name], Collection[str]]]] = {
    Why.IDENTIFIER: lambda name: {name.musicbrainz_id} - {""},
    Why.SPELLING: lambda name: {simplify(name.key)},
    Why.TURNED: _turn,
    Why.SLIP: _lack_a_letter,
}


def _take_apart(name: Name, known: dict[str, int]) -> Several | None:
    """A part that is an artist itself is not taken apart any further."""
    guests = [part.strip(" ()[]") for part in _GUESTS.split(name.name)]
    parts: list[tuple[str, int]] = []
    for guest in filter(None, guests):
        parts += _list_parts(guest, name, known)
    is_told = len(guests) > 1
    told = [pk for _part, pk in parts if pk and pk != name.pk]
    if len(parts) < 2 or not told or (not is_told and len(told) < len(parts)):
        return None
    return Several(name, tuple(parts), is_told)


def _list_parts(text: str, whole: Name, known: dict[str, int]) -> list[tuple[str, int]]:
    """Those of which all are there, else `text` as one."""
    pk = known.get(fold_key(text), 0)
    if not pk or pk == whole.pk:
        parts = [(part.strip(), known.get(fold_key(part), 0)) for part in _SEVERAL.split(text) if part.strip()]
        if len(parts) > 1 and all(pk for _part, pk in parts):
            return parts
    return [(text, pk)]


def _visible(viewer: User, ids: Collection[int]) -> set[int]:
    asked = sorted(ids)
    batches = (asked[start : start + 5_000] for start in range(0, len(asked), 5_000))
    return {pk for batch in batches for pk in visible_artists(viewer).filter(pk__in=batch).values_list("pk", flat=True)}


def _read_distinct() -> set[tuple[str, str]]:
    return set(DistinctNames.objects.values_list("first_key", "second_key"))


_FOUND: Final[Kept[Likeness]] = Kept(1)
