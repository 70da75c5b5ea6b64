import pytest
from django.urls import reverse

from recommender.listening.models import Sharing
from recommender.listening.playlists import create_playlist

pytestmark = pytest.mark.django_db


@pytest.fixture
def playlist(listener):
    return create_playlist(listener, "Evening")


def test_a_playlist_is_renamed_described_and_shared(page_client, playlist):
    address = reverse("playlist_edit", args=[playlist.pk])
    assert 'value="Evening"' in page_client.get(address).content.decode()
    body = {"name": "Morning", "description": "One\nTwo <i>", "visibility": "shared"}
    assert page_client.post(address, body).url == reverse("playlist", args=[playlist.pk])
    page_client.logout()
    page = page_client.get(reverse("playlist", args=[playlist.pk])).content.decode()
    assert "Morning" in page
    assert "One<br>Two &lt;i&gt;" in page


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 201}, {"description": "x" * 2001}, {"visibility": "everywhere"}]
)
def test_nonsense_is_refused(page_client, playlist, wrong):
    body = {"name": "Morning", "description": "", "visibility": "private", **wrong}
    answer = page_client.post(reverse("playlist_edit", args=[playlist.pk]), body)
    assert 'class="error"' in answer.content.decode()
    playlist.refresh_from_db()
    assert (playlist.name, playlist.visibility) == ("Evening", Sharing.PRIVATE)


def test_a_name_that_cannot_be_seen_is_none(page_client, playlist):
    body = {"name": "\u2028", "description": "", "visibility": "private"}
    address = reverse("playlist_edit", args=[playlist.pk])
    assert page_client.post(address, body).status_code in (200, 302)
    playlist.refresh_from_db()
    assert playlist.name == "Evening"
