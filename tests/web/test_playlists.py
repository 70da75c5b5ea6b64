import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Visibility
from recommender.listening import playlists
from recommender.listening.models import Playlist, Sharing
from recommender.listening.playlists import create_playlist, tracks_of
from recommender.web import playlists as pages
from recommender.web.cards import picture_url
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


def page_of(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).content.decode()


def create(client, *tracks, **body):
    return client.post(reverse("playlists"), {"track": [getattr(track, "pk", track) for track in tracks], **body})


def test_a_playlist_is_made_of_tracks_and_shown(page_client, listener):
    tracks = [make_track(title=f"Song & {number}") for number in range(3)]
    answer = create(page_client, tracks[1], f"{tracks[0].pk},{tracks[1].pk}", name="<b>Evening</b>")
    made = Playlist.objects.get()
    assert answer.url == reverse("playlist", args=[made.pk])
    assert tracks_of(made, listener) == [tracks[1].pk, tracks[0].pk, tracks[1].pk]
    page = page_of(page_client, "playlist", made.pk)
    assert "<h1>&lt;b&gt;Evening&lt;/b&gt;</h1>" in page
    assert "3 tracks · 3:00" in page
    assert page.index("Song &amp; 1") < page.index("Song &amp; 0")
    assert f'data-play-all="{reverse("playlist_sound", args=[made.pk])}"' in page
    assert "&lt;b&gt;Evening" in page_of(page_client, "playlists")


def test_tracks_are_added_at_the_end(page_client, listener):
    made, track = create_playlist(listener, "Evening"), make_track()
    address = reverse("playlist_add", args=[made.pk])
    back = reverse("track", args=[track.pk])
    assert page_client.post(address, {"track": track.pk, "back": back}).url == back
    assert "was added to" in page_of(page_client, "track", track.pk)
    assert page_client.post(address, {"track": track.pk, "back": "//elsewhere.example"}).url.endswith(f"/{made.pk}/")
    as_script = page_client.post(address, {"track": track.pk}, headers={"Accept": "application/json"})
    assert as_script.json() == {"id": made.pk, "name": "Evening", "page": reverse("playlist", args=[made.pk])}
    assert tracks_of(made, listener) == [track.pk] * 3


def test_what_is_unknown_or_nonsense_is_refused(page_client, listener):
    made, hidden = create_playlist(listener, "Evening"), make_track(visibility=Visibility.PRIVATE)
    address = reverse("playlist_add", args=[made.pk])
    for track, status in ((hidden.pk, 404), (10**17, 404), ("x", 400), ("-1", 400), ("9" * 30, 400), ("1,x", 400)):
        assert page_client.post(address, {"track": track}).status_code == status
        assert create(page_client, track, name="New").status_code == status
    assert create(page_client, name=" ").url == reverse("playlists")
    assert "A playlist needs a name." in page_of(page_client, "playlists")
    assert Playlist.objects.count() == 1


def test_limits_are_told(page_client, listener, monkeypatch):
    made, track = create_playlist(listener, "Evening"), make_track()
    monkeypatch.setattr(playlists, "MOST_ENTRIES", 0)
    address = reverse("playlist_add", args=[made.pk])
    assert page_client.post(address, {"track": track.pk}).status_code == 302
    assert "holds at most 0 tracks" in page_of(page_client, "playlist", made.pk)
    as_script = page_client.post(address, {"track": track.pk}, headers={"Accept": "application/json"})
    assert (as_script.status_code, as_script.json()["code"]) == (409, "playlist")


def test_what_the_viewer_may_not_see_is_neither_shown_nor_counted(page_client):
    owner = make_user()
    shown, hidden = make_track(title="Shown"), make_track(owner, title="Hidden", visibility=Visibility.PRIVATE)
    made = create_playlist(owner, "Evening", [hidden.pk, shown.pk], visibility=Sharing.SHARED)
    page = page_of(page_client, "playlist", made.pk)
    assert "Shown" in page
    assert "Hidden" not in page
    assert "1 track ·" in page
    assert ">1 track<" in page_of(page_client, "playlists")
    assert [each["title"] for each in page_client.get(reverse("playlist_sound", args=[made.pk])).json()] == ["Shown"]
    assert "data-reorder" not in page
    page_client.force_login(owner)
    assert "2 tracks ·" in page_of(page_client, "playlist", made.pk)


def test_private_ones_of_others_are_not_found(page_client, listener):
    made = create_playlist(make_user(), "Secret", [make_track().pk])
    entry = made.entries.get()
    for name, args in (("playlist", []), ("playlist_sound", []), ("playlist_edit", []), ("playlist_delete", [])):
        assert page_client.get(reverse(name, args=[made.pk, *args])).status_code == 404
    for name, args in (("playlist_add", []), ("playlist_delete", []), ("playlist_entry", [entry.pk])):
        assert page_client.post(reverse(name, args=[made.pk, *args])).status_code == 404
        Playlist.objects.update(visibility=Sharing.SHARED)
        assert page_client.post(reverse(name, args=[made.pk, *args])).status_code == 403
        Playlist.objects.update(visibility=Sharing.PRIVATE)
    assert "Secret" not in page_of(page_client, "playlists", of="others")
    page_client.force_login(make_user(Role.ADMIN))
    assert page_client.get(reverse("playlist", args=[made.pk])).status_code == 200


def test_lists_of_ones_own_and_of_others(page_client, listener):
    create_playlist(listener, "Mine")
    create_playlist(make_user(), "Theirs", visibility=Sharing.SHARED)
    own, others = page_of(page_client, "playlists"), page_of(page_client, "playlists", of="others")
    assert ("Mine" in own, "Theirs" in own, "Mine" in others, "Theirs" in others) == (True, False, False, True)
    page_client.logout()
    assert "Theirs" in page_of(page_client, "playlists")


def test_collages_show_different_covers(page_client, listener):
    covers = [make_cover(f"picture {number}") for number in range(3)]
    tracks = [make_track(cover=cover) for cover in (covers[0], covers[0], None, covers[1], covers[2], None)]
    create_playlist(listener, "Evening", [track.pk for track in tracks])
    create_playlist(listener, "Empty")
    empty, evening = page_client.get(reverse("playlists")).context["page"].cards
    first, second, third = (reverse("track_cover", args=[tracks[place].pk, 300]) for place in (0, 3, 4))
    assert [first, second, third] == [evening.pictures[place] for place in (0, 2, 3)]
    assert evening.pictures[1] == picture_url(None, tracks[2].pk)
    assert [picture.startswith("/placeholders/") for picture in empty.pictures] == [True]


def test_deleting_asks_first(page_client, listener):
    made, track = create_playlist(listener, "Evening"), make_track()
    address = reverse("playlist_delete", args=[made.pk])
    assert "Delete “Evening”?" in page_client.get(address).content.decode()
    assert Playlist.objects.exists()
    assert page_client.post(address).url == reverse("playlists")
    assert "“Evening” was deleted." in page_of(page_client, "playlists")
    assert not Playlist.objects.exists()
    assert page_of(page_client, "track", track.pk)


def test_long_playlists_have_pages_and_take_few_queries(
    page_client, listener, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(pages, "ENTRIES_PER_PAGE", 20)
    tracks = [make_track(title=f"Song {number}") for number in range(2)]
    made = create_playlist(listener, "Long", [tracks[0].pk] * 44 + [tracks[1].pk])
    with django_assert_max_num_queries(10):
        page = page_of(page_client, "playlist", made.pk, page="2")
    assert page.count("data-entry=") == 20
    assert "45 tracks · 45:00" in page
    assert ('href="?page=1"' in page, 'href="?page=3"' in page) == (True, True)
    for asked, count in (("3", 5), ("99", 5), ("0", 20), ("x", 20), ("9" * 30, 20)):
        assert page_of(page_client, "playlist", made.pk, page=asked).count("data-entry=") == count
    with django_assert_max_num_queries(8):
        page_of(page_client, "playlists")
    with django_assert_max_num_queries(8):
        assert len(page_client.get(reverse("playlist_sound", args=[made.pk])).json()) == 45


def test_lists_can_be_saved(page_client, listener):
    first, second = make_track(title="1"), make_track(title="2")
    saved = f'name="track" value="{second.pk}"'
    assert saved in page_of(page_client, "blend", like=[first.pk, second.pk])
    page_client.logout()
    assert saved not in page_of(page_client, "blend", like=[first.pk, second.pk])
