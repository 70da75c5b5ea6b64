import numpy as np
import pytest

from recommender.catalog.models import SegmentVectors
from recommender.similarity.errors import InvalidVectorError
from recommender.similarity.index import MOST_SEGMENTS
from recommender.similarity.segments import (
    Segments,
    choose_representatives,
    find_segments,
    keep_segments,
    read_segments,
)
from tests.people import make_embedding, make_space, make_track, unit_vector


def around(axis, count, spread=0.05):
    """Unit vectors (count, 8) near one axis."""
    vectors = np.random.default_rng(axis).normal(0, spread, (count, 8))
    vectors[:, axis] += 1
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_the_representatives_of_a_track_reach_every_part_of_it():
    parts = np.concatenate([around(axis, count) for axis, count in enumerate((40, 3, 20, 1, 9))])
    rows = choose_representatives(parts)
    assert len(set(rows.tolist())) == MOST_SEGMENTS
    assert rows[0] < 40
    assert {int(np.argmax(parts[row])) for row in rows} == {0, 1, 2, 3, 4}
    np.testing.assert_array_equal(rows, choose_representatives(parts.copy()))


@pytest.mark.parametrize("count", [1, 5, 8, 9])
def test_as_many_as_there_are_even_if_they_are_the_same(count):
    rows = choose_representatives(np.repeat(unit_vector(1)[None, :], count, axis=0))
    assert sorted(rows.tolist()) == list(range(len(rows)))
    assert len(rows) == min(count, MOST_SEGMENTS)


@pytest.mark.django_db
def test_segments_come_back_as_unit_vectors_with_their_starts():
    space = make_space()
    first, second, without = (make_embedding(make_track(), space, unit_vector(number)) for number in range(3))
    vectors, starts = around(2, 12), np.arange(12, dtype=np.float32) * 5.12
    keep_segments(first, Segments(vectors[:3], starts[:3]))
    keep_segments(first, Segments(vectors, starts))
    keep_segments(second, Segments(vectors[:1], starts[:1]))
    found = find_segments(space, [first.track_id, second.track_id, without.track_id])
    assert found.keys() == {first.track_id, second.track_id}
    kept = found[first.track_id]
    np.testing.assert_allclose(kept.vectors, vectors, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(kept.vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(kept.starts, starts)
    assert len(SegmentVectors.objects.get(embedding=first).vectors) == 12 * 8 * 2


@pytest.mark.django_db
def test_what_is_no_unit_vector_is_not_kept():
    embedding = make_embedding(make_track(), make_space(), unit_vector(1))
    with pytest.raises(InvalidVectorError):
        keep_segments(embedding, Segments(np.full((1, 8), np.nan, np.float32), np.zeros(1, np.float32)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("vectors", "starts"),
    [(b"", b""), (b"\0" * 16, b"\0" * 4), (b"\0" * 15, b"\0" * 4), (b"\0\x3c" + b"\0" * 14, b"\0" * 8)],
)
def test_damaged_segments_are_told_from_sound_ones(vectors, starts):
    embedding = make_embedding(make_track(), make_space(), unit_vector(1))
    stored = SegmentVectors.objects.create(embedding=embedding, vectors=vectors, starts=starts)
    with pytest.raises(InvalidVectorError):
        read_segments(stored, 8)
    assert not find_segments(embedding.space, [embedding.track_id])
