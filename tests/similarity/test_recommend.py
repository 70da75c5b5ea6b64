from dataclasses import replace

import numpy as np
import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Evidence, PairRule, PairSaying, PairVerdict, RecordingPair, Track, Visibility
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.candidates import Candidate
from recommender.similarity.errors import BadWishError
from recommender.similarity.explain import ReasonKind
from recommender.similarity.filters import Filters
from recommender.similarity.index import get_index
from recommender.similarity.recommend import Chosen, Variety, Wish, has_strangers, is_enough, similar_to
from recommender.similarity.rerank import LEAST_SIMILARITY, StepReport
from recommender.similarity.sync import collection_of, synchronise_space
from tests.people import add_heard, at_cosine, make_embedding, make_track, make_user, unit_vector
from tests.servers import choose_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


@pytest.fixture
def seed(space):
    track = make_track()
    make_embedding(track, space, at_cosine(1.0))
    return track


EVERYTHING = Wish(variety=Variety.RAW, without=frozenset({"keep_above_floor"}))


def shown(seed, viewer, **wished):
    wish = replace(EVERYTHING, **wished)
    return [recommendation.track for recommendation in similar_to(seed, viewer, wish).recommendations]


def test_nearest_first_with_the_cosine_and_a_similarity_of_this_catalog(space, seed):
    far, near, opposite = (
        add_heard(space, at_cosine(0.3)),
        add_heard(space, at_cosine(0.9)),
        add_heard(space, at_cosine(-0.5)),
    )
    synchronise_space(space)
    answer = similar_to(seed, make_user(), EVERYTHING).recommendations
    assert [recommendation.track for recommendation in answer] == [near, far, opposite]
    assert [recommendation.cosine for recommendation in answer] == pytest.approx([0.9, 0.3, -0.5], abs=1e-3)
    similarities = [recommendation.similarity for recommendation in answer]
    assert 1 > similarities[0] > LEAST_SIMILARITY > similarities[1] > similarities[2] >= 0


def test_what_does_not_sound_like_it_is_not_shown(space, seed):
    near = add_heard(space, at_cosine(0.95))
    add_heard(space, at_cosine(0.1))
    synchronise_space(space)
    answer = similar_to(seed, make_user())
    assert [recommendation.track for recommendation in answer.recommendations] == [near]
    assert answer.is_floor_reached
    assert answer.steps[0] == StepReport("keep_above_floor", 1)


def test_nothing_may_sound_like_it(space, seed):
    add_heard(space, at_cosine(0.1))
    synchronise_space(space)
    answer = similar_to(seed, make_user())
    assert (answer.recommendations, answer.is_floor_reached) == ([], True)


def test_only_what_the_viewer_may_see_now(space, seed):
    public = add_heard(space, at_cosine(0.5))
    private = add_heard(space, at_cosine(0.9), visibility=Visibility.PRIVATE)
    add_heard(space, at_cosine(0.95), is_recommendable=False)
    add_heard(space, at_cosine(0.96), is_deleting=True)
    synchronise_space(space)
    assert shown(seed, make_user(Role.LISTENER)) == [public]
    assert shown(seed, private.owner) == [private, public]
    Track.objects.filter(pk=public.pk).update(visibility=Visibility.WITHDRAWN)
    assert shown(seed, make_user(Role.LISTENER)) == []


def test_a_full_list_whenever_enough_visible_tracks_exist(space, seed):
    for number in range(60):
        add_heard(space, at_cosine(0.9 - number * 0.001), visibility=Visibility.PRIVATE)
    visible = [add_heard(space, at_cosine(0.2 - number * 0.01)) for number in range(5)]
    synchronise_space(space)
    assert shown(seed, make_user(), limit=5) == visible


def test_the_same_bytes_of_somebody_else_are_no_recommendation(space, seed):
    add_heard(space, at_cosine(1.0), audio_file=seed.audio_file)
    synchronise_space(space)
    assert shown(seed, make_user()) == []


def test_a_track_without_vector_has_no_recommendations(space, seed):
    answer = similar_to(make_track(), make_user())
    assert (answer.recommendations, answer.is_degraded) == ([], False)


def test_without_the_index_the_answer_says_so(space, seed, settings):
    synchronise_space(space)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert similar_to(seed, make_user()).is_degraded
    finally:
        index_room._index_of_process.cache_clear()


def test_a_lost_collection_is_degraded_not_an_error(space, seed):
    synchronise_space(space)
    get_index().drop(collection_of(space))
    assert similar_to(seed, make_user()).is_degraded


def test_vectors_come_back_as_they_were_stored(seed):
    stored = seed.embeddings.get().vector
    assert np.array_equal(np.frombuffer(stored, "<f4"), at_cosine(1.0))
    assert unit_vector(1).dtype == np.float32


def test_filters_are_met_however_far_the_index_would_have_to_look(space, seed):
    for number in range(30):
        add_heard(space, at_cosine(0.99 - number * 0.001), year=1990)
    late = add_heard(space, at_cosine(0.4), year=2020)
    synchronise_space(space)
    assert shown(seed, make_user(), filters=Filters(year=(2000, None))) == [late]


def test_versions_of_one_recording_are_one_recommendation(space, seed):
    first, second = (
        add_heard(space, at_cosine(0.97), duration_seconds=100),
        add_heard(space, at_cosine(0.96), duration_seconds=200),
    )
    RecordingPair.objects.create(first=first, second=second, evidence=Evidence.FINGERPRINT, score=0.95)
    synchronise_space(space)
    (found,) = similar_to(seed, make_user(), Wish(without=frozenset({"keep_above_floor"}))).recommendations
    assert (found.track, found.versions) == (first, 2)
    RecordingPair.objects.update(verdict=PairVerdict.DIFFERENT)
    assert len(similar_to(seed, make_user(), Wish(without=frozenset({"keep_above_floor"}))).recommendations) == 2


def test_queries_do_not_grow_with_the_list(space, seed, django_assert_max_num_queries):
    for number in range(20):
        add_heard(space, at_cosine(0.99 - number * 0.02))
    synchronise_space(space)
    viewer = make_user()
    similar_to(seed, viewer, EVERYTHING)
    with django_assert_max_num_queries(11):
        assert len(similar_to(seed, viewer, EVERYTHING).recommendations) == 10


def test_what_a_listener_said_moves_the_list_of_that_listener(space, seed):
    near = add_heard(space, at_cosine(0.75))
    for number in range(1, 30):
        make_embedding(make_track(), space, unit_vector(number))
    synchronise_space(space)
    listener, other, plain = make_user(Role.LISTENER), make_user(Role.LISTENER), frozenset({"move_by_taste"})

    def told(viewer, **wished):
        return [(found.track, found.similarity) for found in similar_to(seed, viewer, Wish(**wished)).recommendations]

    before = told(other)
    assert before[0][0] == near
    give_opinion(listener, near, Verdict.DISLIKE)
    assert told(listener) == before[1:]
    assert similar_to(seed, listener).passed_over == 1
    assert told(listener, without=plain) == told(other) == before


def test_two_that_are_not_similar_are_so_for_everybody_both_ways(space, seed):
    near = add_heard(space, at_cosine(0.97))
    synchronise_space(space)
    assert shown(seed, make_user()) == [near]
    assert shown(near, make_user()) == [seed]
    PairRule.objects.create(first=seed, second=near)
    assert shown(seed, make_user()) == shown(near, make_user()) == []
    with pytest.raises(BadWishError):
        Wish(without=frozenset({"drop_unlike"}))


def test_two_that_belong_together_are_recommended_first_whatever_they_sound_like(space, seed):
    near, far = add_heard(space, at_cosine(0.97)), add_heard(space, at_cosine(-0.5))
    for number in range(1, 30):
        make_embedding(make_track(), space, unit_vector(number))
    synchronise_space(space)
    assert far not in shown(seed, make_user())
    PairRule.objects.create(first=seed, second=far, says=PairSaying.TOGETHER)
    for variety in Variety:
        found = similar_to(seed, make_user(), Wish(variety=variety)).recommendations
        assert [each.track for each in found][:2] == [far, near]
        assert found[0].reasons[0].kind == ReasonKind.TOGETHER
    assert shown(far, make_user())[0] == seed
    Track.objects.filter(pk=far.pk).update(is_recommendable=False)
    assert far not in shown(seed, make_user())


@pytest.mark.parametrize("is_ruled", [True, False])
def test_a_stranger_that_belongs_to_the_seed_does_not_say_that_only_strangers_are_left(is_ruled):
    stranger = Candidate(
        track_id=1,
        similarity=0.1,
        cosine=0.1,
        seen_by_seed=0.1,
        vector=unit_vector(1),
        artist_ids=frozenset(),
        release_id=None,
        duration_seconds=1.0,
        twin_ids=frozenset(),
        is_ruled=is_ruled,
    )
    assert has_strangers([stranger]) is not is_ruled
    assert is_enough(Wish(), Chosen([stranger], [stranger], [])) is not is_ruled
