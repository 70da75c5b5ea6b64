import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.catalog.models import Track, Visibility
from recommender.conf import Milvus
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import blend, fetching, groups, missing, passages, path, radio
from recommender.similarity import index as index_room
from recommender.similarity.blend import Ingredient, Recipe, find_blend
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.path import find_path
from recommender.similarity.radio import Session, next_tracks
from recommender.similarity.recommend import Variety, Wish, similar_to
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_audio_file, make_user
from tests.servers import choose_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]

NOBODY = AnonymousUser()
FIRST = np.eye(8, dtype=np.float32)[0]


@pytest.fixture
def near(space):
    """Ten tracks near the first axis that nobody but their owner may see, nearest first."""
    owner = make_user()
    made = [
        add_heard(space, at_cosine(0.99 - number / 100), owner=owner, visibility=Visibility.PRIVATE)
        for number in range(10)
    ]
    synchronise_space(space)
    return made


def ask(space, sizes, *, viewer=NOBODY, enough=3, **given):
    """What was found at last, and how many tracks it was chosen from each time."""
    allowed, seen = Track.objects.visible_to(viewer), []

    def choose(track_ids):
        seen.append(len(track_ids))
        known = set(allowed.filter(pk__in=track_ids).values_list("pk", flat=True))
        return [track_id for track_id in track_ids if track_id in known]

    question = Question(space=space, vectors=FIRST[None, :], allowed=allowed, **given)
    return choose_nearest(question, choose, lambda found: len(found) >= enough, sizes=sizes), seen


def test_it_is_asked_for_more_until_that_is_enough(space, near):
    owner = near[0].owner
    found, seen = ask(space, (2, 5, 8), viewer=owner)
    assert (found, seen) == ([track.pk for track in near[:5]], [2, 5])
    assert ask(space, (2, 5, 100), viewer=owner, enough=50)[1] == [2, 5, 10]


def test_where_nearly_all_that_is_near_is_hidden_all_that_is_not_is_looked_at(space, near):
    far = [add_heard(space, at_cosine(0.5 - number / 10)) for number in range(4)]
    synchronise_space(space)
    found, seen = ask(space, (2, 5))
    assert (set(found), seen) == ({track.pk for track in far}, [2, 5, 4])


def test_of_many_that_may_be_seen_the_nearest_are_looked_at(space, near, monkeypatch):
    far = [add_heard(space, at_cosine(0.5 - number / 10)) for number in (4, 0, 2, 1, 3)]
    synchronise_space(space)
    monkeypatch.setattr(fetching, "FEW", 3)
    monkeypatch.setattr(fetching, "_READ_AT_ONCE", 2)
    assert ask(space, (2, 5))[0] == [far[1].pk, far[3].pk, far[2].pk]
    monkeypatch.setattr(fetching, "_MOST_COMPARED", 4)
    assert ask(space, (2, 5))[0] == []


def test_what_filters_leave_is_looked_at_first_and_needs_no_index(space, near, settings):
    left = add_heard(space, at_cosine(0.2))
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert ask(space, (2, 5), is_narrow=True) == ([left.pk], [1])
        with pytest.raises(IndexUnavailableError):
            ask(space, (2, 5))
    finally:
        index_room._index_of_process.cache_clear()


def test_of_the_few_that_are_left_those_come_first_that_are_nearest(space, near):
    left = [add_heard(space, at_cosine(share)) for share in (0.1, 0.4, 0.3)]
    synchronise_space(space)
    in_order = [left[1].pk, left[2].pk, left[0].pk]
    for given in ({}, {"is_narrow": True}):
        assert ask(space, (2, 5), looked_at=2, **given)[0] == in_order


def test_several_answers_are_cut_together(space, near):
    question = Question(
        space=space,
        vectors=np.stack([FIRST, at_cosine(0.9)]),
        allowed=Track.objects.all(),
        per_answer=1,
    )
    assert len(choose_nearest(question, list, lambda found: len(found) >= 3, sizes=(3,))) == 3


@pytest.fixture
def hidden(space, near, monkeypatch):
    """Copies and what nobody may see fill all that the index is asked for; beyond them lie four tracks."""
    for room in (blend, groups, missing, passages, path):
        monkeypatch.setattr(room, "_SIZES", (3,))
    for room in (fetching, radio):
        monkeypatch.setattr(room, "SIZES", (3,))
    seeds = [add_heard(space, at_cosine(1.0)), add_heard(space, at_cosine(0.1))]
    copy = make_audio_file()
    for _ in range(3):
        add_heard(space, at_cosine(0.999), owner=make_user(), audio_file=copy)
    left = [add_heard(space, at_cosine(0.8 - number / 10), duration_seconds=100.0 + number) for number in range(4)]
    synchronise_space(space)
    return seeds, left


def test_nothing_that_is_left_out_makes_a_list_empty(hidden):
    (seed, other), left = hidden
    plain = Wish(limit=4, variety=Variety.RAW, without=frozenset({"keep_above_floor"}))
    for wish in (plain, Wish(limit=4, without=frozenset({"keep_above_floor"}))):
        assert {found.track for found in similar_to(seed, NOBODY, wish).recommendations} & set(left)
    assert set(left) & {each.track for each in next_tracks([seed], NOBODY, Session(), 5).tracks}
    assert find_path(seed, other, NOBODY, 4).tracks
    assert find_blend(Recipe(likes=[Ingredient(track=seed), Ingredient(track=left[0])]), NOBODY).found
