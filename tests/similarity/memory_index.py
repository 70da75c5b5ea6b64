"""The vector index as plain numpy: exact, and short enough to be right by reading."""

from collections.abc import Collection, Sequence

from recommender.similarity.index import IndexItem, Neighbour
from recommender.similarity.vectors import Vector, check_vectors


class MemoryIndex:
    def __init__(self) -> None:
        self._collections: dict[str, dict[int, Vector]] = {}
        self._aliases: dict[str, str] = {}

    def check(self) -> None:
        pass

    def exists(self, collection: str) -> bool:
        return collection in self._collections

    def create(self, collection: str, dimension: int) -> None:
        self._collections[collection] = {}

    def drop(self, collection: str) -> None:
        self._collections.pop(collection, None)

    def collections(self, prefix: str) -> list[str]:
        return [name for name in self._collections if name.startswith(prefix)]

    def switch(self, alias: str, collection: str) -> None:
        self._aliases[alias] = collection

    def resolve(self, alias: str) -> str | None:
        return self._aliases.get(alias)

    def upsert(self, collection: str, items: Sequence[IndexItem]) -> None:
        for item in items:
            check_vectors(item.vector[None, :], len(item.vector))
            self._collections[collection][item.track_id] = item.vector

    def remove(self, collection: str, track_ids: Collection[int]) -> None:
        for track_id in track_ids:
            self._collections[collection].pop(track_id, None)

    def present(self, collection: str, track_ids: Collection[int]) -> set[int]:
        return set(track_ids) & self._collections[collection].keys()

    def neighbours(self, name: str, vectors: Vector, limit: int) -> list[list[Neighbour]]:
        check_vectors(vectors, vectors.shape[-1])
        held = self._collections[self._aliases.get(name, name)]
        answers = []
        for vector in vectors:
            found = [Neighbour(track_id, float(other @ vector)) for track_id, other in held.items()]
            answers.append(sorted(found, key=lambda neighbour: -neighbour.similarity)[:limit])
        return answers

    def count(self, collection: str) -> int:
        return len(self._collections[collection])
