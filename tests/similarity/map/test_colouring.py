import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role
from recommender.catalog.models import Genre, MapPoint, Track, Visibility
from recommender.similarity.map import colouring
from recommender.similarity.map.colouring import Shares, colour_points, share_colours
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db
EVERYBODY = AnonymousUser()


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def space():
    return make_space()


@pytest.fixture
def add(space, owner):
    def add_point(*genres, **given):
        track = make_track(owner, **given)
        track.genres.set([Genre.objects.get_or_create(name=name)[0] for name in genres])
        MapPoint.objects.create(track=track, space=space, x=1, y=1, region=1)
        return track

    return add_point


def number_of(name):
    return Genre.objects.get(name=name).pk


def test_a_track_has_the_rarest_of_its_genres(space, add):
    for genres in (["Rock"], ["Rock"], ["Rock", "Metal"], ["Folk"], []):
        add(*genres)
    make_track()
    shares = share_colours(space, EVERYBODY, "genre")
    rock, rarer = number_of("Rock"), sorted([number_of("Metal"), number_of("Folk")])
    assert shares == Shares((rock, *rarer), (1, 2, 1, 1))
    metal = 2 + rarer.index(number_of("Metal"))
    found = colour_points(space, EVERYBODY, "genre", shares.values)
    assert found.codes.tolist() == [1, 1, metal, 5 - metal, 0]
    assert len(found.codes) == len(found.seen.points.track_ids)


def test_what_is_asked_for_decides_what_the_codes_mean(space, add):
    add("Rock", "Metal")
    asked = (number_of("Metal"), number_of("Rock"))
    either = colour_points(space, EVERYBODY, "genre", asked)
    assert either.codes.tolist() == [2]
    strangers = colour_points(space, EVERYBODY, "genre", (10**9,))
    assert strangers.codes.tolist() == [0]
    assert strangers.digest != either.digest
    assert strangers.seen.stamp == either.seen.stamp


def test_there_are_no_more_colours_than_can_be_told_apart(space, add, monkeypatch):
    monkeypatch.setattr(colouring, "MOST_COLOURS", 2)
    for name in ("Rock", "Rock", "Folk", "Folk", "Metal"):
        add(name)
    shares = share_colours(space, EVERYBODY, "genre")
    assert set(shares.values) == {number_of("Rock"), number_of("Folk")}
    assert shares.counts == (1, 2, 2)


def test_decades(space, add):
    for year in (1994, 1999, 2003, None):
        add(year=year)
    assert share_colours(space, EVERYBODY, "decade") == Shares((1990, 2000), (1, 2, 1))


def test_everybody_is_told_of_what_they_may_see(space, add, owner):
    add("Rock")
    add("Secret", visibility=Visibility.PRIVATE)
    add("Elsewhere", is_recommendable=False)
    rock, secret = number_of("Rock"), number_of("Secret")
    asked = (rock, secret, number_of("Elsewhere"))
    for viewer in (EVERYBODY, make_user(Role.CURATOR)):
        assert share_colours(space, viewer, "genre") == Shares((rock,), (0, 1))
        assert colour_points(space, viewer, "genre", asked).codes.tolist() == [1]
    assert share_colours(space, owner, "genre") == Shares((rock, secret), (0, 1, 1))


def test_an_empty_map(space):
    assert share_colours(space, EVERYBODY, "genre") == Shares((), (0,))
    assert colour_points(space, EVERYBODY, "genre", ()).codes.tolist() == []


@pytest.mark.django_db(transaction=True)
def test_it_is_counted_anew_after_a_change(space, add, django_assert_max_num_queries):
    track = add("Rock")
    asked = (number_of("Rock"),)
    assert share_colours(space, EVERYBODY, "genre").counts == (0, 1)
    # Each asks for the revision of the catalog.
    with django_assert_max_num_queries(2):
        share_colours(space, EVERYBODY, "genre")
        before = colour_points(space, EVERYBODY, "genre", asked)
    track.genres.clear()
    after = colour_points(space, EVERYBODY, "genre", asked)
    assert after.codes.tolist() == [0]
    assert after.digest != before.digest
    Track.objects.update(visibility=Visibility.PRIVATE)
    assert share_colours(space, EVERYBODY, "genre") == Shares((), (0,))
