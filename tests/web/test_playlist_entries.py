import pytest
from django.urls import reverse

from recommender.catalog.models import Visibility
from recommender.listening.models import Sharing
from recommender.listening.playlists import create_playlist, describe_playlist, tracks_of
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks():
    return [make_track(title=f"Song {number}") for number in range(3)]


@pytest.fixture
def playlist(listener, tracks):
    return create_playlist(listener, "Evening", [track.pk for track in tracks])


def change(client, playlist, entry_id, headers=None, **body):
    return client.post(reverse("playlist_entry", args=[playlist.pk, entry_id]), body, headers=headers)


def order_of(playlist, tracks):
    places = {track.pk: place for place, track in enumerate(tracks)}
    return [places[pk] for pk in tracks_of(playlist, playlist.owner)]


def test_entries_are_moved_and_removed_by_plain_forms(page_client, playlist, tracks):
    first, second, third = (entry.pk for entry in playlist.entries.in_order())
    for entry, body, order in (
        (third, {"do": "up"}, [0, 2, 1]),
        (first, {"do": "down"}, [2, 0, 1]),
        (second, {"do": "first"}, [1, 2, 0]),
        (second, {"do": "up"}, [1, 2, 0]),
        (first, {"before": second}, [0, 1, 2]),
        (first, {"after": third}, [1, 2, 0]),
        (third, {"do": "remove"}, [1, 0]),
    ):
        assert change(page_client, playlist, entry, **body).url == reverse("playlist", args=[playlist.pk])
        assert order_of(playlist, tracks) == order
    here = reverse("playlist", args=[playlist.pk]) + "?page=2"
    assert change(page_client, playlist, first, do="up", back=here).url == here


def test_scripts_are_answered_shortly(page_client, playlist):
    entry, scripts = playlist.entries.in_order()[1].pk, {"Accept": "application/json"}
    assert change(page_client, playlist, entry, scripts, do="remove").status_code == 204
    gone = change(page_client, playlist, entry, scripts, do="remove")
    assert (gone.status_code, gone.json()["detail"]) == (409, "This track is no longer in the playlist.")


def test_nonsense_is_refused(page_client, playlist):
    entry = playlist.entries.in_order()[0].pk
    for body in ({}, {"do": "fly"}, {"before": "x"}, {"after": "-1"}, {"before": "9" * 30}):
        assert change(page_client, playlist, entry, **body).status_code == 400
    assert change(page_client, playlist, 10**17, do="up").status_code == 302


def test_the_picker_offers_ones_own_playlists(page_client, listener, playlist, tracks):
    create_playlist(make_user(), "Theirs")
    empty, track = create_playlist(listener, "Empty"), tracks[0]
    page = page_client.get(reverse("track_playlists", args=[track.pk])).content.decode()
    assert page.index("Empty") < page.index("Evening")
    assert "Theirs" not in page
    assert page.count("data-told>") == 1
    assert f'formaction="{reverse("playlist_add", args=[empty.pk])}"' in page
    hidden = make_track(visibility=Visibility.PRIVATE)
    assert page_client.get(reverse("track_playlists", args=[hidden.pk])).status_code == 404


def test_the_picker_has_pages(page_client, listener, django_assert_max_num_queries):
    track = make_track()
    for number in range(51):
        create_playlist(listener, f"List {number}")
    with django_assert_max_num_queries(10):
        page = page_client.get(reverse("track_playlists", args=[track.pk])).content.decode()
    assert page.count("formaction=") == 50
    assert 'href="?page=2"' in page


def test_a_row_offers_what_its_viewer_may_do(page_client, listener, playlist, tracks):
    describe_playlist(playlist, name="Evening", description="", visibility=Sharing.SHARED)
    address = reverse("playlist", args=[playlist.pk])
    offered = ("Play next", "Add to another playlist", "Move up", "Remove from the playlist", "Download<")
    seen = []
    for viewer in (listener, make_user(), None):
        page_client.force_login(viewer) if viewer else page_client.logout()
        page = page_client.get(address).content.decode()
        seen.append([page.count(each) // len(tracks) for each in offered])
    assert seen == [[1, 1, 1, 1, 1], [1, 1, 0, 0, 1], [1, 0, 0, 0, 0]]
