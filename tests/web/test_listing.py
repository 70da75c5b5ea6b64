import random

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict

from recommender.accounts.models import Role
from recommender.catalog.credits import find_artist, find_release, set_genres
from recommender.catalog.models import Analysis, AnalysisState, Genre, Track, TrackTag, Visibility
from recommender.catalog.search import LONGEST_QUERY
from recommender.web import listing
from recommender.web.listing import SORTS, browse
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)


@pytest.fixture
def owner():
    return make_user()


def look(viewer, address=""):
    return browse(viewer, QueryDict(address.removeprefix("?")))


def ids(page):
    return [track.pk for track in page.tracks]


def walk(viewer, address):
    pages = [look(viewer, address)]
    while pages[-1].after:
        pages.append(look(viewer, pages[-1].after))
    return pages


def make_varied(owner):
    rng = random.Random(1)
    artists = [find_artist(name) for name in ("Zoe", "ada", "Bo")]
    for number in range(10):
        by = rng.choice([*artists, None])
        make_track(
            owner,
            title=rng.choice(["Same", "same", "Änders"]),
            artist=by,
            release=find_release(f"Release {number % 2}", by) if by else None,
            year=rng.choice([None, 1990, 2000]),
            tempo_bpm=rng.choice([None, 100.5, 90.25]),
            energy=rng.choice([None, 0.1, 0.9]),
            duration_seconds=rng.choice([None, 60.0, 61.5]),
        )


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
def test_walking_to_the_end_and_back_meets_every_track_once(sort, owner):
    make_varied(owner)
    pages = walk(owner, f"sort={sort}")
    seen = [pk for page in pages for pk in ids(page)]
    assert sorted(seen) == sorted(Track.objects.values_list("pk", flat=True))
    back = pages[-1]
    for page in reversed(pages[:-1]):
        back = look(owner, back.before)
        assert ids(back) == ids(page)
    assert back.before == ""


@pytest.mark.parametrize(("sort", "expected"), [("tempo", [90.0, 120.0, None]), ("-tempo", [120.0, 90.0, None])])
def test_what_has_no_value_comes_last(sort, expected, owner):
    for tempo in (None, 120.0, 90.0):
        make_track(owner, tempo_bpm=tempo)
    assert [track.tempo_bpm for track in look(owner, f"sort={sort}").tracks] == expected


@pytest.mark.parametrize("sort", ["newest", "title", "artist", "tempo"])
def test_an_address_keeps_showing_the_same_tracks(sort, owner):
    artist = find_artist("m")
    for number in range(5):
        make_track(owner, title="m", artist=artist, tempo_bpm=100.0 + number)
    second = look(owner, f"sort={sort}").after
    before = ids(look(owner, second))
    make_track(owner, title="a", artist=find_artist("a"), tempo_bpm=1.0)
    assert ids(look(owner, second)) == before


@pytest.mark.parametrize(
    "value",
    ["x", "-1", "1e9", "9" * 30, "٣", "\0", "18446744073709551616", "1~nan", "1~inf", "1~", "~", "1~\0", "5~1e999"],
)
@pytest.mark.parametrize("sort", ["newest", "title", "tempo", "year", "relevance"])
def test_mistyped_places_show_a_page(value, sort, owner):
    make_track(owner, title="words")
    for name in ("before", "after"):
        given = QueryDict(mutable=True)
        given.update({name: value, "sort": sort, "q": "words" if sort == "relevance" else ""})
        assert browse(owner, given).total == 1


def test_a_page_beyond_the_end_is_empty_but_the_library_is_not(owner):
    first = make_track(owner)
    page = look(owner, f"after={first.pk}")
    assert (page.tracks, page.total, page.before, page.after, page.is_untouched) == ([], 1, "", "", False)


@pytest.mark.parametrize("value", ["x" * 5_000, "\0", "-1", "9" * 40, "a-minor&key=h-minor", "é"])
def test_values_that_there_are_not_choose_nothing(value, owner):
    make_track(owner)
    for name in ("genre", "decade", "tempo", "key", "state", "sort", "view", "mine", "q"):
        given = QueryDict(mutable=True)
        given[name] = value
        browse(owner, given)
        browse(AnonymousUser(), given)


def test_an_overlong_query_is_cut(owner):
    assert len(look(owner, "q=" + "x" * 5000).query) == LONGEST_QUERY


def test_results_of_a_search_come_best_first_and_page_by_page(owner):
    for number in range(7):
        make_track(owner, title=f"blue {'and green ' * number}")
    pages = walk(owner, "q=blue")
    assert [len(page.tracks) for page in pages] == [3, 3, 1]
    assert pages[0].tracks[0].title == "blue "
    assert ids(look(owner, pages[2].before)) == ids(pages[1])
    assert ids(look(owner, pages[1].before)) == ids(pages[0])
    assert [choice.label for choice in pages[0].sorts if choice.is_chosen] == ["Best match"]
    assert ids(look(owner, "q=blue&sort=newest"))[0] == Track.objects.latest("pk").pk


def test_facets_offer_choose_and_take_away(owner):
    tracks = [make_track(owner, year=1985 + 5 * number, key=21, key_confidence=1) for number in range(3)]
    for track, names in zip(tracks, (["Jazz"], ["Jazz", "Rock"], ["Rock"]), strict=True):
        set_genres(track, names)
        TrackTag.objects.create(track=track, name="late night", probability=0.8)
    jazz = Genre.objects.get(name="Jazz")
    page = look(owner, "sort=title")
    assert [facet.title for facet in page.facets] == ["Genre", "Mood and sound", "Decade", "Key", "Format"]
    options = {option.label: option for facet in page.facets for option in facet.options}
    assert {label: option.count for label, option in options.items()} == {
        "Jazz": 2,
        "Rock": 2,
        "Late night": 3,
        "1980s": 1,
        "1990s": 2,
        "A minor": 3,
        "MP3": 3,
    }
    assert options["Jazz"].link == f"?genre={jazz.pk}&sort=title"
    chosen = look(owner, options["Jazz"].link)
    assert (ids(chosen), [option.label for option in chosen.chosen]) == (
        [tracks[0].pk, tracks[1].pk],
        ["Jazz"],
    )
    both = look(owner, next(o for o in chosen.facets[0].options if o.label == "Rock").link)
    assert (both.total, len(both.chosen)) == (3, 2)
    assert look(owner, chosen.chosen[0].link).total == 3
    assert look(owner, "key=a-minor&tag=late+night&decade=1990&tempo=slow").total == 0


def test_no_filter_tells_the_name_of_a_genre_the_viewer_may_not_know_of(owner):
    set_genres(make_track(owner, visibility=Visibility.PRIVATE), ["Secret"])
    address = f"genre={Genre.objects.get().pk}"
    assert [option.label for option in look(owner, f"{address}&mine=1").chosen] == ["Secret"]
    for viewer in (AnonymousUser(), make_user(), make_user(Role.CURATOR)):
        page = look(viewer, address)
        assert (page.chosen, page.facets, page.total) == ([], [], 0)


def test_own_tracks_and_their_states_are_for_those_who_may(owner):
    space = make_space()
    failed = make_track(owner, visibility=Visibility.PRIVATE, is_playable=False)
    Analysis.objects.create(track=failed, space=space, state=AnalysisState.FAILED)
    others = make_track()
    Analysis.objects.create(track=others, space=space, state=AnalysisState.READY)
    assert look(owner).mine
    assert ids(look(owner)) == [others.pk]
    assert ids(look(owner, "mine=1")) == ids(look(owner, "mine=1&state=failed")) == [failed.pk]
    assert ids(look(owner, "state=failed")) == [others.pk]
    assert ids(look(AnonymousUser(), "mine=1&state=failed")) == [others.pk]
    assert look(make_user(Role.LISTENER)).mine is None
    curator = make_user(Role.CURATOR)
    assert ids(look(curator, "state=failed")) == []
    assert ids(look(curator, "state=ready")) == [others.pk]


def test_a_facet_shows_its_most_frequent_values_and_unfolds_the_others(owner):
    for number in range(12):
        set_genres(make_track(owner), [f"genre {number}", "common"])
    facet = look(owner).facets[0]
    assert (facet.options[0].label, len(facet.options), len(facet.more)) == ("common", 8, 5)
    assert len(look(owner, facet.more[-1].link).facets[0].options) == 9
