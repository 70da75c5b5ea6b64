"""The measures, on spaces small enough to reckon by hand."""

import tracemalloc

import numpy as np
import pytest

from embeddings import retrieval
from embeddings.retrieval import (
    area_under_curve,
    bootstrap,
    compare_spaces,
    count_occurrences,
    measure_shape,
    rank_originals,
    score_retrieval,
    skewness,
)

LINE = np.array([0.0, 0.1, 0.25, 0.9, 1.0])
NEARNESS = (-np.abs(LINE[:, None] - LINE[None, :])).astype(np.float32)


def test_scores_of_a_line_of_five() -> None:
    scores = score_retrieval(NEARNESS, list("aabbb"), [""] * 5, range(5))
    assert scores is not None
    assert scores.queries == 5
    # nearest: 0 -> 1 (right), 1 -> 0 (right), 2 -> 1 (wrong), 3 -> 4 (right), 4 -> 3 (right)
    assert scores.precision_at_1.value == pytest.approx(0.8)
    # only four candidates each: misses fill up the five
    assert scores.precision_at_5.value == pytest.approx((1 + 1 + 2 + 2 + 2) / 25)
    assert scores.precision_at_10.value == pytest.approx((1 + 1 + 2 + 2 + 2) / 50)
    # track 2 ranks 1, 0, 3, 4: right at 3 and 4
    assert scores.mean_average_precision.value == pytest.approx((1 + 1 + (1 / 3 + 2 / 4) / 2 + 1 + 1) / 5)
    assert scores.r_precision.value == pytest.approx((1 + 1 + 0 + 1 + 1) / 5)


def test_same_artist_and_same_recording_are_left_out() -> None:
    by_artist = score_retrieval(NEARNESS, list("aaabb"), ["x", "x", "y", "z", "z"], range(5))
    assert by_artist is not None
    assert by_artist.queries == 3  # the two b are of one artist: neither has a right answer left
    twins = score_retrieval(NEARNESS, list("aabbb"), [""] * 5, [0, 0, 2, 3, 3])
    assert twins is not None
    assert twins.queries == 3


def test_unlabelled_tracks_are_candidates_and_no_queries() -> None:
    scores = score_retrieval(NEARNESS, ["a", "", "a", "", ""], [""] * 5, range(5))
    assert scores is not None
    assert scores.queries == 2
    assert scores.precision_at_1.value == 0.0
    assert score_retrieval(NEARNESS, ["", "", "", "", "a"], [""] * 5, range(5)) is None


def test_a_space_that_puts_everything_in_one_place_is_never_right() -> None:
    """Whatever the order of the tracks: those of one genre stand together in most manifests."""
    for labels in ("aaaabbbb", "abababab"):
        scores = score_retrieval(np.ones((8, 8), np.float32), list(labels), [""] * 8, range(8))
        assert scores is not None
        assert scores.precision_at_1.value == scores.r_precision.value == 0
        # three right ones after four wrong ones
        assert scores.mean_average_precision.value == pytest.approx((1 / 5 + 2 / 6 + 3 / 7) / 3)


def test_bootstrap_is_repeatable_and_encloses_the_mean() -> None:
    values = np.random.default_rng(0).random(50)
    first = bootstrap(values)
    assert first == bootstrap(values)
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high


def test_a_bootstrap_in_parts_is_that_of_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).random(50)
    whole = bootstrap(values)
    for limit in (1, 50 * 7, 50 * 1000):
        monkeypatch.setattr(retrieval, "DRAWN_VALUES", limit)
        assert bootstrap(values) == whole
    picks = np.random.default_rng(0).integers(50, size=(1000, 50))
    assert (whole.low, whole.high) == tuple(np.percentile(values[picks].mean(axis=1), [2.5, 97.5]))


def test_the_bootstrap_of_many_queries_takes_little_memory() -> None:
    values = np.ones(100_000)
    tracemalloc.start()
    bootstrap(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_shape_tells_a_hub() -> None:
    even = measure_shape(np.cos(np.subtract.outer(*[np.linspace(0, 2 * np.pi, 40, endpoint=False)] * 2)), range(40))
    assert abs(even.hubness) < 1e-6
    assert even.reach == 1.0
    planted = np.random.default_rng(0).random((60, 60)).astype(np.float32)
    planted[:, 0] = 2.0  # nearest to everyone
    shape = measure_shape(planted, range(60))
    assert shape.hubness > 2
    assert measure_shape(-planted, range(60)).hubness < 0.5  # one that is near to nobody is no hub
    few = np.zeros((40, 40), np.float32)
    few[:, :10] = 1.0
    assert measure_shape(few, range(40)).reach < 0.5


def test_agreement_passes_over_copies() -> None:
    turned = np.array([[0.6, 0.8, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert rank_originals(turned, [0, 1, 2]).recall_at_1.value == pytest.approx(2 / 3)
    assert rank_originals(turned, [0, 0, 2]).recall_at_1.value == 1.0


def test_agreement_of_some_rows_only() -> None:
    originals = np.eye(4, dtype=np.float32)
    found = rank_originals(originals[[3, 1]], [0, 1, 2, 3], [3, 1])
    assert found.cosine == pytest.approx(1.0)
    assert found.recall_at_1.value == 1.0
    assert rank_originals(originals[[3, 1]], [0, 1, 2, 3], [1, 3]).recall_at_1.value == 0.0


def test_a_space_that_puts_all_in_one_place_finds_nothing() -> None:
    same = np.tile(np.array([[0.6, 0.8]], np.float32), (50, 1))
    found = rank_originals(same @ same.T, range(50))
    assert found.recall_at_1.value == 0.0
    assert found.mean_reciprocal_rank == pytest.approx(1 / 50)


def test_ranks_one_to_five() -> None:
    """Each part is a little nearer to more originals than to its own."""
    similarities = np.full((5, 5), 0.1, np.float32)
    for part in range(5):
        similarities[part, :part] = 0.9
        similarities[part, part] = 0.5
    found = rank_originals(similarities, range(5))
    assert found.cosine == pytest.approx(0.5)
    assert found.recall_at_1.value == pytest.approx(1 / 5)
    assert found.recall_at_3.value == pytest.approx(3 / 5)
    assert found.mean_reciprocal_rank == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 5)


def test_occurrences_count_who_is_found() -> None:
    similarities = np.zeros((30, 30), np.float32)
    similarities[:, :10] = 1.0
    counts = count_occurrences(similarities, range(30))
    assert counts.sum() == 30 * 10
    # the ten find each other and, since all others tie, the first of these
    assert counts[:11].tolist() == [29] * 10 + [10]
    assert not counts[11:].any()


def test_copies_are_nobodys_neighbours() -> None:
    """Of 24 tracks each is there twice, and its copy is nearest."""
    space = random_space(0, 24).repeat(2, axis=0).repeat(2, axis=1)
    recordings = np.arange(48) // 2
    counts = count_occurrences(space, recordings.tolist())
    assert counts.sum() == 48 * 10
    strange = random_space(1, 24).repeat(2, axis=0).repeat(2, axis=1)
    plain = compare_spaces(space, strange, range(48)).overlap_at_10.value
    assert compare_spaces(space, strange, recordings.tolist()).overlap_at_10.value < plain
    # all copies of one: nobody has a neighbour
    lonely = measure_shape(space, [0] * 48)
    assert (lonely.hubness, lonely.reach) == (0, 0)


def test_skewness_by_hand() -> None:
    assert skewness(np.array([0, 0, 3])) == pytest.approx((-1 - 1 + 8) / 3 / 2**1.5)
    assert skewness(np.ones(5, np.int64)) == 0


def random_space(seed: int, count: int = 40) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


def test_a_space_agrees_with_itself_and_with_a_bent_copy() -> None:
    space = random_space(0)
    same = compare_spaces(space, space, range(40))
    assert (same.overlap_at_10.value, same.pearson, same.spearman) == pytest.approx((1, 1, 1))
    bent = compare_spaces(space, np.exp(4 * space), range(40))
    assert (bent.overlap_at_10.value, bent.spearman) == pytest.approx((1, 1))
    assert 0.5 < bent.pearson < 0.95


def test_strange_and_opposite_spaces_do_not_agree() -> None:
    space = random_space(0)
    strange = compare_spaces(space, random_space(1), range(40))
    assert strange.overlap_at_10.value == pytest.approx(10 / 39, abs=0.08)
    assert abs(strange.pearson) < 0.15
    opposite = compare_spaces(space, -space, range(40))
    assert (opposite.pearson, opposite.spearman) == pytest.approx((-1, -1))
    assert opposite.overlap_at_10.value < 0.05
    flat = compare_spaces(space, np.zeros_like(space), range(40))
    assert flat.pearson == flat.spearman == 0.0


def test_overlap_by_hand() -> None:
    """Three tracks have two neighbours each, which any two spaces share; of twelve, one in eleven is left out."""
    assert compare_spaces(random_space(0, 3), random_space(1, 3), range(3)).overlap_at_10.value == 1.0
    far = np.ones((12, 12))
    first, second = far.copy(), far.copy()
    first[:, 0], second[:, 1] = 0.0, 0.0
    # ten tracks miss 0 here and 1 there: nine of ten in common; 0 and 1 differ in who ties, and share nine and ten
    overlap = compare_spaces(first, second, range(12)).overlap_at_10.value
    assert overlap == pytest.approx((10 * 0.9 + 0.9 + 0.9) / 12, abs=0.02)


def test_area_under_the_curve_counts_pairs() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert area_under_curve(scores, np.array([False, False, True, True])) == pytest.approx(3 / 4)
    assert area_under_curve(-scores, np.array([False, False, True, True])) == pytest.approx(1 / 4)
    assert area_under_curve(np.ones(4), np.array([False, False, True, True])) == pytest.approx(1 / 2)
    with pytest.raises(ValueError, match="right and wrong"):
        area_under_curve(scores, np.ones(4, bool))
