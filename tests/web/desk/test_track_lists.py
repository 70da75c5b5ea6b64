"""Which tracks an address is about, and in which order."""

import pytest
from django.http import Http404, QueryDict

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Genre, Track, Visibility
from recommender.listening.playlists import add_tracks, create_playlist
from recommender.web.desk.track_lists import find_list
from recommender.web.refusals import BadAddressError
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def tracks(owner):
    """Two of an album in the wrong order, one on no release, and one that only its owner knows of."""
    made = []
    for title, said in (
        ("Second", {"release": "Album", "track_number": 2, "year": 1999}),
        ("First", {"release": "Album", "track_number": 1}),
        ("Loose", {"year": 1975, "genres": ["Folk"]}),
        ("Hidden", {"release": "Album", "genres": ["Folk"]}),
    ):
        hidden = {"visibility": Visibility.PRIVATE} if title == "Hidden" else {}
        made.append(make_track(owner, title=title, **hidden))
        edit_track(made[-1], owner, {"artists": ["Ann"], **said})
    return made


def find(viewer, query):
    found = find_list(viewer, QueryDict(query))
    assert find_list(viewer, QueryDict(found.query[1:])).ids == found.ids
    return found


def place(tracks, ids):
    return [[track.pk for track in tracks].index(pk) for pk in ids]


def test_the_library_as_it_is_narrowed_and_sorted(owner, tracks):
    viewer = make_user(Role.CURATOR)
    for sort, expected in (("", [2, 1, 0]), ("title", [1, 2, 0]), ("-title", [0, 2, 1]), ("year", [0, 2, 1])):
        found = find(viewer, f"sort={sort}&view=list&after=7")
        assert place(tracks, found.ids) == expected
        assert (found.told, found.link.partition("?")[0]) == ("The whole library", "/library/")
    folk = Genre.objects.get().pk
    found = find(owner, f"genre={folk}&mine=1")
    assert (place(tracks, found.ids), found.told) == ([3, 2], "Only my tracks · Folk")
    found = find(viewer, "q=first")
    assert (place(tracks, found.ids), found.told) == ([1], "“first”")


def test_named_ones_keep_their_order(owner, tracks):
    first, second = tracks[1].pk, tracks[0].pk
    found = find(owner, f"track={second},{first}&track={second}")
    assert (found.ids, found.told, found.link) == ([second, first], "", "")


def test_all_of_an_artist_a_release_or_a_playlist(owner, tracks):
    viewer = make_user()
    found = Track.objects.get(pk=tracks[0].pk)
    artist, release = found.artist, found.release
    found = find(viewer, f"release={release.pk}")
    assert (place(tracks, found.ids), found.told) == ([1, 0], "Album")
    assert place(tracks, find(owner, f"release={release.pk}").ids) == [1, 0, 3]
    found = find(viewer, f"artist={artist.pk}")
    assert (place(tracks, found.ids), found.told) == ([1, 0, 2], "Ann")
    playlist = create_playlist(viewer, "Mine")
    add_tracks(playlist, [tracks[2].pk, tracks[0].pk])
    assert place(tracks, find(viewer, f"playlist={playlist.pk}").ids) == [2, 0]


def test_what_is_not_for_the_viewer_is_not_found(owner, tracks):
    viewer, playlist = make_user(), create_playlist(owner, "Private")
    for query in (
        *(f"track={tracks[3].pk}", "track=999", "artist=999", "release=nonsense", f"playlist={playlist.pk}"),
        f"track={tracks[0].pk},{tracks[3].pk}",
    ):
        with pytest.raises(Http404):
            find_list(viewer, QueryDict(query))
    with pytest.raises(BadAddressError):
        find_list(viewer, QueryDict("track=one"))
