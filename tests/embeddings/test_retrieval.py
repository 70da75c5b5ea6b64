"""The measures, on spaces small enough to reckon by hand."""

import numpy as np
import pytest

from embeddings.retrieval import (
    area_under_curve,
    bootstrap,
    compare_spaces,
    count_occurrences,
    measure_agreement,
    measure_shape,
    rank_originals,
    score_retrieval,
)

LINE = np.array([0.0, 0.1, 0.2, 0.9, 1.0])
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


def test_bootstrap_is_repeatable_and_encloses_the_mean() -> None:
    values = np.random.default_rng(0).random(50)
    first = bootstrap(values)
    assert first == bootstrap(values)
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high


def test_shape_tells_a_hub() -> None:
    even = measure_shape(np.cos(np.subtract.outer(*[np.linspace(0, 2 * np.pi, 40, endpoint=False)] * 2)))
    assert abs(even.hubness) < 1e-6
    assert even.reach == 1.0
    planted = np.random.default_rng(0).random((60, 60)).astype(np.float32)
    planted[:, 0] = 2.0  # nearest to everyone
    shape = measure_shape(planted)
    assert shape.hubness > 2
    assert measure_shape(-planted).hubness < 0.5  # one that is near to nobody is no hub
    few = np.zeros((40, 40), np.float32)
    few[:, :10] = 1.0
    assert measure_shape(few).reach < 0.5


def test_agreement_passes_over_copies() -> None:
    originals = np.eye(3, dtype=np.float32)
    turned = np.array([[0.6, 0.8, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert measure_agreement(turned, originals, [0, 1, 2]).recall_at_1.value == pytest.approx(2 / 3)
    assert measure_agreement(turned, originals, [0, 0, 2]).recall_at_1.value == 1.0


def test_agreement_of_some_rows_only() -> None:
    originals = np.eye(4, dtype=np.float32)
    found = measure_agreement(originals[[3, 1]], originals, [0, 1, 2, 3], [3, 1])
    assert found.cosine == pytest.approx(1.0)
    assert found.recall_at_1.value == 1.0
    assert measure_agreement(originals[[3, 1]], originals, [0, 1, 2, 3], [1, 3]).recall_at_1.value == 0.0


def test_a_space_that_puts_all_in_one_place_finds_nothing() -> None:
    same = np.tile(np.array([[0.6, 0.8]], np.float32), (50, 1))
    found = measure_agreement(same, same, range(50))
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
    counts = count_occurrences(similarities)
    assert counts.sum() == 30 * 10
    # the ten find each other and, since all others tie, the first of these
    assert counts[:11].tolist() == [29] * 10 + [10]
    assert not counts[11:].any()


def random_space(seed: int, count: int = 40) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


def test_a_space_agrees_with_itself_and_with_a_bent_copy() -> None:
    space = random_space(0)
    same = compare_spaces(space, space)
    assert (same.overlap_at_10.value, same.pearson, same.spearman) == pytest.approx((1, 1, 1))
    bent = compare_spaces(space, np.exp(4 * space))
    assert (bent.overlap_at_10.value, bent.spearman) == pytest.approx((1, 1))
    assert 0.5 < bent.pearson < 0.95


def test_strange_and_opposite_spaces_do_not_agree() -> None:
    space = random_space(0)
    strange = compare_spaces(space, random_space(1))
    assert strange.overlap_at_10.value == pytest.approx(10 / 39, abs=0.08)
    assert abs(strange.pearson) < 0.15
    opposite = compare_spaces(space, -space)
    assert (opposite.pearson, opposite.spearman) == pytest.approx((-1, -1))
    assert opposite.overlap_at_10.value < 0.05
    flat = compare_spaces(space, np.zeros_like(space))
    assert flat.pearson == flat.spearman == 0.0


def test_overlap_by_hand() -> None:
    """Three tracks have two neighbours each, which any two spaces share; of twelve, one in eleven is left out."""
    assert compare_spaces(random_space(0, 3), random_space(1, 3)).overlap_at_10.value == 1.0
    far = np.ones((12, 12))
    first, second = far.copy(), far.copy()
    first[:, 0], second[:, 1] = 0.0, 0.0
    # ten tracks miss 0 here and 1 there: nine of ten in common; 0 and 1 differ in who ties, and share nine and ten
    overlap = compare_spaces(first, second).overlap_at_10.value
    assert overlap == pytest.approx((10 * 0.9 + 0.9 + 0.9) / 12, abs=0.02)


def test_area_under_the_curve_counts_pairs() -> None:
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert area_under_curve(scores, np.array([False, False, True, True])) == pytest.approx(3 / 4)
    assert area_under_curve(-scores, np.array([False, False, True, True])) == pytest.approx(1 / 4)
    assert area_under_curve(np.ones(4), np.array([False, False, True, True])) == pytest.approx(1 / 2)
    with pytest.raises(ValueError, match="right and wrong"):
        area_under_curve(scores, np.ones(4, bool))
