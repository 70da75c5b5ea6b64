"""What a vector query costs in Milvus Lite, as a ratio to exact search with numpy in the same run."""

import time

import numpy as np
import pytest

from recommender.similarity.index import IndexItem, get_index
from tests.similarity.memory_index import MemoryIndex

ROWS, DIMENSION, QUERIES = 10_000, 256, 100


@pytest.mark.bench
@pytest.mark.usefixtures("milvus_server")
def test_neighbours_beside_exact_search(capsys):
    vectors = np.random.default_rng(1).standard_normal((ROWS, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index, exact = get_index(), MemoryIndex()
    index.create("bench", DIMENSION)
    exact.create("bench", DIMENSION)
    began = time.perf_counter()
    for first in range(0, ROWS, 1000):
        items = [IndexItem(number, vectors[number]) for number in range(first, first + 1000)]
        index.upsert("bench", items)
        exact.upsert("bench", items)
    filling = time.perf_counter() - began
    times, agreement = [], 0
    for vector in vectors[:QUERIES]:
        began = time.perf_counter()
        found = index.neighbours("bench", vector[None, :], 40)[0]
        times.append(time.perf_counter() - began)
        order = np.argsort(-(vectors @ vector))[:10]
        agreement += len({neighbour.track_id for neighbour in found[:10]} & set(order.tolist()))
    began = time.perf_counter()
    for vector in vectors[:QUERIES]:
        np.argpartition(-(vectors @ vector), 40)[:40]
    bare = (time.perf_counter() - began) / QUERIES
    median, worst = np.quantile(times, [0.5, 0.99])
    index.drop("bench")
    with capsys.disabled():
        print(
            f"\n{ROWS} x {DIMENSION}: filled in {filling:.1f} s; a query {median / bare:.0f} x exact search with numpy "
            f"({median * 1000:.0f} ms, p99 {worst * 1000:.0f} ms); recall@10 {agreement / (10 * QUERIES):.3f}"
        )
