"""What of the map a viewer may see."""

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recommender.catalog.models import MapRegion, Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer


@dataclass(frozen=True, kw_only=True, eq=False)
class MapPoints:
    """Parallel arrays (n,), by ascending track id: uint32, uint16 twice, and uint8, 0 for no region."""

    track_ids: NDArray[np.uint32]
    x: NDArray[np.uint16]
    y: NDArray[np.uint16]
    regions: NDArray[np.uint8]


def tracks_on_map(space: Space, viewer: Viewer) -> TrackQuerySet:
    return Track.objects.visible_to(viewer).recommendable().filter(map_points__space=space)


def tracks_in_region(region: MapRegion, viewer: Viewer) -> TrackQuerySet:
    shown = Track.objects.visible_to(viewer).recommendable()
    return shown.filter(map_points__space=region.space_id, map_points__region=region.number)


def read_points(space: Space, viewer: Viewer) -> MapPoints:
    named = ("pk", "map_points__x", "map_points__y", "map_points__region")
    rows = tracks_on_map(space, viewer).order_by("pk").values_list(*named)
    values = np.fromiter(chain.from_iterable(rows.iterator(chunk_size=10_000)), np.int64).reshape(-1, 4)
    return MapPoints(
        track_ids=values[:, 0].astype(np.uint32),
        x=values[:, 1].astype(np.uint16),
        y=values[:, 2].astype(np.uint16),
        regions=values[:, 3].astype(np.uint8),
    )


def count_regions(points: MapPoints) -> dict[int, int]:
    """How many of them lie in each region, by number; 0, which is none, is left out."""
    counts = np.bincount(points.regions)
    return {int(number): int(counts[number]) for number in np.flatnonzero(counts) if number}
