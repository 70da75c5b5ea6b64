import numpy as np
import pytest

from recommender.catalog.models import Evidence, PairRule, RecordingPair, Visibility
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.blend import MOST_SEEDS, Ingredient, Recipe, agree, demote, find_blend
from recommender.similarity.errors import BadWishError
from recommender.similarity.explain import ReasonKind
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, make_embedding, make_track, make_user, unit_vector
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


def direction(*parts):
    vector = np.zeros(8, np.float32)
    vector[: len(parts)] = parts
    return vector / np.linalg.norm(vector)


def add(space, *parts, **given):
    return add_heard(space, direction(*parts), **given)


def liking(*tracks, unlike=(), limit=10):
    return Recipe(
        likes=[Ingredient(track=track) for track in tracks],
        unlikes=[Ingredient(track=track) for track in unlike],
        limit=limit,
    )


def found(recipe, viewer=None):
    return [one.track for one in find_blend(recipe, viewer or make_user()).found]


@pytest.fixture
def crowd(space):
    """Tracks that are like nothing in particular, so that ranks mean something."""
    for number in range(40):
        make_embedding(
            make_track(),
            space,
            unit_vector(number) * [0, 0, 0, 1, 1, 1, 1, 1] / np.linalg.norm(unit_vector(number)[3:]),
        )


@pytest.fixture
def seeds(space, crowd):
    return [add(space, 1, 0, 0), add(space, 0, 1, 0)]


def test_what_is_like_both_comes_first(space, seeds):
    between, near_one, near_other = add(space, 1, 1, 0), add(space, 1, 0.15, 0), add(space, 0.15, 1, 0)
    synchronise_space(space)
    blend = find_blend(liking(*seeds), make_user())
    assert blend.found[0].track == between
    assert {one.track for one in blend.found} <= {between, near_one, near_other}
    assert blend.is_floor_reached


def test_weights_pull_towards_the_heavier(space, seeds):
    nearer, further = add(space, 1, 0.6, 0), add(space, 0.6, 1, 0)
    synchronise_space(space)
    for weights, expected in (((5, 1), nearer), ((1, 5), further)):
        likes = [Ingredient(track=seed, weight=weight) for seed, weight in zip(seeds, weights, strict=True)]
        blend = find_blend(Recipe(likes=likes), make_user())
        assert blend.found[0].track == expected
        assert blend.found[0].because == seeds[weights.index(5)]


def test_what_is_like_an_unliked_track_goes(space, seeds):
    fine, spoilt = add(space, 1, 1, -0.6), add(space, 1, 1, 0.6)
    unliked = add(space, 1, 1, 0.9)
    synchronise_space(space)
    assert set(found(liking(*seeds))) >= {fine, spoilt}
    left = found(liking(*seeds, unlike=[unliked]))
    assert left[0] == fine
    assert spoilt not in left
    assert unliked not in left


def test_seeds_their_files_their_versions_and_their_copies_are_not_found(space, seeds):
    same_file = add(space, 1, 0.9, 0, audio_file=seeds[0].audio_file)
    version, copy, other = add(space, 1, 0.8, 0), add(space, 1, 0.001, 0), add(space, 0.8, 1, 0)
    RecordingPair.objects.create(first=seeds[1], second=version, evidence=Evidence.FINGERPRINT, score=0.9)
    synchronise_space(space)
    tracks = found(liking(*seeds))
    assert tracks == [other]
    assert not {same_file, version, copy} & set(tracks)


def test_what_curators_call_unlike_a_seed_is_not_found(space, seeds):
    between = add(space, 1, 1, 0)
    synchronise_space(space)
    assert between in found(liking(*seeds))
    PairRule.objects.create(first=seeds[1], second=between)
    assert between not in found(liking(*seeds))


def test_only_what_the_viewer_may_see(space, seeds):
    add(space, 1, 1, 0, visibility=Visibility.PRIVATE)
    add(space, 1, 1, 0.1, is_recommendable=False)
    shown = add(space, 1, 1, 0.2)
    synchronise_space(space)
    assert found(liking(*seeds)) == [shown]


def test_one_seed_is_enough_and_none_is_too_few(space, seeds):
    near = add(space, 1, 0.2, 0)
    synchronise_space(space)
    assert found(liking(seeds[0])) == [near]
    with pytest.raises(BadWishError, match="at least one"):
        liking()


def test_recipes_that_make_no_sense(seeds):
    with pytest.raises(BadWishError, match="twice"):
        liking(*seeds, unlike=seeds[:1])
    with pytest.raises(BadWishError, match="twice"):
        liking(seeds[0], seeds[0])
    for limit in (0, 10**9):
        with pytest.raises(BadWishError, match="1 to 100"):
            liking(*seeds, limit=limit)
    for weight in (0, -1, float("nan"), float("inf"), 10**9):
        with pytest.raises(BadWishError, match="weight"):
            Ingredient(track=seeds[0], weight=weight)
    with pytest.raises(BadWishError, match=str(MOST_SEEDS)):
        liking(*[make_track(seeds[0].owner) for _ in range(MOST_SEEDS + 1)])


def test_seeds_without_vectors(space, seeds):
    near = add(space, 1, 0.2, 0)
    synchronise_space(space)
    assert not find_blend(liking(make_track()), make_user()).is_heard
    assert found(liking(make_track(), seeds[0])) == [near]


def test_opposite_seeds_have_no_middle_and_still_an_answer(space, crowd):
    one, other, near = add(space, 1, 0), add(space, -1, 0), add(space, 1, 0.2)
    synchronise_space(space)
    blend = find_blend(liking(one, other), make_user())
    assert not blend.is_degraded
    assert {match.track for match in blend.found} <= {near}


def test_without_the_index_the_answer_says_so(space, seeds, settings):
    synchronise_space(space)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert find_blend(liking(*seeds), make_user()).is_degraded
    finally:
        index_room._index_of_process.cache_clear()


def test_the_taste_of_the_listener_counts(space, seeds):
    for share in (0.2, 0.5):
        add(space, 1, 1, share, duration_seconds=100 * share)
    synchronise_space(space)
    listener, recipe = make_user(), liking(*seeds)
    first, second = found(recipe, listener)
    give_opinion(listener, second, Verdict.LIKE)
    reasons = {one.track: [reason.kind for reason in one.reasons] for one in find_blend(recipe, listener).found}
    assert reasons[second] == [ReasonKind.TASTE]
    give_opinion(listener, first, Verdict.DISLIKE)
    left = find_blend(recipe, listener)
    assert first not in [one.track for one in left.found]
    assert left.passed_over == 2 - len(left.found)
    assert found(recipe) == [first, second]


def test_a_blend_takes_few_queries(space, seeds, django_assert_max_num_queries):
    add(space, 1, 1, 0)
    synchronise_space(space)
    recipe, viewer = liking(*seeds), make_user()
    give_opinion(viewer, seeds[0], Verdict.LIKE)
    give_opinion(viewer, make_track(), Verdict.LIKE)
    find_blend(recipe, viewer)
    with django_assert_max_num_queries(12):
        assert find_blend(recipe, viewer).found


def test_agreement_is_of_the_middle_and_of_all():
    to_likes = np.array([[0.8, 0.9], [0.8, 0.1]])
    even, uneven = agree(np.array([0.7, 0.7]), to_likes, np.array([1.0, 1.0]))
    assert even == pytest.approx(0.75)
    assert uneven < even
    assert agree(np.array([0.7]), np.array([[0.9], [0.1]]), np.array([9.0, 1.0]))[0] > uneven


def test_demotion_begins_at_the_floor_and_ends_at_the_same_sound():
    kept, half, gone = demote(np.array([0.8, 0.8, 0.8]), np.array([[0.5, 0.77, 1.0]]), np.array([1.0]))
    assert (kept, gone) == (0.8, 0)
    assert half == pytest.approx(0.4)
    assert demote(np.array([0.8]), np.zeros((0, 1)), np.zeros(0)) == [0.8]
