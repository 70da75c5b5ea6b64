"""What two sets of tracks have in common, of all that is said or measured of them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from recommender.catalog.models import Genre, Track
from recommender.catalog.models.shelves import LEAST_CONFIDENCE

MOST_GENRES: Final = 6
MOST_WORDS: Final = 8
# In so many of the tracks of both a genre or a word has to be.
_LEAST_SHARE: Final = 0.2
# The slowest and the fastest tenth say little of the rest.
_TENTHS: Final = (10, 90)

Tempos = tuple[int, int]


@dataclass(frozen=True)
class Shared:
    """`genres` and `words` of both, those first that most of their tracks have. `tempos`: from where to where most of
    each are, in beats a minute, None where nothing is known.
    """

    genres: Sequence[Genre]
    words: Sequence[str]
    tempos: tuple[Tempos | None, Tempos | None]


@dataclass
class _Heap:
    genres: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    tempos: list[float] = field(default_factory=list)


def find_shared(first: Collection[int], second: Collection[int]) -> Shared:
    """Of tracks that the viewer may see, by their ids. In two queries."""
    heaps, ids = (_Heap(), _Heap()), set(first)
    facts = ("pk", "shelf__genres", "shelf__tags", "tempo_bpm", "tempo_confidence")
    for pk, genres, words, tempo, confidence in Track.objects.filter(pk__in={*first, *second}).values_list(*facts):
        heap = heaps[pk not in ids]
        heap.genres.update(filter(None, (genres or "").split("\n")))
        heap.words.update(filter(None, (words or "").split("\n")))
        if tempo and (confidence or 0) >= LEAST_CONFIDENCE:
            heap.tempos.append(tempo)
    sizes = len(first), len(second)
    named = _find_common(heaps[0].genres, heaps[1].genres, sizes)[:MOST_GENRES]
    known = Genre.objects.in_bulk([int(genre) for genre in named])
    return Shared(
        genres=[known[int(genre)] for genre in named if int(genre) in known],
        words=_find_common(heaps[0].words, heaps[1].words, sizes)[:MOST_WORDS],
        tempos=(_range_of(heaps[0].tempos), _range_of(heaps[1].tempos)),
    )


def _find_common(one: Counter[str], other: Counter[str], sizes: tuple[int, int]) -> list[str]:
    shares = {name: min(one[name] / sizes[0], other[name] / sizes[1]) for name in one.keys() & other.keys()}
    names = [name for name, share in shares.items() if share >= _LEAST_SHARE]
    return sorted(names, key=lambda name: (-shares[name], name))


def _range_of(tempos: list[float]) -> Tempos | None:
    if not tempos:
        return None
    slow, fast = np.percentile(tempos, _TENTHS)
    return round(float(slow)), round(float(fast))
