"""The vector index in Milvus: the bundled Milvus Lite server, a Milvus server or Zilliz Cloud, by address alone.

Filters are built from integers only, never from text of a user. Milvus Lite loses acknowledged rows when two processes
write at once and one server dies, so every write to it takes a lock that all processes of this machine share.

A Milvus server lets whoever asks for all that was written wait until it has taken that in: 0.2 to 0.4 s (measured with
2.3.5) against 6 ms for what it knows. So only those wait who verify what they wrote. Milvus Lite always knows all.
"""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import grpc
import numpy as np
from django.conf import settings
from filelock import FileLock, Timeout
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from recommender.conf import Milvus
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import MOST_SEGMENTS, IndexItem, Neighbour, SegmentItem
from recommender.similarity.vectors import Vector, check_vectors

Answer = TypeVar("Answer")

# After a timeout the next callers are told at once, instead of each holding a thread until its own timeout.
PAUSE_AFTER_TIMEOUT_SECONDS = 5.0
LARGEST_LIMIT = 16_384
# Rows that are not sealed yet are searched one by one: 10,000 of them make a query twenty times slower in Lite. Sealing
# after every row would cost more than it saves.
SEAL_AFTER_ROWS = 1_000
# What is asked of a server: all that was written before the question, or all but the writes of the last few seconds.
LATEST, RECENT = "Strong", "Bounded"
# The client's own pings, every 10 s, are more than a Milvus Lite server puts up with: it hangs up on them.
CHANNEL = {"grpc.keepalive_time_ms": 600_000}
_RELEASED = 101
_BUILD = {"M": 16, "efConstruction": 200}


class MilvusIndex:
    """See `similarity.index.VectorIndex` for what each method promises."""

    def __init__(self, configured: Milvus) -> None:
        self._configured = configured
        self._client: MilvusClient | None = None
        self._connecting = threading.Lock()
        self._paused_until = 0.0
        self._unsealed: Counter[str] = Counter()
        self._patience = configured.timeout_seconds
        self._write_patience = configured.write_timeout_seconds

    def check(self) -> None:
        self._ask(lambda client: client.list_collections(timeout=self._patience))

    def exists(self, collection: str) -> bool:
        return bool(self._ask(lambda client: client.has_collection(collection, timeout=self._patience)))

    def create(self, collection: str, dimension: int) -> None:
        self._create(collection, dimension, "track_id")

    def create_segments(self, collection: str, dimension: int) -> None:
        self._create(collection, dimension, "segment_key")

    def _create(self, collection: str, dimension: int, key: str) -> None:
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field(key, DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        params = MilvusClient.prepare_index_params()
        params.add_index("vector", index_type="HNSW", metric_type="COSINE", params=_BUILD)
        patience = self._write_patience
        with self._writing():
            self._ask(lambda client: client.create_collection(collection, schema=schema, timeout=patience))
            # In one step with the collection the client would sleep half a second over it, and it is still empty.
            self._ask(lambda client: client.create_index(collection, params, timeout=patience, sync=False))
            self._ask(lambda client: client.load_collection(collection, timeout=patience))

    def drop(self, collection: str) -> None:
        with self._writing():
            self._ask(lambda client: client.drop_collection(collection, timeout=self._write_patience))

    def collections(self, prefix: str) -> list[str]:
        names: list[str] = self._ask(lambda client: client.list_collections(timeout=self._patience))
        return [name for name in names if name.startswith(prefix)]

    def switch(self, alias: str, collection: str) -> None:
        known = self.resolve(alias) is not None
        with self._writing():
            if known:
                self._ask(lambda client: client.alter_alias(collection, alias, timeout=self._write_patience))
            else:
                self._ask(lambda client: client.create_alias(collection, alias, timeout=self._write_patience))

    def resolve(self, alias: str) -> str | None:
        for collection in self.collections(""):
            if alias in self._aliases_of(collection):
                return collection
        return None

    def upsert(self, collection: str, items: Sequence[IndexItem]) -> None:
        if not items:
            return
        vectors = np.stack([item.vector for item in items])
        check_vectors(vectors, vectors.shape[1])
        rows = [{"track_id": int(item.track_id), "vector": item.vector.tolist()} for item in items]
        with self._writing():
            self._upsert(collection, rows)

    def upsert_segments(self, collection: str, items: Sequence[SegmentItem]) -> None:
        rows, left = [], []
        for item in items:
            check_vectors(item.vectors, item.vectors.shape[-1])
            keys = list(_keys_of([item.track_id]))
            # None is left over from a longer list.
            left += keys[len(item.vectors) :]
            rows += [
                {"segment_key": key, "vector": vector.tolist()} for key, vector in zip(keys, item.vectors, strict=False)
            ]
        if not rows:
            return
        with self._writing():
            self._delete(collection, left)
            self._upsert(collection, rows)

    def remove(self, collection: str, track_ids: Collection[int]) -> None:
        with self._writing():
            self._delete(collection, [int(track_id) for track_id in track_ids])

    def remove_segments(self, collection: str, track_ids: Collection[int]) -> None:
        with self._writing():
            self._delete(collection, list(_keys_of(track_ids)))

    def present(self, collection: str, track_ids: Collection[int]) -> set[int]:
        return set(self._present(collection, "track_id", track_ids))

    def present_segments(self, collection: str, track_ids: Collection[int]) -> dict[int, int]:
        keys = self._present(collection, "segment_key", _keys_of(track_ids))
        return dict(Counter(key // MOST_SEGMENTS for key in keys))

    def neighbours(
        self, name: str, vectors: Vector, limit: int, *, is_verifying: bool = False
    ) -> list[list[Neighbour]]:
        return self._search(name, vectors, limit, "track_id", LATEST if is_verifying else RECENT)

    def segment_neighbours(
        self, name: str, vectors: Vector, limit: int, *, is_verifying: bool = False
    ) -> list[list[Neighbour]]:
        # A track has at most so many rows, so that among these are as many tracks as are wanted. Grouping by the server
        # over-fetches as well where it is Lite, and promises less where it is not.
        rows = limit * MOST_SEGMENTS
        found = self._search(name, vectors, rows, "segment_key", LATEST if is_verifying else RECENT)
        return [_group_by_track(neighbours)[:limit] for neighbours in found]

    def _search(self, name: str, vectors: Vector, limit: int, key: str, level: str) -> list[list[Neighbour]]:
        check_vectors(vectors, vectors.shape[-1])
        limit = min(limit, LARGEST_LIMIT)

        def search(client: MilvusClient) -> Any:
            return client.search(
                name,
                data=vectors.tolist(),
                limit=limit,
                anns_field="vector",
                search_params={"metric_type": "COSINE", "params": {"ef": max(64, limit)}},
                output_fields=[key],
                consistency_level=level,
                timeout=self._patience,
            )

        answer = self._ask(search, name)
        return [[Neighbour(int(hit[key]), float(hit["distance"])) for hit in hits] for hits in answer]

    def count(self, collection: str) -> int:
        return int(self._query(collection, "", "count(*)")[0]["count(*)"])

    def _upsert(self, collection: str, rows: list[dict[str, Any]]) -> None:
        self._ask(lambda client: client.upsert(collection, rows, timeout=self._write_patience), collection)
        self._unsealed[collection] += len(rows)
        if self._unsealed[collection] >= SEAL_AFTER_ROWS:
            self._ask(lambda client: client.flush(collection, timeout=self._write_patience))
            self._unsealed[collection] = 0

    def _delete(self, collection: str, keys: list[int]) -> None:
        if keys:
            self._ask(lambda client: client.delete(collection, ids=keys, timeout=self._write_patience), collection)

    def _present(self, collection: str, key: str, keys: Iterable[int]) -> list[int]:
        wanted = ", ".join(str(int(number)) for number in keys)
        rows = self._query(collection, f"{key} in [{wanted}]", key) if wanted else []
        return [int(row[key]) for row in rows]

    def _aliases_of(self, collection: str) -> list[str]:
        answer: dict[str, Any] = self._ask(lambda client: client.list_aliases(collection, timeout=self._patience))
        return list(answer["aliases"])

    def _query(self, collection: str, expression: str, field: str) -> list[dict[str, Any]]:
        def query(client: MilvusClient) -> Any:
            return client.query(
                collection,
                filter=expression,
                output_fields=[field],
                consistency_level=LATEST,
                timeout=self._patience,
            )

        return list(self._ask(query, collection))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._configured.is_lite:
            yield
            return
        lock = FileLock(settings.STORAGE.locks / "milvus-lite-writer.lock", timeout=2 * self._write_patience)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexUnavailableError("another process has been writing to Milvus for too long") from error
        try:
            yield
        finally:
            lock.release()

    def _ask(self, question: Callable[[MilvusClient], Answer], collection: str = "") -> Answer:
        """Ask once; a collection that a restarted server has not loaded yet is loaded, and the question repeated."""
        if time.monotonic() < self._paused_until:
            raise IndexUnavailableError("Milvus did not answer a moment ago")
        began = time.monotonic()
        try:
            client = self._connect()
            try:
                return question(client)
            except MilvusException as error:
                if error.code != _RELEASED or not collection:
                    raise
                client.load_collection(self.resolve(collection) or collection, timeout=self._patience)
                return question(client)
        except grpc.RpcError as error:
            self._paused_until = time.monotonic() + PAUSE_AFTER_TIMEOUT_SECONDS
            raise IndexUnavailableError("Milvus did not answer in time") from error
        except MilvusException as error:
            if time.monotonic() - began >= self._patience:
                self._paused_until = time.monotonic() + PAUSE_AFTER_TIMEOUT_SECONDS
            raise IndexUnavailableError(f"Milvus refused: {error.message}") from error

    def _connect(self) -> MilvusClient:
        with self._connecting:
            if self._client is None:
                self._client = MilvusClient(
                    self._configured.uri, token=self._configured.token, timeout=self._patience, grpc_options=CHANNEL
                )
            return self._client


def _keys_of(track_ids: Iterable[int]) -> Iterator[int]:
    """The keys of all segments that these tracks may have."""
    for track_id in track_ids:
        first = int(track_id) * MOST_SEGMENTS
        yield from range(first, first + MOST_SEGMENTS)


def _group_by_track(found: Iterable[Neighbour]) -> list[Neighbour]:
    """Each track once, where its nearest segment is."""
    nearest: dict[int, Neighbour] = {}
    for neighbour in found:
        track_id = neighbour.track_id // MOST_SEGMENTS
        nearest.setdefault(track_id, Neighbour(track_id, neighbour.similarity))
    return list(nearest.values())
