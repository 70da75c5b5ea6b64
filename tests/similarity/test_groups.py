import numpy as np
import pytest

from recommender.catalog.models import Artist, Release, Visibility
from recommender.conf import Milvus
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.groups import find_similar_artists, find_similar_releases, match_both_ways, shrink
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, make_embedding, make_track, make_user, unit_vector
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def crowd(space, owner):
    """Tracks that are like nothing in particular, of nobody."""
    for number in range(40):
        vector = unit_vector(number) * np.array([0, 0, 0, 1, 1, 1, 1, 1], np.float32)
        make_embedding(make_track(owner), space, vector / np.linalg.norm(vector))


@pytest.fixture
def add(space, owner, crowd):
    def add_track(artist, *parts, release="", **given):
        vector = np.zeros(8, np.float32)
        vector[: len(parts)] = parts
        known = Artist.objects.get_or_create(name=artist)[0]
        on = Release.objects.get_or_create(title=release, artist=known)[0] if release else None
        track = add_heard(space, vector / np.linalg.norm(vector), owner=owner, artist=known, release=on, **given)
        track.credits.create(artist=known)
        return track

    return add_track


def names(artist, viewer=None):
    found = find_similar_artists(Artist.objects.get(name=artist), viewer or make_user())
    known = Artist.objects.in_bulk([alike.group_id for alike in found])
    return [known[alike.group_id].name for alike in found]


def test_who_matches_on_both_sides_comes_first(space, add):
    for artist, scale in (("Ann", 0), ("Twin", 0.1)):
        add(artist, 1, scale)
        add(artist, 0, 1, scale)
    add("Half", 1, 0.1)
    add("Half", 0, 0, 0, 1)
    add("Stranger", 0, 0, 0, 0, 1)
    synchronise_space(space)
    assert names("Ann")[0] == "Twin"
    assert {"Ann", "Stranger"}.isdisjoint(names("Ann"))


def test_releases_likewise(space, add):
    for artist in ("Ann", "Bo"):
        add(artist, 1, 0.1 * len(artist), release=f"Calm {artist}")
    add("Bo", 0, 0, 1, release="Loud Bo")
    synchronise_space(space)
    found = find_similar_releases(Release.objects.get(title="Calm Ann"), make_user())
    assert [Release.objects.get(pk=alike.group_id).title for alike in found] == ["Calm Bo"]
    assert 0.54 <= found[0].similarity <= 1


def test_only_from_what_the_viewer_may_see(space, add, owner):
    add("Ann", 1, 0)
    add("Hidden", 1, 0.1, visibility=Visibility.PRIVATE)
    add("Held back", 1, 0.1, is_recommendable=False)
    synchronise_space(space)
    assert names("Ann") == []
    assert names("Ann", owner) == ["Hidden"]


def test_a_track_of_both_makes_nobody_alike(space, add):
    shared = add("Ann", 1, 0)
    shared.credits.create(artist=Artist.objects.create(name="Guest"))
    add("Bo", 1, 0.1)
    synchronise_space(space)
    assert names("Ann") == ["Bo"]


def test_without_tracks_or_vectors_nobody_is_alike(space, add, owner):
    Artist.objects.create(name="Silent")
    track = make_track(owner)
    track.credits.create(artist=Artist.objects.create(name="Unheard"))
    add("Ann", 1)
    synchronise_space(space)
    assert names("Silent") == names("Unheard") == names("Ann") == []


def test_without_the_index_nobody_is_alike(space, add, settings):
    add("Ann", 1, 0)
    add("Bo", 1, 0.1)
    synchronise_space(space)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert names("Ann") == []
    finally:
        index_room._index_of_process.cache_clear()


def test_more_tracks_than_are_compared(space, add, monkeypatch):
    monkeypatch.setattr("recommender.similarity.groups._MOST_TRACKS", 3)
    monkeypatch.setattr("recommender.similarity.groups._MOST_OWN", 3)
    for artist in ("Ann", "Bo"):
        for number in range(7):
            add(artist, 1, 0.02 * number)
    synchronise_space(space)
    assert names("Ann") == ["Bo"]


def test_tracks_of_ones_own_do_not_fill_all_the_places(space, add, monkeypatch):
    monkeypatch.setattr("recommender.similarity.groups._SIZES", (3,))
    monkeypatch.setattr("recommender.similarity.fetching.FEW", 3)
    for number in range(6):
        add("Ann", 1, 0.01 * number)
    add("Bo", 1, 0.2)
    synchronise_space(space)
    assert names("Ann") == ["Bo"]


def test_the_match_is_the_mean_of_both_ways():
    assert match_both_ways(np.array([[0.9, 0.1], [0.2, 0.7]])) == pytest.approx(0.8)
    assert match_both_ways(np.array([[0.9, 0.1, 0.1]])) == pytest.approx((0.9 + 1.1 / 3) / 2)


def test_thin_evidence_is_shrunk():
    assert shrink(0.8, 1) < shrink(0.75, 8) < 0.75
