import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.catalog.models import Genre, MapPoint, MapRegion, Track, Visibility
from recommender.similarity.map import names as naming
from recommender.similarity.map.data import read_points
from recommender.similarity.map.names import NamedRegion, find_regions, name_in_words, name_regions
from tests.german import speaking_german
from tests.people import make_space, make_track, make_user


@pytest.fixture
def add(db):
    space, owner = make_space(), make_user()

    def add_track(region, tags=(), genres=(), **given):
        track = make_track(owner, **given)
        for name in tags:
            track.tags.create(name=name, probability=0.5)
        track.genres.set([Genre.objects.get_or_create(name=name)[0] for name in genres])
        MapPoint.objects.create(track=track, space=space, x=1, y=1, region=region)
        return space

    return add_track


def test_names_are_what_a_region_has_more_of_than_the_rest(add):
    for _ in range(4):
        add(1, ["piano", "calm", "instrumental"])
        add(2, ["drums", "fast", "instrumental"])
        space = add(3, ["drums", "slow", "instrumental"])
    add(1, ["drums"])
    assert name_regions(space, 3) == ["calm, piano", "fast, drums", "slow, drums"]


def test_genres_are_for_regions_without_words_and_numbers_for_the_others(add):
    for _ in range(2):
        add(1, ["piano"])
        add(2, (), ["Folk"])
        add(3, (), ["Folk"])
    space = add(4)
    assert name_regions(space, 5) == ["piano", "Folk", "Folk 3", "Region 4", "Region 5"]


def test_one_odd_track_names_no_region(add):
    for number in range(5):
        space = add(1, ["piano"] if number else ["bagpipes"])
        add(2, ["drums"])
    assert name_regions(space, 2) == ["piano", "drums"]


def test_what_is_not_published_names_nothing(add):
    for _ in range(3):
        add(1, ["secret"], ["Secret"], visibility=Visibility.PRIVATE)
        add(1, ["hidden"], is_recommendable=False)
    space = add(1)
    add(2, ["drums"])
    assert name_regions(space, 1) == ["Region 1"]


@pytest.fixture
def shown():
    """The names as they are read after a drawing has stored `names`."""

    def find_shown(space, *names):
        MapRegion.objects.bulk_create(
            MapRegion(space=space, number=number, name=name, x=1, y=1) for number, name in enumerate(names, 1)
        )
        return lambda: [each.name for each in find_regions(space, read_points(space, AnonymousUser()))]

    return find_shown


def test_a_name_is_shown_as_long_as_somebody_may_know_why(add, shown):
    for _ in range(2):
        add(1, ["piano", "calm"])
        space = add(2, (), ["Folk"])
    names = shown(space, "calm, piano", "Folk", "Region 3")
    assert names() == ["calm, piano", "Folk", "Region 3"]
    first, second = Track.objects.filter(map_points__region=1)
    first.tags.filter(name="calm").delete()
    Track.objects.filter(pk=second.pk).update(visibility=Visibility.WITHDRAWN)
    assert names() == ["piano", "Folk", "Region 3"]
    Track.objects.filter(pk=first.pk).update(is_recommendable=False)
    Track.objects.filter(map_points__region=2).first().genres.clear()
    assert names() == ["Region 1", "Folk", "Region 3"]
    Track.objects.update(is_deleting=True)
    assert names() == ["Region 1", "Region 2", "Region 3"]


def test_a_word_of_one_region_says_nothing_of_another(add, shown):
    add(1, ["secret"], visibility=Visibility.PRIVATE)
    add(1)
    space = add(2, ["secret"])
    assert shown(space, "secret", "secret 2")() == ["Region 1", "secret"]


def test_names_that_have_become_the_same_are_told_apart(add, shown):
    add(1, ["drums"])
    space = add(2, ["drums"])
    assert shown(space, "drums, fast", "drums, slow")() == ["drums", "drums 2"]


def test_the_one_track_that_says_it_may_be_the_last_that_is_asked(add, shown, monkeypatch):
    monkeypatch.setattr(naming, "_ASKED", 1)
    add(1)
    add(2)
    add(1, ["piano"])
    space = add(2, (), ["Folk"])
    assert shown(space, "piano", "Folk")() == ["piano", "Folk"]


def test_a_genre_that_looks_like_two_words_names_nothing(add):
    for _ in range(2):
        space = add(1, (), ["Funk, Soul"])
        add(2, (), ["Folk"])
    assert name_regions(space, 2) == ["Region 1", "Folk"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("piano, jazz", "Klavier, jazz"),
        ("piano, Folk 3", "Klavier, Folk 3"),
        ("Region 3", "Gegend 3"),
        ("top 40", "top 40"),
    ],
)
def test_names_are_said_in_the_language_of_the_page(name, told, tmp_path, settings):
    region = NamedRegion(number=3, name=name, x=0, y=0)
    assert name_in_words(region) == name
    words = {"piano, pianos": "Klavier, Piano", "Region %(number)d": "Gegend %(number)d"}
    with speaking_german(tmp_path, settings, words):
        assert name_in_words(region) == told
