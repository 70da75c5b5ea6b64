import pytest

from recommender.catalog.credits import set_genres
from recommender.catalog.models import TrackTag
from recommender.catalog.shared import find_shared
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def add(owner):
    def add_track(genres=(), words=(), **given):
        track = make_track(owner, **given)
        set_genres(track, list(genres))
        for word in words:
            TrackTag.objects.create(track=track, name=word, probability=0.5)
        return track.pk

    return add_track


def test_what_many_tracks_of_both_have_most_first(add, django_assert_num_queries):
    first = [add(["Jazz", "Blues"], ["calm"]), add(["Jazz"], ["calm", "piano"])]
    second = [add(["Jazz", "Blues"], ["piano"]), add(["Jazz", "Rock"], ["calm", "piano"])]
    with django_assert_num_queries(2):
        shared = find_shared(first, second)
    assert [genre.name for genre in shared.genres] == ["Jazz", "Blues"]
    assert list(shared.words) == ["calm", "piano"]


def test_what_hardly_a_track_has_is_left_out(add):
    first = [add(["Rare"]), *(add(["Jazz"]) for _ in range(9))]
    assert [genre.name for genre in find_shared(first, [add(["Rare", "Jazz"])]).genres] == ["Jazz"]


def test_tempos_without_the_slowest_and_the_fastest(add):
    first = [add(tempo_bpm=tempo, tempo_confidence=0.9) for tempo in range(100, 121)]
    guess = add(tempo_bpm=190, tempo_confidence=0.1)
    assert find_shared(first, [guess]).tempos == ((102, 118), None)


def test_nothing_in_common(add):
    shared = find_shared([add(["Jazz"])], [add(["Rock"])])
    assert (list(shared.genres), list(shared.words)) == ([], [])
