"""What every vector index has to do, asked of the exact one, of Milvus Lite, and of a Milvus server if one is named."""

import itertools
import os

import numpy as np
import pytest
from django.conf import settings

from recommender.conf import Milvus
from recommender.similarity.errors import InvalidVectorError
from recommender.similarity.index import MOST_SEGMENTS, IndexItem, SegmentItem
from recommender.similarity.milvus import MilvusIndex
from tests.people import unit_vector
from tests.similarity.memory_index import MemoryIndex
from tests.stack import wait_until

_numbers = itertools.count()


@pytest.fixture(params=["memory", "milvus-lite", "milvus-server"])
def index(request):
    if request.param == "memory":
        return MemoryIndex()
    if request.param == "milvus-lite":
        request.getfixturevalue("milvus_server")
        return MilvusIndex(settings.MILVUS)
    if "TEST_MILVUS_URI" not in os.environ:
        pytest.skip("TEST_MILVUS_URI names no Milvus server")
    return MilvusIndex(Milvus(uri=os.environ["TEST_MILVUS_URI"], token=os.environ.get("TEST_MILVUS_TOKEN", "")))


@pytest.fixture
def collection(index):
    name = f"contract_{next(_numbers)}"
    index.create(name, 8)
    yield name
    index.drop(name)


@pytest.fixture
def segments(index):
    name = f"contract_segments_{next(_numbers)}"
    index.create_segments(name, 8)
    yield name
    index.drop(name)


def parts_of(track_id, count=MOST_SEGMENTS):
    """As many segments of this track."""
    return SegmentItem(track_id, np.stack([unit_vector(1000 * track_id + number) for number in range(count)]))


def look(index, *asked):
    """What was written a moment ago is to be found."""
    return index.neighbours(*asked, is_verifying=True)


def look_for_moments(index, *asked):
    return index.segment_neighbours(*asked, is_verifying=True)


def items_of(*track_ids):
    return [IndexItem(track_id, unit_vector(track_id)) for track_id in track_ids]


def test_a_track_is_its_own_nearest_neighbour(index, collection):
    index.upsert(collection, items_of(*range(1, 51)))
    answers = look(index, collection, np.stack([unit_vector(7), unit_vector(8)]), 3)
    assert [answer[0].track_id for answer in answers] == [7, 8]
    assert answers[0][0].similarity == pytest.approx(1, abs=1e-4)
    similarities = [neighbour.similarity for neighbour in answers[0]]
    assert similarities == sorted(similarities, reverse=True)


def test_neighbours_are_those_of_exact_search(index, collection):
    items = items_of(*range(1, 201))
    index.upsert(collection, items)
    exact = MemoryIndex()
    exact.create(collection, 8)
    exact.upsert(collection, items)
    asked = np.stack([unit_vector(seed) for seed in range(1000, 1010)])
    for found, expected in zip(look(index, collection, asked, 10), look(exact, collection, asked, 10), strict=True):
        assert [neighbour.track_id for neighbour in found] == [neighbour.track_id for neighbour in expected]
        np.testing.assert_allclose([n.similarity for n in found], [n.similarity for n in expected], atol=1e-4)


def test_searches_for_pages_know_of_it_soon(index, collection, segments):
    """In Milvus Lite at once, in a server a few seconds later at most."""
    index.upsert(collection, items_of(*range(1, 51)))
    index.upsert_segments(segments, [parts_of(1), parts_of(2, 3)])
    for search, name, seed, track_id in (
        (index.neighbours, collection, 7, 7),
        (index.segment_neighbours, segments, 2002, 2),
    ):
        found = wait_until(lambda: search(name, unit_vector(seed)[None, :], 3)[0])  # noqa: B023  # called at once
        assert found[0].track_id == track_id


def test_upsert_replaces(index, collection):
    index.upsert(collection, items_of(1, 2))
    index.upsert(collection, [IndexItem(1, unit_vector(99))])
    assert index.count(collection) == 2
    assert look(index, collection, unit_vector(99)[None, :], 1)[0][0].track_id == 1


def test_removed_tracks_are_gone(index, collection):
    index.upsert(collection, items_of(1, 2, 3))
    index.remove(collection, [2, 77])
    assert index.count(collection) == 2
    assert index.present(collection, [1, 2, 3, 77]) == {1, 3}
    found = {neighbour.track_id for neighbour in look(index, collection, unit_vector(2)[None, :], 10)[0]}
    assert found == {1, 3}


def test_an_alias_moves_in_one_step(index, collection):
    other = f"{collection}_other"
    alias = f"{collection}_alias"
    index.create(other, 8)
    try:
        index.upsert(collection, items_of(1))
        index.upsert(other, items_of(2))
        assert index.resolve(alias) is None
        answers = []
        for name in (collection, other):
            index.switch(alias, name)
            answers.append(look(index, alias, unit_vector(5)[None, :], 5)[0][0].track_id)
        assert answers == [1, 2]
    finally:
        index.drop(other)


def test_collections_come_and_go(index, collection):
    assert index.exists(collection)
    assert collection in index.collections("contract_")
    index.drop(f"{collection}_never_made")
    assert not index.exists(f"{collection}_never_made")
    assert look(index, collection, unit_vector(1)[None, :], 5) == [[]]


@pytest.mark.parametrize("bad", [np.full(8, np.nan), np.zeros(8), np.full(8, np.inf), np.ones(8)])
def test_vectors_that_would_never_be_found_are_refused(index, collection, bad):
    with pytest.raises(InvalidVectorError):
        index.upsert(collection, [IndexItem(1, bad.astype(np.float32))])
    with pytest.raises(InvalidVectorError):
        look(index, collection, bad.astype(np.float32)[None, :], 5)
    assert index.count(collection) == 0


def test_tracks_are_found_by_any_of_their_segments(index, segments):
    index.upsert_segments(segments, [parts_of(1), parts_of(2, 3), parts_of(3, 1)])
    asked = np.stack([unit_vector(1007), unit_vector(2002), unit_vector(3000)])
    answers = look_for_moments(index, segments, asked, 3)
    assert [answer[0].track_id for answer in answers] == [1, 2, 3]
    for answer in answers:
        assert sorted(neighbour.track_id for neighbour in answer) == [1, 2, 3]
        assert answer[0].similarity == pytest.approx(1, abs=1e-4)
    assert index.count(segments) == 12


def test_tracks_by_segments_are_those_of_exact_search_each_once(index, segments):
    items = [parts_of(track_id, 1 + track_id % MOST_SEGMENTS) for track_id in range(1, 41)]
    index.upsert_segments(segments, items)
    exact = MemoryIndex()
    exact.create_segments(segments, 8)
    exact.upsert_segments(segments, items)
    asked = np.stack([unit_vector(seed) for seed in range(5)])
    for found, expected in zip(
        look_for_moments(index, segments, asked, 12), look_for_moments(exact, segments, asked, 12), strict=True
    ):
        assert [neighbour.track_id for neighbour in found] == [neighbour.track_id for neighbour in expected]
        np.testing.assert_allclose([n.similarity for n in found], [n.similarity for n in expected], atol=1e-4)


def test_segments_of_a_track_are_replaced_and_removed_together(index, segments):
    index.upsert_segments(segments, [parts_of(1), parts_of(2)])
    index.upsert_segments(segments, [SegmentItem(1, unit_vector(5)[None, :])])
    assert index.present_segments(segments, [1, 2, 3]) == {1: 1, 2: MOST_SEGMENTS}
    assert look_for_moments(index, segments, unit_vector(1007)[None, :], 2)[0][0].similarity < 0.999
    index.remove_segments(segments, [2, 77])
    assert index.present_segments(segments, [1, 2]) == {1: 1}
    assert [near.track_id for near in look_for_moments(index, segments, unit_vector(5)[None, :], 5)[0]] == [1]


def test_segments_that_would_never_be_found_are_refused(index, segments):
    bad = np.stack([unit_vector(1), np.zeros(8, np.float32)])
    with pytest.raises(InvalidVectorError):
        index.upsert_segments(segments, [SegmentItem(1, bad)])
    with pytest.raises(InvalidVectorError):
        look_for_moments(index, segments, bad, 5)
    assert index.count(segments) == 0
