import pytest
from django.urls import reverse

from recommender.catalog.credits import credit_artists, find_artist, find_release
from recommender.catalog.models import Visibility
from recommender.listening.models import Sharing
from recommender.listening.playlists import create_playlist
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def suggest(client, text):
    return client.get(reverse("search_suggest"), {"q": text}).content.decode()


def make_song(owner, title, artist, release, **given):
    by = find_artist(artist)
    track = make_track(owner, title=title, artist=by, release=find_release(release, by), **given)
    credit_artists(track, [artist])
    return track


def test_a_few_of_everything_that_matches(owner, page_client):
    for number in range(7):
        track = make_song(owner, f"Moonlight {number}", f"Moonlight Band {number}", f"Moonlight Tales {number}")
    page = suggest(page_client, "moonlit")
    assert [page.count(f'href="/{kind}/') for kind in ("tracks", "artists", "releases")] == [5, 3, 3]
    assert page.count('role="option"') == 12
    assert "/library/?q=moonlit" in page
    exact = suggest(page_client, "Moonlight 6")
    assert exact.index(reverse("track", args=[track.pk])) == exact.index('href="/tracks/') + len('href="')


def test_nothing_is_told_of_what_must_not_be_seen(owner, page_client):
    make_song(owner, "Secret", "Secret Agent", "Secret Files", visibility=Visibility.PRIVATE)
    assert "Agent" not in suggest(page_client, "secret")
    page_client.force_login(owner)
    for name in ("Secret", "Secret Agent", "Secret Files"):
        assert name in suggest(page_client, "secret")


def test_all_kinds_are_found_in_few_queries(owner, page_client, django_assert_max_num_queries):
    make_song(owner, "Moonlight", "Moonlight Band", "Moonlight Tales")
    create_playlist(owner, "Moonlight")
    page_client.force_login(owner)
    suggest(page_client, "moonlight")
    with django_assert_max_num_queries(12):
        assert suggest(page_client, "moonlight").count('role="option"') == 5


@pytest.mark.parametrize("text", ["", "  ", "\0", "%", '"', "x" * 10_000, "<script>alert(1)</script>", "🎵", "שלום"])
def test_whatever_is_typed_the_answer_is_a_fragment(text, page_client):
    page = suggest(page_client, text)
    assert "<script" not in page
    assert ("Nothing is called" in page) == bool(text.replace("\0", "").strip())


def test_playlists_are_found_by_name_the_own_ones_first(owner, page_client):
    other = make_user()
    for name, of, sharing in (
        ("Moon for all", other, Sharing.SHARED),
        ("Moon of mine", owner, Sharing.PRIVATE),
        ("Moon of theirs", other, Sharing.PRIVATE),
    ):
        create_playlist(of, name, visibility=sharing)
    page = suggest(page_client, "for moon")
    assert page.count("/playlists/") == 1
    assert f"Playlist by {other}" in page
    page_client.force_login(owner)
    page = suggest(page_client, "moon")
    assert page.count("/playlists/") == 2
    assert page.index("Moon of mine") < page.index("Moon for all")
    assert 'data-count="2"' in page
