"""Maps as viewers see them, kept in the memory of this process until the catalog changes (`catalog.revision`).

What a viewer may see is never guessed: after any change it is read anew. Viewers who see the same share one copy.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeVar

from django.contrib.auth.models import AnonymousUser

from recommender.catalog.models import Space
from recommender.catalog.models.music import Viewer
from recommender.catalog.revision import read_revision
from recommender.similarity.map.data import MapPoints, read_points
from recommender.similarity.map.names import NamedRegion, find_regions

# A map of a million tracks is 9 MB.
MOST_MAPS: Final = 4
_MOST_VIEWERS: Final = 1_000

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class SeenMap:
    """`digest` is equal where the points are. It is hexadecimal."""

    points: MapPoints
    digest: str

    @property
    def stamp(self) -> int:
        """Of the digest what fits into 32 bits: points and colours that come by themselves belong together by it."""
        return int(self.digest[:8], 16)


class Keeper:
    """Safe among threads: two that ask at once may both read, and both have what is true."""

    def __init__(self) -> None:
        self._digests: OrderedDict[tuple[int, int, int], tuple[str, str]] = OrderedDict()
        self._maps: OrderedDict[str, SeenMap] = OrderedDict()
        self._regions: OrderedDict[int, tuple[str, list[NamedRegion]]] = OrderedDict()
        self._lock = threading.Lock()

    def map_of(self, space: Space, viewer: Viewer) -> SeenMap:
        # Before the reading: what changes meanwhile makes another revision.
        return self._map_at(read_revision(), space, viewer)

    def regions_of(self, space: Space) -> list[NamedRegion]:
        """By number, and called by what everybody may know of now."""
        return self._regions_at(read_revision(), space)

    def named_map_of(self, space: Space, viewer: Viewer) -> tuple[SeenMap, list[NamedRegion]]:
        """Both, of one revision."""
        revision = read_revision()
        return self._map_at(revision, space, viewer), self._regions_at(revision, space)

    def _map_at(self, revision: str | None, space: Space, viewer: Viewer) -> SeenMap:
        key = (space.pk, viewer.pk or 0, _role_of(viewer))
        with self._lock:
            known_at, digest = self._digests.get(key, ("", ""))
            if revision and revision == known_at and digest in self._maps:
                self._maps.move_to_end(digest)
                return self._maps[digest]
        points = read_points(space, viewer)
        found = SeenMap(points, _digest(points))
        with self._lock:
            found = self._maps.get(found.digest, found)
            if revision:
                _keep(self._maps, found.digest, found, MOST_MAPS)
                _keep(self._digests, key, (revision, found.digest), _MOST_VIEWERS)
        return found

    def _regions_at(self, revision: str | None, space: Space) -> list[NamedRegion]:
        with self._lock:
            known_at, regions = self._regions.get(space.pk, ("", []))
        if revision and revision == known_at:
            return regions
        regions = find_regions(space, self._map_at(revision, space, AnonymousUser()).points)
        with self._lock:
            if revision:
                _keep(self._regions, space.pk, (revision, regions), MOST_MAPS)
        return regions


def _role_of(viewer: Viewer) -> int:
    """As this request knows it: it may have been taken away since, and then others of theirs must not find its map."""
    return -1 if isinstance(viewer, AnonymousUser) or not viewer.is_active else viewer.role


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def _digest(points: MapPoints) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in (points.track_ids, points.x, points.y, points.regions):
        digest.update(array.tobytes())
    return digest.hexdigest()


KEEPER: Final = Keeper()
