"""The port to the vector index: what the product needs of it, and nothing more."""

import functools
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from recommender.similarity.vectors import Vector

# Of each track at most so many segments are in the index; the others are in SQL.
MOST_SEGMENTS: Final = 8


@dataclass(frozen=True)
class IndexItem:
    track_id: int
    vector: Vector


@dataclass(frozen=True)
class SegmentItem:
    """The segments that stand for a track: `vectors` (n, dimension), 1 <= n <= MOST_SEGMENTS."""

    track_id: int
    vectors: Vector


@dataclass(frozen=True)
class Neighbour:
    """A track as the index found it. `similarity` is the cosine, larger is nearer."""

    track_id: int
    similarity: float


class VectorIndex(Protocol):
    """Collections of unit vectors under track ids, and aliases that name the collection which answers searches.

    A collection holds one vector of each track, or the segments of tracks; what is named after segments is for the
    latter only, and `upsert`, `remove`, `present` and `neighbours` are for the former.

    Vectors have to be finite and of unit length (InvalidVectorError). Every method may raise IndexUnavailableError.
    Writes are safe from any process. `present`, `present_segments` and `count` know all that was written before, and so
    do searches with `is_verifying`; other searches may miss the writes of the last few seconds, and are quicker for it.
    """

    def check(self) -> None:
        """Answers in time, or raises."""

    def exists(self, collection: str) -> bool: ...

    def create(self, collection: str, dimension: int) -> None: ...

    def drop(self, collection: str) -> None:
        """Remove the collection if it is there."""

    def collections(self, prefix: str) -> list[str]: ...

    def switch(self, alias: str, collection: str) -> None:
        """Let `alias` name `collection` from now on, in one step."""

    def resolve(self, alias: str) -> str | None:
        """The collection `alias` names, or None."""

    def upsert(self, collection: str, items: Sequence[IndexItem]) -> None: ...

    def remove(self, collection: str, track_ids: Collection[int]) -> None: ...

    def present(self, collection: str, track_ids: Collection[int]) -> set[int]:
        """Those of `track_ids` that the collection holds."""

    def neighbours(
        self, name: str, vectors: Vector, limit: int, *, is_verifying: bool = False
    ) -> list[list[Neighbour]]:
        """For each row of `vectors`, shape (n, dimension), up to `limit` neighbours, nearest first.

        `name` is a collection or an alias.
        """

    def create_segments(self, collection: str, dimension: int) -> None: ...

    def upsert_segments(self, collection: str, items: Sequence[SegmentItem]) -> None:
        """In place of all segments that these tracks had."""

    def remove_segments(self, collection: str, track_ids: Collection[int]) -> None: ...

    def present_segments(self, collection: str, track_ids: Collection[int]) -> dict[int, int]:
        """How many segments the collection holds of each of `track_ids`, those without any left out."""

    def segment_neighbours(
        self, name: str, vectors: Vector, limit: int, *, is_verifying: bool = False
    ) -> list[list[Neighbour]]:
        """For each row of `vectors` up to `limit` tracks, each with its nearest segment's similarity, nearest first."""

    def count(self, collection: str) -> int:
        """Its vectors."""


def get_index() -> VectorIndex:
    """The configured index. Each process makes its own, since a connection must not live through a fork."""
    return _index_of_process(os.getpid())


def check_index() -> None:
    """Raises IndexUnavailableError when the index does not answer now."""
    get_index().check()


@functools.cache
def _index_of_process(_process_id: int) -> VectorIndex:
    # Named rather than imported: the client costs more than a second, which only those who search should pay.
    adapter: type[VectorIndex] = import_string("recommender.similarity.milvus.MilvusIndex")
    return adapter(settings.MILVUS)  # type: ignore[call-arg]
