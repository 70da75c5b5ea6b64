"""The vector index as plain numpy: exact, and short enough to be right by reading."""

from collections.abc import Collection, Sequence

from recommender.similarity.index import IndexItem, Neighbour, SegmentItem
from recommender.similarity.vectors import Vector, check_vectors


class MemoryIndex:
    def __init__(self) -> None:
        self._collections: dict[str, dict[int, Vector]] = {}
        self._segments: dict[str, dict[int, Vector]] = {}
        self._aliases: dict[str, str] = {}

    def check(self) -> None:
        pass

    def exists(self, collection: str) -> bool:
        return collection in self._collections | self._segments

    def create(self, collection: str, dimension: int) -> None:
        self._collections[collection] = {}

    def create_segments(self, collection: str, dimension: int) -> None:
        self._segments[collection] = {}

    def drop(self, collection: str) -> None:
        self._collections.pop(collection, None)
        self._segments.pop(collection, None)

    def collections(self, prefix: str) -> list[str]:
        return [name for name in self._collections | self._segments if name.startswith(prefix)]

    def switch(self, alias: str, collection: str) -> None:
        self._aliases[alias] = collection

    def resolve(self, alias: str) -> str | None:
        return self._aliases.get(alias)

    def upsert(self, collection: str, items: Sequence[IndexItem]) -> None:
        for item in items:
            check_vectors(item.vector[None, :], len(item.vector))
            self._collections[collection][item.track_id] = item.vector

    def upsert_segments(self, collection: str, items: Sequence[SegmentItem]) -> None:
        for item in items:
            self._segments[collection][item.track_id] = check_vectors(item.vectors, item.vectors.shape[-1])

    def remove(self, collection: str, track_ids: Collection[int]) -> None:
        for track_id in track_ids:
            self._collections[collection].pop(track_id, None)

    def remove_segments(self, collection: str, track_ids: Collection[int]) -> None:
        for track_id in track_ids:
            self._segments[collection].pop(track_id, None)

    def present(self, collection: str, track_ids: Collection[int]) -> set[int]:
        return set(track_ids) & self._collections[collection].keys()

    def present_segments(self, collection: str, track_ids: Collection[int]) -> dict[int, int]:
        held = self._segments[collection]
        return {track_id: len(held[track_id]) for track_id in track_ids if track_id in held}

    def neighbours(self, name: str, vectors: Vector, limit: int, *, is_verifying=False) -> list[list[Neighbour]]:
        check_vectors(vectors, vectors.shape[-1])
        held = self._collections[self._aliases.get(name, name)]
        answers = []
        for vector in vectors:
            found = [Neighbour(track_id, float(other @ vector)) for track_id, other in held.items()]
            answers.append(sorted(found, key=lambda neighbour: -neighbour.similarity)[:limit])
        return answers

    def segment_neighbours(
        self, name: str, vectors: Vector, limit: int, *, is_verifying=False
    ) -> list[list[Neighbour]]:
        held = self._segments[self._aliases.get(name, name)]
        answers = []
        for vector in check_vectors(vectors, vectors.shape[-1]):
            found = [Neighbour(track_id, float((others @ vector).max())) for track_id, others in held.items()]
            answers.append(sorted(found, key=lambda neighbour: -neighbour.similarity)[:limit])
        return answers

    def count(self, collection: str) -> int:
        if collection in self._segments:
            return sum(map(len, self._segments[collection].values()))
        return len(self._collections[collection])
