import re
from dataclasses import replace

import numpy as np
import pytest

from embeddings.adaptation_measures import (
    SAME_TRACK,
    Measured,
    compare,
    hold_out,
    judge,
    mean_with_interval,
    measure,
    measure_hubness,
    source_means,
)
from embeddings.blockwise import UNKNOWN
from embeddings.retrieval import measure_shape
from tests.embeddings.libraries import make_library

IDENTITY = np.eye(16, dtype=np.float32)
# Turns down what is chance in the made-up libraries.
BETTER = np.diag([1] * 8 + [0.3] * 8).astype(np.float32)
WORSE = np.diag([0.3] * 8 + [1] * 8).astype(np.float32)


def test_a_part_keeps_tracks_and_their_segments_together() -> None:
    library = make_library(4)
    wanted = np.arange(24) % 3 == 1
    part = library.part(wanted)
    assert len(part) == 8
    np.testing.assert_array_equal(part.artists, library.artists[wanted])
    for row, track in enumerate(np.flatnonzero(wanted)):
        np.testing.assert_array_equal(
            part.segments[part.segment_tracks == row], library.segments[library.segment_tracks == track]
        )


def test_sources_hang_together_by_artist_release_or_recording() -> None:
    library = make_library(4)
    artists, releases, recordings = library.artists.copy(), library.releases.copy(), library.recordings.copy()
    artists[0:3] = UNKNOWN  # still linked by their release, no longer to the artist's other one
    releases[6:9] = UNKNOWN
    recordings[23] = 12  # a copy on another artist's release
    sources = replace(library, artists=artists, releases=releases, recordings=recordings).sources()
    assert len(set(sources[0:3])) == 1
    assert sources[0] != sources[3]
    assert len(set(sources[6:12])) == 1
    assert sources[23] == sources[12]
    assert len(set(sources.tolist())) == 4


def test_whole_sources_are_held_out() -> None:
    library = make_library(40)
    mask = hold_out(library)
    assert 0.28 < mask.mean() < 0.36
    assert not set(library.artists[mask]) & set(library.artists[~mask])
    np.testing.assert_array_equal(mask, hold_out(library))
    assert (mask != hold_out(library, seed=1)).any()


def test_one_large_source_does_not_fill_what_is_held_out() -> None:
    library = make_library(40)
    artists = library.artists.copy()
    artists[:60] = 0  # a quarter of all tracks is one artist's
    mask = hold_out(replace(library, artists=artists))
    assert not mask[:60].any()
    assert mask.mean() > 0.28


def test_what_hangs_together_as_a_whole_cannot_be_held_out() -> None:
    library = make_library(10)
    assert not hold_out(replace(library, artists=np.zeros(60, np.int64))).any()


def test_a_head_is_measured_by_what_it_finds() -> None:
    library = make_library(12)
    plain, better, worse = (measure(library, head) for head in (IDENTITY, BETTER, WORSE))
    for name in ("same artist MAP", "same release MAP", "same artist P@5"):
        assert worse.values[name].mean() < plain.values[name].mean() < better.values[name].mean()
    assert plain.values["same artist P@1"].shape == (72,)
    assert len(np.unique(plain.sources["same artist P@1"])) == 12
    assert worse.values[SAME_TRACK].mean() < better.values[SAME_TRACK].mean()


def test_halves_of_a_track_are_pooled_without_what_overlaps() -> None:
    """Only the first two and the last two of six segments count: what is in the middle may be anything."""
    library = make_library(6)
    spoilt = library.segments.copy()
    place = np.arange(len(spoilt)) % 6
    spoilt[(place == 2) | (place == 3)] = spoilt[0]
    before, after = measure(library, IDENTITY), measure(replace(library, segments=spoilt), IDENTITY)
    np.testing.assert_array_equal(before.values[SAME_TRACK], after.values[SAME_TRACK])
    first = np.where((place < 2)[:, None], spoilt[0], spoilt)
    assert measure(replace(library, segments=first), IDENTITY).values[SAME_TRACK].mean() < 0.2


def test_without_segments_same_track_has_no_queries() -> None:
    library = make_library(6)
    bare = replace(library, segments=library.segments[:0], segment_tracks=library.segment_tracks[:0])
    measured = measure(bare, IDENTITY)
    assert not measured.values[SAME_TRACK].size
    assert SAME_TRACK not in compare(measured, measured)


def test_the_interval_counts_sources_not_queries() -> None:
    rng = np.random.default_rng(0)
    sources = np.repeat(np.arange(8), 25)
    by_source = np.repeat(rng.normal(0.1, 1.0, 8), 25)
    by_query = rng.permutation(by_source)
    shared, independent = (mean_with_interval(source_means(change, sources)) for change in (by_source, by_query))
    assert shared.value == pytest.approx(independent.value)
    assert shared.high - shared.low > 2 * (independent.high - independent.low)
    nothing = mean_with_interval(np.zeros(8))
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)


def test_the_interval_is_students() -> None:
    found = mean_with_interval(np.array([1.0, 2.0, 3.0, 6.0]))
    # deviations -2, -1, 0, 3: variance 14 / 3; the table gives 3.182 for three degrees of freedom
    margin = 3.182 * (14 / 3 / 4) ** 0.5
    assert (found.value, found.low, found.high) == pytest.approx((3, 3 - margin, 3 + margin), abs=1e-3)


@pytest.mark.parametrize("count", [4, 6, 10])
def test_chance_is_called_better_no_more_often_than_it_may(count: int) -> None:
    """Queries share the luck of sources of very unequal size, and the head changes nothing: 2.5 % err upwards."""
    rng = np.random.default_rng(count)
    wrong = 0
    for _ in range(2000):
        sizes = np.maximum(1, rng.lognormal(2, 1, count)).astype(int)
        sources = np.repeat(np.arange(count), sizes)
        changes = np.repeat(rng.normal(size=count), sizes) + rng.normal(size=len(sources))
        wrong += mean_with_interval(source_means(changes, sources)).low > 0
    assert 0.015 < wrong / 2000 < 0.035


def entry(low: float, high: float, *, queries: int = 60, sources: int = 10) -> dict[str, object]:
    return {
        "queries": queries,
        "sources": sources,
        "before": 0.5,
        "after": 0.5 + (low + high) / 2,
        "difference": {"value": (low + high) / 2, "low": low, "high": high},
    }


@pytest.mark.parametrize(
    ("compared", "hubness", "is_better", "reason"),
    [
        ({"same artist MAP": entry(0.01, 0.1)}, (1, 1), True, "same artist MAP is clearly higher"),
        ({"same artist MAP": entry(-0.01, 0.1)}, (1, 1), False, "not clearly higher"),
        ({"same artist MAP": entry(0.01, 0.1), SAME_TRACK: entry(-0.2, -0.1)}, (1, 1), False, "clearly lower.*track"),
        ({"same artist MAP": entry(0.01, 0.1), SAME_TRACK: entry(-0.2, 0.1)}, (1, 1), True, "clearly higher"),
        ({"same artist MAP": entry(0.01, 0.1)}, (1, 1.4), False, "hubness"),
        ({"same artist MAP": entry(0.01, 0.1)}, (2, 2.4), True, "clearly higher"),
        ({"same artist MAP": entry(0.01, 0.1, queries=29)}, (1, 1), False, "no measure has 30 queries"),
        ({"same artist MAP": entry(0.01, 0.1, sources=3)}, (1, 1), False, "no measure"),
        ({"same artist MAP": entry(0.01, 0.1, sources=3), SAME_TRACK: entry(0.1, 0.2)}, (1, 1), True, SAME_TRACK),
        ({"same release MAP": entry(0.1, 0.2), SAME_TRACK: entry(-0.2, -0.1, queries=5)}, (1, 1), True, "release"),
        ({}, (1, 1), False, "no measure"),
    ],
)
def test_the_verdict(compared: dict, hubness: tuple[float, float], is_better: bool, reason: str) -> None:
    verdict = judge(compared, hubness, tracks=1000)
    assert verdict.is_better is is_better
    assert re.search(reason, verdict.reason)


def test_hubness_of_few_tracks_may_rise_by_chance() -> None:
    compared = {"same artist MAP": entry(0.01, 0.1)}
    assert not judge(compared, (1, 1.4), tracks=1000).is_better
    assert judge(compared, (1, 1.4), tracks=100).is_better


def test_hubness_is_that_of_the_small_measure_without_copies() -> None:
    library = make_library(6)
    expected = measure_shape(library.vectors @ library.vectors.T, range(36)).hubness
    assert measure_hubness(library, IDENTITY) == pytest.approx(expected)
    assert measure_hubness(library, WORSE) != pytest.approx(expected)
    assert measure_hubness(replace(library, recordings=np.zeros(36, np.int64)), IDENTITY) == 0


def test_measures_are_compared_query_by_query() -> None:
    values, sources = {"m": np.array([0.0, 1.0, 1.0])}, {"m": np.array([0, 0, 1])}
    found = compare(Measured(values, sources), Measured({"m": np.array([1.0, 1.0, 1.0])}, sources))["m"]
    # the means of the two sources rise by 1/2 and by 0
    assert (found["queries"], found["sources"], found["before"], found["after"]) == (3, 2, 0.75, 1)
    assert found["difference"]["value"] == pytest.approx(1 / 4)
    assert found["difference"]["high"] == pytest.approx(1 / 4 + 12.706 / 4, abs=1e-3)
    assert found["difference"]["low"] == pytest.approx(1 / 4 - 12.706 / 4, abs=1e-3)


def test_one_source_has_no_interval() -> None:
    values, sources = {"m": np.array([0.0, 1.0])}, {"m": np.array([3, 3])}
    found = compare(Measured(values, sources), Measured({"m": np.ones(2)}, sources))["m"]
    assert found["difference"] == {"value": 0.5, "low": None, "high": None}
