"""What the points of the map are coloured by, besides where they lie: a genre or a decade of each track.

Read from the columns of the library (`catalog.facets`), which are kept for its pages anyway.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recommender.catalog.facets import Selection
from recommender.catalog.kept import Kept
from recommender.catalog.models import Space
from recommender.catalog.models.music import Viewer
from recommender.catalog.tally import Column, Tally
from recommender.similarity.map.data import MapPoints
from recommender.similarity.map.kept import KEEPER, SeenMap

FACETS_SHOWN: Final = ("genre", "decade")
# So many colours are told apart.
MOST_COLOURS: Final = 12

Codes = NDArray[np.uint8]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Colouring:
    """`codes` (n,), one for each point of `seen`: the place of a value among those that were asked for, from 1; 0 where
    a track has none of them. `digest` is equal where points and codes are.
    """

    seen: SeenMap
    codes: Codes
    digest: str


@dataclass(frozen=True)
class Shares:
    """`values` are those that most of the tracks on the map have, the most frequent first. `counts` says how many
    points have the colour of none of them, then of each.
    """

    values: tuple[Any, ...]
    counts: tuple[int, ...]


def share_colours(space: Space, viewer: Viewer, facet: str) -> Shares:
    """`facet` is one of FACETS_SHOWN. Counted among what `viewer` may see, anew only after a change of the catalog."""
    return _SHARES.of(viewer, (space.pk, facet), lambda: _share(space, viewer, facet))


def colour_points(space: Space, viewer: Viewer, facet: str, values: tuple[Any, ...]) -> Colouring:
    """Of several values a track has the last: of those `share_colours` gives, the rarest."""
    return _COLOURINGS.of(viewer, (space.pk, facet, values), lambda: _colour(space, viewer, facet, values))


def _share(space: Space, viewer: Viewer, facet: str) -> Shares:
    points, tally = KEEPER.map_of(space, viewer).points, Selection(viewer=viewer).tally
    on_map = np.zeros(len(tally.ids), bool)
    rows = _find_rows(points, tally)
    on_map[rows[rows >= 0]] = True
    values = _find_most_frequent(tally.columns[facet].count(on_map))
    codes = colour_points(space, viewer, facet, values).codes
    return Shares(values, tuple(np.bincount(codes, minlength=len(values) + 1).tolist()))


def _colour(space: Space, viewer: Viewer, facet: str, values: tuple[Any, ...]) -> Colouring:
    seen, tally = KEEPER.map_of(space, viewer), Selection(viewer=viewer).tally
    by_row = _encode(tally.columns[facet], values)
    rows = _find_rows(seen.points, tally)
    # The last one is for tracks that came between the two questions.
    codes: Codes = np.append(by_row, np.uint8(0))[rows]
    digest = hashlib.blake2b(codes.tobytes(), key=seen.digest.encode(), digest_size=16).hexdigest()
    return Colouring(seen=seen, codes=codes, digest=digest)


def _find_most_frequent(counts: Mapping[Any, int]) -> tuple[Any, ...]:
    present = [value for value, count in counts.items() if count]
    return tuple(sorted(present, key=lambda value: (-counts[value], value))[:MOST_COLOURS])


def _encode(column: Column, values: tuple[Any, ...]) -> Codes:
    """The code of each row of a tally."""
    places = {value: place for place, value in enumerate(values, 1)}
    of_values = np.array([places.get(value, 0) for value in column.values], np.uint8)
    of_cells = np.zeros(int(column.codes.max(initial=-1)) + 1, np.uint8)
    np.maximum.at(of_cells, column.cells, of_values[column.members])
    codes: Codes = of_cells[column.codes]
    return codes


def _find_rows(points: MapPoints, tally: Tally) -> Rows:
    """Where each point stands in the tally, which is in no order; -1 where it does not."""
    order = np.argsort(tally.ids)
    ids = tally.ids[order]
    if not len(ids):
        return np.full(len(points.track_ids), -1)
    at = np.minimum(np.searchsorted(ids, points.track_ids), len(ids) - 1)
    rows: Rows = np.where(ids[at] == points.track_ids, order[at], -1)
    return rows


# Of a million tracks each takes a megabyte.
_COLOURINGS: Final[Kept[Colouring]] = Kept(10)
_SHARES: Final[Kept[Shares]] = Kept(200)
