import numpy as np
import pytest

from embeddings import blockwise
from embeddings.blockwise import SPARE, UNKNOWN, LabelKind, count_occurrences, find_neighbours, score_queries
from embeddings.retrieval import measure_shape, score_retrieval, skewness


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks, the last one shorter."""
    monkeypatch.setattr(blockwise, "BLOCK_VALUES", 700)


@pytest.fixture
def vectors() -> np.ndarray:
    rows = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_neighbours_are_those_of_all_pairs(vectors: np.ndarray) -> None:
    seen = []
    found = find_neighbours(vectors, 7, lambda done, total: seen.append((done, total)))
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -np.inf)
    np.testing.assert_array_equal(found.rows, np.argsort(-similarities, axis=1)[:, :7])
    np.testing.assert_allclose(found.similarities, -np.sort(-similarities, axis=1)[:, :7], atol=1e-6)
    assert len(seen) > 3
    assert seen[-1] == (60, 60)


def test_of_few_tracks_all_others_are_neighbours(vectors: np.ndarray) -> None:
    assert find_neighbours(vectors[:3], 10).rows.shape == (3, 2)


def test_copies_are_passed_over(vectors: np.ndarray) -> None:
    vectors[1] = vectors[0]
    recordings = np.arange(60)
    recordings[1] = 0
    found = find_neighbours(vectors, 7)
    assert found.rows[0, 0] == 1
    others = found.without_copies(recordings, 5)
    np.testing.assert_array_equal(others[0], found.rows[0, 1:6])
    np.testing.assert_array_equal(others[5], found.rows[5, :5])
    lonely = find_neighbours(vectors[:2], 5).without_copies(np.zeros(2, np.int64), 5)
    assert (lonely == UNKNOWN).all()
    assert lonely.shape == (2, 5)


def test_hubness_is_that_of_the_small_measure(vectors: np.ndarray) -> None:
    recordings = np.arange(60)
    recordings[30:34] = 29
    nearest = find_neighbours(vectors, 10 + SPARE).without_copies(recordings, 10)
    occurrences = count_occurrences(nearest, len(vectors))
    shape = measure_shape(vectors @ vectors.T, recordings.tolist())
    assert skewness(occurrences) == pytest.approx(shape.hubness)
    assert float(np.mean(occurrences > 0)) == pytest.approx(shape.reach)


def test_unknown_counts_for_nobody() -> None:
    np.testing.assert_array_equal(count_occurrences(np.array([[1, UNKNOWN], [0, 1]]), 3), [1, 2, 0])


def test_scores_are_those_of_the_small_measure(vectors: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    artists, releases = rng.integers(0, 8, 60), rng.integers(0, 20, 60)
    artists[rng.random(60) < 0.2] = UNKNOWN
    releases[rng.random(60) < 0.3] = UNKNOWN
    recordings = np.arange(60)
    recordings[30:34] = 29
    kinds = {
        "artist": LabelKind(artists, releases),
        "release": LabelKind(releases, np.full(60, UNKNOWN)),
        "none": LabelKind(np.full(60, UNKNOWN), releases),
    }
    found = score_queries(vectors, kinds, recordings, np.arange(60))

    def texts(numbers: np.ndarray) -> list[str]:
        return ["" if number == UNKNOWN else str(number) for number in numbers]

    for name in ("artist", "release"):
        kind = kinds[name]
        expected = score_retrieval(vectors @ vectors.T, texts(kind.labels), texts(kind.left_out), recordings.tolist())
        assert found[name].summarise() == expected
    assert found["none"].summarise() is None


def test_ties_are_lost_as_in_the_small_measure() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32), 5, axis=0)
    artists, nothing = np.arange(20) % 3, np.full(20, UNKNOWN)
    found = score_queries(vectors, {"x": LabelKind(artists, nothing)}, np.arange(20), np.arange(20))["x"].summarise()
    assert found == score_retrieval(vectors @ vectors.T, [*map(str, artists)], [""] * 20, range(20))


def test_only_the_queries_asked_for_are_scored(vectors: np.ndarray) -> None:
    seen = []
    kind = LabelKind(np.arange(60) % 6, np.full(60, UNKNOWN))
    queries = np.array([3, 17, 50])
    found = score_queries(vectors, {"x": kind}, np.arange(60), queries, lambda done, total: seen.append((done, total)))
    np.testing.assert_array_equal(found["x"].queries, queries)
    assert found["x"].scores.shape == (3, 5)
    assert seen[-1] == (3, 3)


def test_a_space_that_puts_everything_in_one_place_is_never_right() -> None:
    """Ties are lost: of 40 tracks in one place, those of the same label come last."""
    one_place = np.tile(np.float32([1, 0]), (40, 1))
    kind = LabelKind(np.arange(40) % 4, np.full(40, UNKNOWN))
    scores = score_queries(one_place, {"x": kind}, np.arange(40), np.arange(40))["x"].scores
    assert scores[:, :3].max() == 0
