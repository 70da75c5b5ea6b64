import numpy as np
import pytest

from recommender.catalog.models import Artist, Visibility
from recommender.similarity.artist_pair import MOST_PAIRS, MOST_TRACKS, compare_artists
from tests.people import add_heard, make_embedding, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def add(space, owner):
    """Adds a track to a catalog of 60 others, which are like nothing in particular."""
    for number in range(60):
        make_embedding(make_track(owner), space, unit_vector(number))

    def add_track(artist, *parts, **given):
        vector = np.zeros(8, np.float32)
        vector[: len(parts)] = parts
        track = add_heard(space, vector / np.linalg.norm(vector), owner=owner, **given)
        track.credits.create(artist=Artist.objects.get_or_create(name=artist)[0])
        return track

    return add_track


def compare(viewer, first="Ann", second="Bo"):
    return compare_artists(Artist.objects.get(name=first), Artist.objects.get(name=second), viewer)


def test_who_sounds_like_the_other_is_near(add):
    for step in range(4):
        add("Ann", 1, 0.1 * step)
        add("Bo", 1, 0.1 * step + 0.05)
        add("Cy", 0, 0, 1, 0.1 * step)
    viewer = make_user()
    near, far = compare(viewer), compare(viewer, second="Cy")
    assert near.between > 0.85 > 0.5 > far.between
    assert min(near.first.within, near.second.within, far.second.within) > 0.85
    assert len(near.nearest) == 8 == MOST_PAIRS
    similarities = [match.similarity for match in near.nearest]
    assert similarities == sorted(similarities, reverse=True)
    firsts = [match.first for match in near.nearest]
    assert max(firsts.count(each) for each in firsts) == 2


def test_each_track_is_told_how_near_the_nearest_is(add):
    like, unlike = add("Ann", 1, 0), add("Ann", 0, 0, 0, 1)
    only = add("Bo", 1, 0.05)
    pair = compare(make_user())
    assert list(pair.first.track_ids) == [like.pk, unlike.pk]
    assert pair.first.reached[0] > pair.first.reached[1]
    assert list(pair.second.track_ids) == [only.pk]
    assert pair.second.within is None
    assert [match.first for match in pair.nearest] == [like.pk, unlike.pk]


def test_what_both_made_says_nothing(add):
    shared = add("Ann", 1, 0)
    shared.credits.create(artist=Artist.objects.create(name="Bo"), position=1)
    assert compare(make_user()) is None
    add("Ann", 0, 1)
    assert compare(make_user()) is None
    add("Bo", 0, 0, 1)
    assert shared.pk not in compare(make_user()).first.track_ids


def test_only_what_the_viewer_may_see_and_what_may_be_recommended(add, owner):
    hidden = add("Ann", 1, 0, visibility=Visibility.PRIVATE)
    add("Bo", 1, 0.1)
    add("Bo", 1, 0.2, is_recommendable=False)
    assert compare(make_user()) is None
    pair = compare(owner)
    assert (list(pair.first.track_ids), len(pair.second.track_ids)) == ([hidden.pk], 1)


def test_many_tracks_are_stood_for_by_some(add, django_assert_max_num_queries):
    for number in range(MOST_TRACKS + 20):
        add("Ann", 1, 0.01 * number)
    add("Bo", 1, 0.1)
    viewer = make_user()
    artists = Artist.objects.get(name="Ann"), Artist.objects.get(name="Bo")
    compare_artists(*artists, viewer)
    with django_assert_max_num_queries(5):
        pair = compare_artists(*artists, viewer)
    assert len(pair.first.track_ids) == MOST_TRACKS


def test_a_catalog_of_two_tracks(space, owner):
    for artist in ("Ann", "Bo"):
        track = add_heard(space, unit_vector(1), owner=owner)
        track.credits.create(artist=Artist.objects.create(name=artist))
    pair = compare(make_user())
    assert 0.9 < pair.between <= 1


def test_no_space(db):
    assert compare_artists(Artist.objects.create(name="A"), Artist.objects.create(name="B"), make_user()) is None
