import pytest
from django.urls import reverse

from recommender.catalog.models import Visibility
from recommender.listening import playlists
from recommender.listening.models import PlaylistRefusal
from recommender.listening.playlists import create_playlist, tracks_of
from tests.people import make_track

pytestmark = pytest.mark.django_db


@pytest.fixture
def playlist(listener, tracks):
    return create_playlist(listener, "Evening", [track.pk for track in tracks[:2]])


def ask(client, playlist, **query):
    return client.get(reverse("playlist_suggestions", args=[playlist.pk]), query)


def say(client, playlist, **body):
    return client.post(reverse("playlist_suggestions", args=[playlist.pk]), body)


def suggested(client, playlist):
    return {found.track.title for found in ask(client, playlist).context["page"].blend.found}


def test_suggestions_are_taken_and_refused(page_client, playlist, tracks, listener, django_assert_max_num_queries):
    assert suggested(page_client, playlist) == {"Track C", "Track D"}
    answer = say(page_client, playlist, accept=tracks[2].pk, page="1")
    assert answer.url == reverse("playlist_suggestions", args=[playlist.pk]) + "?page=1&did=accept"
    assert tracks_of(playlist, listener) == [track.pk for track in tracks[:3]]
    page = page_client.get(answer.url).content.decode()
    assert "Added." in page
    assert f'hx-get="{reverse("playlist", args=[playlist.pk])}?page=1"' in page
    assert 'id="accept-1"' in page
    say(page_client, playlist, reject=tracks[3].pk)
    assert suggested(page_client, playlist) == set()
    assert "1 not suggested for this playlist again" in ask(page_client, playlist).content.decode()
    say(page_client, playlist, forget="1")
    with django_assert_max_num_queries(14):
        assert suggested(page_client, playlist) == {"Track D"}


def test_what_cannot_be_seen_is_neither_a_seed_nor_suggested(page_client, playlist, tracks):
    for track in (tracks[0], tracks[2]):
        track.visibility = Visibility.PRIVATE
        track.save()
    assert suggested(page_client, playlist) == {"Track D"}
    page = ask(page_client, playlist).content.decode()
    assert "Most like Track B" in page
    assert "Track A" not in page


def test_nonsense_is_refused(page_client, playlist):
    hidden = make_track(visibility=Visibility.PRIVATE)
    for body, status in (({}, 400), ({"accept": "x"}, 400), ({"reject": hidden.pk}, 404), ({"accept": 10**17}, 404)):
        assert say(page_client, playlist, **body).status_code == status
    assert say(page_client, playlist, forget="1", page="<x>").url.endswith("suggestions?did=forget")
    assert not PlaylistRefusal.objects.exists()


def test_a_full_playlist_is_said_to_be(page_client, playlist, tracks, monkeypatch):
    monkeypatch.setattr(playlists, "MOST_ENTRIES", 2)
    answer = say(page_client, playlist, accept=tracks[2].pk)
    assert "A playlist holds at most" in page_client.get(answer.url).content.decode()


def test_nothing_to_be_like_is_said(page_client, listener):
    empty = create_playlist(listener, "Empty")
    assert "Put some tracks into this playlist first." in ask(page_client, empty).content.decode()
    unheard = create_playlist(listener, "Unheard", [make_track().pk])
    assert "has been listened to yet" in ask(page_client, unheard).content.decode()
