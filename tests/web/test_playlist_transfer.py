import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from recommender.catalog.models import Artist, Visibility
from recommender.listening.models import Playlist, Sharing
from recommender.listening.playlist_files import Format, read_playlist
from recommender.listening.playlists import create_playlist, tracks_of
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def make_song(title, artist, **given):
    made = Artist.objects.get_or_create(name=artist)[0]
    track = make_track(title=title, artist=made, **given)
    track.credits.create(artist=made)
    return track


def export(client, playlist, kind):
    return client.get(reverse("playlist_export", args=[playlist.pk]), {"format": kind})


def bring(client, content, name="list.m3u8", **given):
    sent = {"file": SimpleUploadedFile(name, content)} if content is not None else {}
    return client.post(reverse("playlist_import"), sent, **given)


@pytest.mark.parametrize("kind", Format)
def test_what_is_exported_is_imported_again(page_client, listener, kind):
    songs = [make_song("Song <1> & é", "A, B"), make_track(title="No artist - at all")]
    ids = [songs[1].pk, songs[0].pk, songs[1].pk]
    answer = export(page_client, create_playlist(listener, "Evening", ids, description="Calm"), kind)
    assert answer["Content-Disposition"] == f'attachment; filename="Evening.{kind}"'
    read = read_playlist(answer.content)
    assert read.listed[1].address == f"http://testserver/tracks/{songs[0].pk}/audio"
    assert "was imported" in bring(page_client, answer.content).content.decode()
    again = Playlist.objects.order_by("pk").last()
    assert (again.name, again.visibility, tracks_of(again, listener)) == ("Evening", Sharing.PRIVATE, ids)


def test_names_of_files_are_safe(page_client, listener):
    made = create_playlist(listener, '../a\\b:"c"; filename=x é')
    disposition = export(page_client, made, "xspf")["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''_a_b_c_%3B%20filename%3Dx%20%C3%A9.xspf"
    for kind in ("", "pls", "M3U8"):
        assert export(page_client, made, kind).status_code == 400


def test_hidden_tracks_are_not_exported(page_client):
    hidden = make_song("Secret", "A", visibility=Visibility.PRIVATE)
    made = create_playlist(make_user(), "Shared", [hidden.pk, make_track().pk], visibility=Sharing.SHARED)
    assert b"Secret" not in export(page_client, made, "jspf").content
    made = create_playlist(make_user(), "Private")
    assert export(page_client, made, "jspf").status_code == 404


def test_lists_of_elsewhere_are_matched_by_names(page_client, listener):
    song = make_song("Jóga", "Björk")
    content = "#EXTINF:61,Björk - Joga\n../music/1.mp3\n#EXTINF:9,Nobody - <Nothing>\nx.mp3\n".encode()
    page = bring(page_client, content, "My songs.m3u").content.decode()
    assert "“My songs” was imported" in page
    assert "1 track found, 1 not." in page
    assert "&lt;Nothing&gt;" in page
    assert tracks_of(Playlist.objects.get(), listener) == [song.pk]


def test_addresses_of_another_site_are_not_ours(page_client, listener):
    track = make_track()
    page = bring(page_client, f"https://elsewhere.example/tracks/{track.pk}/audio\n".encode())
    assert "None of these tracks is here" in page.content.decode()
    assert not Playlist.objects.exists()
    bring(page_client, f"#EXTM3U\nhttp://testserver/tracks/{track.pk}/\n".encode())
    assert tracks_of(Playlist.objects.get(), listener) == [track.pk]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "Choose a playlist file first."),
        (b"#EXTM3U\n", "There is no track in this file."),
        (b"x\n" * 100_000, "names 100,000 tracks"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><playlist>&a;</playlist>', "damaged"),
        (b"x" * (4 * 1024 * 1024 + 1), "at most 4 MB"),
    ],
)
def test_bad_files_are_refused_with_a_sentence(page_client, listener, content, why):
    answer = bring(page_client, content)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    as_script = bring(page_client, content, headers={"Accept": "application/json"})
    assert (as_script.status_code, as_script.json()["code"]) == (400, "playlist_file")
    assert not Playlist.objects.exists()


def test_huge_bodies_are_refused_before_they_are_read(page_client, listener):
    answer = bring(page_client, b"x", headers={"Content-Length": str(10**9)})
    assert answer.status_code == 413


def test_a_file_from_another_site_is_not_taken(listener, page_client):
    strict = Client(headers={"Accept": "text/html"}, enforce_csrf_checks=True)
    strict.force_login(listener)
    assert bring(strict, f"http://testserver/tracks/{make_track().pk}/".encode()).status_code == 403
    assert not Playlist.objects.exists()
