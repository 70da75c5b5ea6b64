"""Bring the vector index up to what SQL says. Whatever was missed - an outage, a wiped index - is caught up with here.

A collection is named after its space and generation. Searches go through the alias of the space, which moves to a new
collection only when that holds everything. The segments of tracks have a collection and an alias of their own, made as
soon as there are some, and are written before the vectors of their tracks: one mark in SQL says both.
"""

import logging
from collections.abc import Collection, Sequence

import numpy as np
from django.db import transaction

from recommender.catalog.models import Analysis, AnalysisState, Embedding, SegmentVectors, Space
from recommender.catalog.models.spaces import new_generation
from recommender.similarity.errors import InvalidVectorError
from recommender.similarity.index import IndexItem, Neighbour, SegmentItem, VectorIndex, get_index
from recommender.similarity.segments import choose_representatives, count_representatives, read_segments
from recommender.similarity.vectors import check_vectors, from_bytes

logger = logging.getLogger(__name__)

BATCH = 256
# Identical recordings tie at 1.0 and may crowd a track out of its own first places.
SELF_SEARCH_LIMIT = 10
IDENTICAL = 0.9999
# There are eight times as many segments: of a batch all are looked up, and so many tracks are searched for.
SEGMENTS_SEARCHED = 16
SEGMENTS_SELF_SEARCH_LIMIT = 2


def alias_of(space: Space) -> str:
    return f"soundalike_space_{space.pk}"


def collection_of(space: Space) -> str:
    return f"{alias_of(space)}_{space.generation}"


def segments_alias_of(space: Space) -> str:
    return f"soundalike_segments_{space.pk}"


def segments_collection_of(space: Space) -> str:
    return f"{segments_alias_of(space)}_{space.generation}"


def synchronise_space(space: Space) -> int:
    """Index every embedding of `space` that is behind; returns how many. Raises IndexUnavailableError.

    Each is tried once: one that cannot be indexed stays behind for the next time and holds up nobody.
    """
    index = get_index()
    _ensure_collection(index, space)
    done = last = 0
    behind = Embedding.objects.behind(space).select_related("segments")
    while batch := list(behind.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        done += len(_index_batch(index, space, batch))
    _serve(index, space)
    return done


def remove_vectors(track_ids: Collection[int]) -> None:
    """Take the vectors of these tracks out of every collection. Raises IndexUnavailableError."""
    index = get_index()
    for collection in index.collections("soundalike_space_"):
        index.remove(collection, track_ids)
    for collection in index.collections("soundalike_segments_"):
        index.remove_segments(collection, track_ids)


def rebuild(space: Space) -> None:
    """Have the collection of `space` made anew beside the one that serves."""
    Space.objects.filter(pk=space.pk).update(generation=new_generation())
    space.refresh_from_db()


def _ensure_collection(index: VectorIndex, space: Space) -> None:
    """Mark all as behind when a collection is gone or holds fewer rows than SQL saw it take (wiped, restored)."""
    indexed = Embedding.objects.indexed(space).count()
    names = (collection_of(space), segments_collection_of(space))
    for name, least in zip(names, (indexed, count_representatives(space)), strict=True):
        held = index.count(name) if index.exists(name) else 0
        if held < least:
            logger.warning("%s lacks rows it once held: it is made anew", name)
            rebuild(space)
            break
    if not index.exists(collection_of(space)):
        index.create(collection_of(space), space.dimension)


def _index_batch(index: VectorIndex, space: Space, batch: list[Embedding]) -> set[int]:
    items = [item for embedding in batch if (item := _read_item(space, embedding))]
    if not items:
        return set()
    segments = [each for embedding in batch if embedding.pk and (each := _read_segments(space, embedding))]
    if segments:
        _upsert_segments(index, space, segments)
    index.upsert(collection_of(space), items)
    found = _find_themselves(index, collection_of(space), items)
    if segments:
        found -= _find_lost_segments(index, segments_collection_of(space), segments)
    if len(found) < len(items):
        logger.error("%d vectors do not find themselves in %s", len(items) - len(found), space)
    _mark_indexed(space, found)
    return found


def _read_item(space: Space, embedding: Embedding) -> IndexItem | None:
    """What SQL holds for the index. A vector that was damaged there is thrown away and its track analysed again."""
    try:
        vector = check_vectors(from_bytes(embedding.vector)[None, :], space.dimension)[0]
    except (InvalidVectorError, ValueError):
        logger.exception("the vector of track %d is damaged and will be made anew", embedding.track_id)
        with transaction.atomic():
            embedding.delete()
            Analysis.objects.filter(space=space, track=embedding.track_id).requeue(0)
        return None
    return IndexItem(embedding.track_id, vector)


def _read_segments(space: Space, embedding: Embedding) -> SegmentItem | None:
    """None where there are none. Damaged ones are thrown away: the track is found as before, without its moments."""
    try:
        vectors = read_segments(embedding.segments, space.dimension).vectors
    except SegmentVectors.DoesNotExist:
        return None
    except InvalidVectorError:
        logger.exception("the segments of track %d are damaged", embedding.track_id)
        embedding.segments.delete()
        return None
    return SegmentItem(embedding.track_id, vectors[choose_representatives(vectors)])


def _upsert_segments(index: VectorIndex, space: Space, items: list[SegmentItem]) -> None:
    name = segments_collection_of(space)
    if not index.exists(name):
        index.create_segments(name, space.dimension)
    index.upsert_segments(name, items)


def _find_lost_segments(index: VectorIndex, collection: str, items: list[SegmentItem]) -> set[int]:
    """Tracks that lack segments, and of some of them those that their first one does not find."""
    present = index.present_segments(collection, [item.track_id for item in items])
    lost = {item.track_id for item in items if present.get(item.track_id) != len(item.vectors)}
    asked = items[:: -(-len(items) // SEGMENTS_SEARCHED)]
    firsts = np.stack([item.vectors[0] for item in asked])
    answers = index.segment_neighbours(collection, firsts, SEGMENTS_SELF_SEARCH_LIMIT, is_verifying=True)
    pairs = zip(asked, answers, strict=True)
    return lost | {item.track_id for item, near in pairs if not _is_found(item.track_id, near)}


def _is_found(track_id: int, neighbours: Sequence[Neighbour]) -> bool:
    is_named = any(neighbour.track_id == track_id for neighbour in neighbours)
    return is_named or (bool(neighbours) and neighbours[-1].similarity >= IDENTICAL)


def _find_themselves(index: VectorIndex, collection: str, items: list[IndexItem]) -> set[int]:
    vectors = np.stack([item.vector for item in items])
    answers = index.neighbours(collection, vectors, SELF_SEARCH_LIMIT, is_verifying=True)
    present = index.present(collection, [item.track_id for item in items])
    pairs = zip(items, answers, strict=True)
    return {item.track_id for item, near in pairs if item.track_id in present and _is_found(item.track_id, near)}


@transaction.atomic
def _mark_indexed(space: Space, track_ids: set[int]) -> None:
    Embedding.objects.filter(space=space, track_id__in=track_ids).update(indexed_generation=space.generation)
    indexing = Analysis.objects.filter(space=space, track_id__in=track_ids, state=AnalysisState.INDEXING)
    indexing.move_to(AnalysisState.READY)


def _serve(index: VectorIndex, space: Space) -> None:
    """Point the alias at the collection that was just filled and drop those it replaces."""
    _point(index, alias_of(space), collection_of(space))
    if index.exists(segments_collection_of(space)):
        _point(index, segments_alias_of(space), segments_collection_of(space))


def _point(index: VectorIndex, alias: str, collection: str) -> None:
    if index.resolve(alias) != collection:
        index.switch(alias, collection)
    for other in index.collections(f"{alias}_"):
        if other != collection:
            index.drop(other)
