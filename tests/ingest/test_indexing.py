"""The change to a chosen space, with the real index: it takes over only when the index holds it."""

import pytest

from recommender.catalog.models import Analysis, AnalysisState, Embedding
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.sweeper import sweep
from recommender.similarity.index import get_index
from recommender.similarity.spaces import active_space, ensure_space
from recommender.similarity.sync import alias_of, collection_of, rebuild, synchronise_space
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server", "redis_server")]


@pytest.fixture
def other(space):
    """A space beside the active one, as far as that: five tracks ready in both, and all in the index."""
    other = make_space(is_active=False)
    owner = make_user()
    for _ in range(5):
        track = make_track(owner)
        for each in (space, other):
            make_embedding(track, each, unit_vector(track.pk))
    for each in (space, other):
        synchronise_space(each)
    ensure_space(space.signature, "test", 8)
    yield other
    for collection in get_index().collections(f"{alias_of(other)}_"):
        get_index().drop(collection)


def choose(space):
    return ensure_space(space.signature, space.encoder_name, space.dimension)


def answers(space):
    """Whether the alias of the space finds all its vectors."""
    vectors = {row.track_id: unit_vector(row.track_id) for row in Embedding.objects.filter(space=space)}
    return all(get_index().neighbours(alias_of(space), v[None, :], 1)[0][0].track_id == k for k, v in vectors.items())


def lose_collection(space):
    get_index().drop(collection_of(space))


def lose_alias(space):
    """A collection without its alias, as one that was filled and never served."""
    get_index().drop(collection_of(space))
    get_index().create(collection_of(space), space.dimension)
    Embedding.objects.filter(space=space).update(indexed_generation="")


def fall_behind(space):
    Embedding.objects.filter(space=space).update(indexed_generation="")


@pytest.mark.parametrize("lose", [lose_collection, lose_alias, fall_behind, rebuild])
def test_what_the_index_lost_is_filled_before_the_space_answers(space, other, lose):
    assert set(Analysis.objects.values_list("state", flat=True)) == {AnalysisState.READY}
    lose(other)
    choose(other)
    sweep()
    assert active_space() == space
    assert answers(space)
    synchronise_index()
    assert active_space() == other
    assert answers(other)


def test_a_whole_index_that_was_lost(space, other):
    for each in (space, other):
        lose_collection(each)
    choose(other)
    synchronise_index()
    assert active_space() == other
    assert answers(other)


def test_a_space_that_lacks_a_track_does_not_answer(space, other):
    make_embedding(make_track(), space, unit_vector(1000))
    choose(other)
    synchronise_index()
    assert active_space() == space
    Analysis.objects.filter(space=other, state=AnalysisState.QUEUED).update(state=AnalysisState.UNINDEXED)
    synchronise_index()
    assert active_space() == other


def test_a_space_that_answers_stays_when_it_is_rebuilt(space, other):
    rebuild(space)
    assert answers(space)
    synchronise_index()
    assert active_space() == space
    assert answers(space)
