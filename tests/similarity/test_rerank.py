from dataclasses import replace

import numpy as np
import pytest

from recommender.similarity.candidates import Candidate, Seed
from recommender.similarity.rerank import (
    COPY_COSINE,
    COPY_SECONDS,
    LEAST_SIMILARITY,
    RAW,
    SHAPED,
    Shape,
    StepReport,
    cap_artists,
    cap_releases,
    drop_copies,
    drop_unlike,
    fold_versions,
    keep_above_floor,
    move_by_taste,
    rerank,
    spread_out,
)
from recommender.similarity.taste import Taste
from tests.people import unit_vector

DIMENSION = 16


def candidate(track_id, similarity=0.9, **given):
    facts = {
        "cosine": similarity,
        "seen_by_seed": similarity,
        "vector": unit_vector(track_id, DIMENSION),
        "artist_ids": frozenset({track_id}),
        "release_id": None,
        "duration_seconds": 10.0 * track_id,
        "twin_ids": frozenset(),
        **given,
    }
    return Candidate(track_id=track_id, similarity=similarity, **facts)


@pytest.fixture
def shape():
    seed = Seed(
        track_id=100,
        audio_file="",
        vector=unit_vector(100, DIMENSION),
        duration_seconds=1000.0,
        twin_ids=frozenset({7}),
    )
    return Shape(seed=seed, limit=3)


def ids(candidates):
    return [candidate.track_id for candidate in candidates]


def test_the_floor(shape):
    kept = keep_above_floor([candidate(1, LEAST_SIMILARITY), candidate(2, LEAST_SIMILARITY - 0.01)], shape)
    assert ids(kept) == [1]


def test_versions_are_folded_into_the_nearest(shape):
    found = [candidate(1), candidate(2, twin_ids=frozenset({1})), candidate(3), candidate(4, twin_ids=frozenset({2}))]
    kept = fold_versions(found, shape)
    assert ids(kept) == [1, 3]
    assert kept[0].versions == (2, 4)


def test_the_seeds_own_recording_is_no_recommendation(shape):
    found = [candidate(7), candidate(8, twin_ids=frozenset({100})), candidate(9)]
    assert ids(fold_versions(found, shape)) == [9]


def test_nearly_the_same_sound_of_one_length_is_there_once(shape):
    same = candidate(1).vector
    found = [
        candidate(1, duration_seconds=60.0),
        candidate(2, vector=same, duration_seconds=60.5),
        candidate(3, vector=same, duration_seconds=90.0),
        candidate(4, vector=shape.seed.vector, duration_seconds=1000.2),
    ]
    assert ids(drop_copies(found, shape)) == [1, 3]
    assert drop_copies([], shape) == []


def test_copies_among_many_are_those_that_comparing_all_with_all_finds(shape):
    rng = np.random.default_rng(0)
    sounds = [unit_vector(int(number), DIMENSION) for number in rng.integers(0, 40, 500)]
    seconds = rng.uniform(60, 75, 500)
    found = [candidate(200 + row, vector=sounds[row], duration_seconds=float(seconds[row])) for row in range(500)]
    kept = []
    for each in found:
        is_near = (abs(each.duration_seconds - other.duration_seconds) <= COPY_SECONDS for other in kept)
        is_same = (each.vector @ other.vector >= COPY_COSINE for other in kept)
        if not any(near and same for near, same in zip(is_near, is_same, strict=True)):
            kept.append(each)
    assert ids(drop_copies(found, shape)) == ids(kept)
    assert 100 < len(kept) < 400


def test_two_of_each_artist_whoever_else_is_credited(shape):
    both = frozenset({1, 2})
    found = [candidate(number, artist_ids=artists) for number, artists in enumerate([{1}, both, {1}, {2}, both, {3}])]
    assert ids(cap_artists(found, shape)) == [0, 1, 3, 5]


def test_unknown_artists_are_not_one_artist(shape):
    assert len(cap_artists([candidate(number, artist_ids=frozenset()) for number in range(5)], shape)) == 5


def test_two_of_each_release(shape):
    found = [candidate(number, release_id=release) for number, release in enumerate([1, 1, 1, None, None, None, 2])]
    assert ids(cap_releases(found, shape)) == [0, 1, 3, 4, 5, 6]


def test_what_belongs_to_the_seed_is_under_no_cap(shape):
    of_one = {"artist_ids": frozenset({9}), "release_id": 9}
    found = [candidate(number, is_ruled=number < 4, **of_one) for number in range(1, 6)]
    assert ids(cap_artists(found, shape)) == ids(cap_releases(found, shape)) == [1, 2, 3]


def test_locked_in_keeps_the_order_and_adventurous_avoids_the_like(shape):
    near = unit_vector(1, DIMENSION)
    found = [
        candidate(1, 0.9, vector=near),
        candidate(2, 0.89, vector=near),
        candidate(3, 0.88, vector=near),
        candidate(4, 0.7),
    ]
    assert ids(spread_out(found, shape)) == [1, 2, 3, 4]
    adventurous = Shape(seed=shape.seed, limit=2, strictness=0.0)
    assert ids(spread_out(found, adventurous)) == [1, 4, 2, 3]
    assert spread_out([], adventurous) == []


def test_what_belongs_to_the_seed_is_first_however_adventurous(shape):
    near = unit_vector(1, DIMENSION)
    found = [candidate(1, 0.1, vector=near, is_ruled=True), candidate(2, 0.05, vector=near, is_ruled=True)]
    found += [candidate(3, 0.99), candidate(4, 0.98)]
    assert ids(spread_out(found, replace(shape, strictness=0.0)))[:2] == [1, 2]


def test_each_step_says_what_it_left_out(shape):
    found = [candidate(1), candidate(2, 0.8, twin_ids=frozenset({1})), candidate(3, 0.1)]
    chosen, reports = rerank(found, shape, SHAPED)
    assert ids(chosen) == [1]
    assert {StepReport("keep_above_floor", 1), StepReport("fold_versions", 1)} <= set(reports)
    assert sum(report.left_out for report in reports) == 2


def test_no_more_than_the_limit(shape):
    chosen, _ = rerank([candidate(number) for number in range(1, 9) if number != 7], shape, SHAPED)
    assert ids(chosen) == [1, 2, 3]


def test_steps_take_candidates_as_they_are(shape):
    found = [candidate(number, 0.9 - number / 100) for number in range(1, 6)]
    before = [(each.track_id, each.similarity, each.vector.tobytes()) for each in found]
    rerank(found, shape, SHAPED)
    assert [(each.track_id, each.similarity, each.vector.tobytes()) for each in found] == before
    assert all(np.isfinite(each.vector).all() for each in found)


def test_what_curators_rule_out_is_left_out_in_all_its_versions(shape):
    ruled = replace(shape, seed=replace(shape.seed, unlike_ids=frozenset({2})))
    found = [candidate(1), candidate(2), candidate(3, twin_ids=frozenset({2}))]
    assert ids(drop_unlike(found, ruled)) == [1]
    assert ids(drop_unlike(found, shape)) == [1, 2, 3]
    assert 2 not in ids(rerank(found, ruled, RAW)[0])


def taste_of(track_id, by, *, unlike_ids=frozenset()):
    """Of a listener who said something of one track."""
    weights = np.array([by])
    return Taste(
        track_ids=np.array([track_id]),
        vectors=unit_vector(track_id, DIMENSION)[None, :],
        own=weights,
        near=weights,
        unlike_ids=unlike_ids,
    )


def test_taste_orders_what_sounds_like_the_seed(shape):
    found = [candidate(1, 0.9), candidate(2, 0.85), candidate(3, 0.8)]
    moved = move_by_taste(found, replace(shape, taste=taste_of(3, 0.08)))
    assert ids(moved) == [1, 3, 2]
    assert [each.similarity for each in moved] == [0.9, 0.8, 0.85]
    assert [each.worth for each in moved] == pytest.approx([0.9, 0.88, 0.85])
    assert ids(move_by_taste(found, replace(shape, taste=taste_of(1, -0.2)))) == [2, 3, 1]
    assert ids(move_by_taste(found, shape)) == [1, 2, 3]
    assert move_by_taste([], replace(shape, taste=taste_of(1, -0.2))) == []


def test_taste_takes_below_the_floor_but_not_above_it(shape):
    found = [candidate(1, 0.7), candidate(2, LEAST_SIMILARITY - 0.02)]
    assert ids(move_by_taste(found, replace(shape, taste=taste_of(1, -0.3)))) == [2]
    lifted, _ = rerank(found, replace(shape, taste=taste_of(2, 0.1)), SHAPED)
    assert ids(lifted) == [1]


def test_what_is_not_similar_to_the_listener_is_left_out(shape):
    found = [candidate(1), candidate(2, twin_ids=frozenset({1})), candidate(3)]
    taste = taste_of(9, -0.3, unlike_ids=frozenset({1}))
    assert ids(move_by_taste(found, replace(shape, taste=taste))) == [3]
    _, reports = rerank(found, replace(shape, taste=taste), SHAPED)
    assert StepReport("move_by_taste", 2) in reports


def test_the_best_liked_of_an_artist_stays(shape):
    found = [candidate(1, 0.9), candidate(2, 0.88), candidate(3, 0.86)]
    of_one = [replace(each, artist_ids=frozenset({1})) for each in found]
    chosen, _ = rerank(of_one, replace(shape, taste=taste_of(3, 0.1)), SHAPED)
    assert ids(chosen) == [3, 1]
