"""The map of a space brought up to date: new tracks are placed near their neighbours at once, and what has outgrown its
map is laid out anew, from where it was.

Nothing is remembered but points and regions. How many regions there are tells how large the catalog was when the map
was drawn, since that many befit it (`regions.regions_for`); they are written last, so that a drawing that broke off
is done again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from recommender.catalog.models import Embedding, MapPoint, MapRegion, Space, Track
from recommender.similarity.index import get_index
from recommender.similarity.map.layout import GRID, Places, lay_out, place_all, place_near
from recommender.similarity.map.names import name_regions
from recommender.similarity.map.regions import find_middles, find_nearest, regions_for
from recommender.similarity.nearness.sample import sample_of
from recommender.similarity.sync import alias_of
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

# The queue has other work as well: so many tracks are placed in a second or two.
AT_ONCE: Final = 200
# t-SNE of more takes minutes; these stand for all, and the others are placed among them.
MOST_LAID_OUT: Final = 10_000
# Half again as many tracks have 1.145 times as many regions, half as many have 1/1.26.
_OUTGROWN: Final = 1.5 ** (1 / 3)
_SHRUNKEN: Final = 0.5 ** (1 / 3)
# How many are asked of the index for each new track: some of them may have no place yet.
_NEIGHBOURS: Final = 32
_CHUNK: Final = 2_000

Told = Callable[[int, int], None]
Report = Callable[[str], Told]


def _keep_silent(_stage: str) -> Told:
    return lambda _done, _total: None


def is_map_behind(space: Space) -> bool:
    return is_outgrown(space) or _lacking(space).exists()


def is_outgrown(space: Space) -> bool:
    """Whether there is no map, or one of far fewer or far more tracks than there are now."""
    drawn, wanted = _regions(space).count(), regions_for(Embedding.objects.filter(space=space).count())
    if not drawn or not wanted:
        return wanted > 0
    return wanted >= drawn * _OUTGROWN or wanted <= drawn * _SHRUNKEN


def place_new(space: Space) -> int:
    """Give places to up to AT_ONCE tracks that have none; how many there were. Raises IndexUnavailableError."""
    ids, vectors = stack_vectors(_stored(_lacking(space).order_by("pk")[:AT_ONCE]), space.dimension)
    if not len(ids):
        return 0
    answers = get_index().neighbours(alias_of(space), vectors, _NEIGHBOURS)
    sample = sample_of(space)
    found = {neighbour.track_id for answer in answers for neighbour in answer}
    known = _known_places(space, found | set(sample.track_ids.tolist()))
    places = np.empty((len(ids), 2))
    for row, track_id in enumerate(ids.tolist()):
        near = [(each.track_id, each.similarity) for each in answers[row]]
        if not any(other in known for other, _ in near):
            near = list(zip(sample.track_ids.tolist(), (sample.vectors @ vectors[row]).tolist(), strict=True))
        places[row] = _place_among(track_id, near, known)
        known[track_id] = places[row]
    _store_points(space, ids, places, _read_middles(space))
    return len(ids)


def draw_map(space: Space, report: Report = _keep_silent) -> int:
    """Lay the whole map out anew, from where things are; how many tracks are on it."""
    track_ids, vectors = _read_laid_out(space)
    if not len(track_ids):
        return 0
    told = report("Laying out")
    told(0, 1)
    base = _map_to_start_from(space)
    places = lay_out(vectors, _old_places(base, track_ids))
    wanted = regions_for(Embedding.objects.filter(space=space).count())
    middles = find_middles(places, wanted, _read_middles(base))
    told(1, 1)
    _store_points(space, track_ids, places, middles)
    _place_rest(space, (track_ids, vectors, places), middles, report("Tracks placed"))
    lost = ~Exists(Embedding.objects.filter(space=space, track=OuterRef("track")))
    MapPoint.objects.filter(lost, space=space).delete()
    _write_regions(space, middles)
    return MapPoint.objects.filter(space=space).count()


def _lacking(space: Space) -> QuerySet[Embedding]:
    placed = MapPoint.objects.filter(space=space, track=OuterRef("track"))
    return Embedding.objects.indexed(space).filter(~Exists(placed))


def _regions(space: Space) -> QuerySet[MapRegion]:
    return MapRegion.objects.filter(space=space).order_by("number")


def _stored(embeddings: QuerySet[Embedding]) -> Iterable[tuple[int, bytes | memoryview]]:
    return embeddings.values_list("track_id", "vector")


def _known_places(space: Space, track_ids: Collection[int]) -> dict[int, Places]:
    rows = MapPoint.objects.filter(space=space, track__in=track_ids).values_list("track_id", "x", "y")
    return {track_id: np.array([x, y], np.float64) for track_id, x, y in rows}


def _place_among(track_id: int, near: list[tuple[int, float]], known: Mapping[int, Places]) -> Places:
    """In the middle of the map where nobody near is on it."""
    placed = [(cosine, known[other]) for other, cosine in near if other in known]
    if not placed:
        return np.full(2, GRID / 2)
    return place_near(track_id, np.array([cosine for cosine, _ in placed]), np.array([place for _, place in placed]))


def _read_laid_out(space: Space) -> tuple[TrackIds, Vector]:
    """The tracks that are laid out: all, or as many of them as can be, always the same ones."""
    alive = Embedding.objects.filter(space=space, track__is_deleting=False).order_by("track_id")
    ids = np.fromiter(alive.values_list("pk", flat=True), np.int64)
    if len(ids) > MOST_LAID_OUT:
        ids = np.sort(np.random.default_rng(0).choice(ids, MOST_LAID_OUT, replace=False))
    return stack_vectors(_stored(alive.filter(pk__in=ids.tolist())), space.dimension)


def _place_rest(space: Space, laid_out: tuple[TrackIds, Vector, Places], middles: Places, told: Told) -> None:
    """Place the tracks that were not laid out among those that were."""
    known_ids, known, known_places = laid_out
    rows = Embedding.objects.filter(space=space, track__is_deleting=False).order_by("pk")
    total, done, last = rows.count(), 0, 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", "track_id", "vector")[:_CHUNK]):
        last = chunk[-1][0]
        ids, vectors = stack_vectors(((track_id, vector) for _, track_id, vector in chunk), space.dimension)
        is_new = ~np.isin(ids, known_ids)
        places = place_all(ids[is_new], vectors[is_new], known, known_places)
        _store_points(space, ids[is_new], places, middles)
        done += len(chunk)
        told(done, total)


def _map_to_start_from(space: Space) -> Space:
    """The space itself, or where it has no map yet, the one whose map people know: tracks lie where they lay there."""
    if MapPoint.objects.filter(space=space).exists():
        return space
    newest = MapRegion.objects.exclude(space=space).order_by("-pk").select_related("space").first()
    return newest.space if newest else space


def _old_places(space: Space, track_ids: TrackIds) -> Places:
    """Where they lie on the map of `space`, (n, 2), NaN for those that do not. `track_ids` ascend."""
    found = MapPoint.objects.filter(space=space).order_by("track_id").values_list("track_id", "x", "y")
    rows = np.fromiter(chain.from_iterable(found.iterator(chunk_size=_CHUNK)), np.int64).reshape(-1, 3)
    places = np.full((len(track_ids), 2), np.nan)
    at = np.searchsorted(track_ids, rows[:, 0])
    is_here = track_ids[np.minimum(at, len(track_ids) - 1)] == rows[:, 0]
    places[at[is_here]] = rows[is_here, 1:]
    return places


def _read_middles(space: Space) -> Places:
    return np.array(list(_regions(space).values_list("x", "y")), np.float64).reshape(-1, 2)


def _store_points(space: Space, track_ids: TrackIds, places: Places, middles: Places) -> None:
    """Each batch in a transaction of its own: nobody waits long to write, and all of it can be repeated."""
    regions, rounded = find_nearest(places, middles) + 1, np.rint(places).astype(np.int64)
    for first in range(0, len(track_ids), _CHUNK):
        part = slice(first, first + _CHUNK)
        points = {
            track_id: MapPoint(track_id=track_id, space=space, x=x, y=y, region=region)
            for track_id, (x, y), region in zip(
                track_ids[part].tolist(), rounded[part].tolist(), regions[part].tolist(), strict=True
            )
        }
        with transaction.atomic():
            # Some may have been deleted since they were read.
            alive = Track.objects.filter(pk__in=points).values_list("pk", flat=True)
            MapPoint.objects.bulk_create(
                [points[track_id] for track_id in alive],
                update_conflicts=True,
                unique_fields=["track", "space"],
                update_fields=["x", "y", "region"],
            )


@transaction.atomic
def _write_regions(space: Space, middles: Places) -> None:
    names, rounded = name_regions(space, len(middles)), np.rint(middles).astype(np.int64).tolist()
    _regions(space).delete()
    MapRegion.objects.bulk_create(
        MapRegion(space=space, number=number, name=name, x=x, y=y)
        for number, (name, (x, y)) in enumerate(zip(names, rounded, strict=True), 1)
    )
