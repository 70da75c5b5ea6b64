"""Bring the vector index up to what SQL says. Whatever was missed - an outage, a wiped index - is caught up with here.

A collection is named after its space and generation. Searches go through the alias of the space, which moves to a new
collection only when that holds everything.
"""

import logging
from collections.abc import Collection

import numpy as np
from django.db import transaction

from recommender.catalog.models import Analysis, AnalysisState, Embedding, Space
from recommender.catalog.models.spaces import new_generation
from recommender.similarity.errors import InvalidVectorError
from recommender.similarity.index import IndexItem, VectorIndex, get_index
from recommender.similarity.vectors import check_vectors, from_bytes

logger = logging.getLogger(__name__)

BATCH = 256
# Identical recordings tie at 1.0 and may crowd a track out of its own first places.
SELF_SEARCH_LIMIT = 10
IDENTICAL = 0.9999


def alias_of(space: Space) -> str:
    return f"soundalike_space_{space.pk}"


def collection_of(space: Space) -> str:
    return f"{alias_of(space)}_{space.generation}"


def synchronise_space(space: Space) -> int:
    """Index every embedding of `space` that is behind; returns how many. Raises IndexUnavailableError.

    Each is tried once: one that cannot be indexed stays behind for the next time and holds up nobody.
    """
    index = get_index()
    _ensure_collection(index, space)
    done = last = 0
    while batch := list(Embedding.objects.behind(space).filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        done += len(_index_batch(index, space, batch))
    _serve(index, space)
    return done


def remove_vectors(track_ids: Collection[int]) -> None:
    """Take the vectors of these tracks out of every collection. Raises IndexUnavailableError."""
    index = get_index()
    for collection in index.collections("soundalike_space_"):
        index.remove(collection, track_ids)


def rebuild(space: Space) -> None:
    """Have the collection of `space` made anew beside the one that serves."""
    Space.objects.filter(pk=space.pk).update(generation=new_generation())
    space.refresh_from_db()


def _ensure_collection(index: VectorIndex, space: Space) -> None:
    """Mark all as behind when the collection is gone or holds fewer rows than SQL saw it take (wiped, restored)."""
    name = collection_of(space)
    indexed = Embedding.objects.indexed(space).count()
    if index.exists(name):
        if index.count(name) >= indexed:
            return
        logger.warning("%s lacks rows it once held: it is made anew", name)
    if indexed:
        rebuild(space)
    if not index.exists(collection_of(space)):
        index.create(collection_of(space), space.dimension)


def _index_batch(index: VectorIndex, space: Space, batch: list[Embedding]) -> set[int]:
    items = [item for embedding in batch if (item := _read_item(space, embedding))]
    if not items:
        return set()
    index.upsert(collection_of(space), items)
    found = _find_themselves(index, collection_of(space), items)
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


def _find_themselves(index: VectorIndex, collection: str, items: list[IndexItem]) -> set[int]:
    answers = index.neighbours(collection, np.stack([item.vector for item in items]), SELF_SEARCH_LIMIT)
    present = index.present(collection, [item.track_id for item in items])
    found = set()
    for item, neighbours in zip(items, answers, strict=True):
        is_first = any(neighbour.track_id == item.track_id for neighbour in neighbours)
        ties = neighbours and neighbours[-1].similarity >= IDENTICAL
        if item.track_id in present and (is_first or ties):
            found.add(item.track_id)
    return found


@transaction.atomic
def _mark_indexed(space: Space, track_ids: set[int]) -> None:
    Embedding.objects.filter(space=space, track_id__in=track_ids).update(indexed_generation=space.generation)
    indexing = Analysis.objects.filter(space=space, track_id__in=track_ids, state=AnalysisState.INDEXING)
    indexing.move_to(AnalysisState.READY)


def _serve(index: VectorIndex, space: Space) -> None:
    """Point the alias at the collection that was just filled and drop those it replaces."""
    name = collection_of(space)
    if index.resolve(alias_of(space)) != name:
        index.switch(alias_of(space), name)
    for other in index.collections(f"{alias_of(space)}_"):
        if other != name:
            index.drop(other)
