import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, Release, Track, Visibility
from recommender.web import artists
from recommender.web.artists import list_artists
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def make_credited(owner, names, release="", album_artist="", **given):
    track = make_track(owner, **given)
    edit_track(track, owner, {"artists": names, "release": release, "album_artist": album_artist})
    return track


def artist_page(client, name):
    return client.get(reverse("artist", args=[Artist.objects.get(name=name).pk]))


def names(page):
    return [card.artist.name for card in page.cards]


def test_artists_are_listed_by_name_with_what_they_made(page_client, owner):
    make_credited(owner, ["émile"], "One", cover=make_cover())
    make_credited(owner, ["émile", "Zoe"], "Two")
    make_credited(owner, ["Ann"], "Both", "Various Artists")
    page = page_client.get(reverse("artists")).context["page"]
    assert [(card.artist.name, card.tracks, card.releases) for card in page.cards] == [
        ("Ann", 1, 0),
        ("émile", 2, 2),
        ("Various Artists", 0, 1),
        ("Zoe", 1, 0),
    ]
    assert [card.picture.startswith("/tracks/") for card in page.cards] == [False, True, False, False]
    assert (page.total, page.letters) == (4, [])


def test_what_only_others_may_see_counts_nowhere(page_client, owner):
    make_credited(owner, ["Shown", "Hidden"], "Secret", visibility=Visibility.PRIVATE, cover=make_cover())
    make_credited(owner, ["Shown"], "Known")
    page = page_client.get(reverse("artists")).context["page"]
    assert [(card.artist.name, card.tracks, card.releases) for card in page.cards] == [("Shown", 1, 1)]
    assert (page.total, page.cards[0].picture.startswith("/tracks/")) == (1, False)
    assert artist_page(page_client, "Hidden").status_code == 404
    assert "Secret" not in artist_page(page_client, "Shown").content.decode()
    page_client.force_login(make_user(Role.CURATOR))
    assert artist_page(page_client, "Hidden").status_code == 404
    page_client.force_login(owner)
    assert artist_page(page_client, "Hidden").status_code == 200


def test_pages_and_letters_lead_through_all_artists(owner, monkeypatch):
    monkeypatch.setattr(artists, "PAGE_SIZE", 2)
    for name in ("Ann", "bo", "Cy", "Dee", "Éva", "Фёдор"):
        make_credited(owner, [name])
    page, seen = list_artists(owner, {}), []
    while True:
        seen += names(page)
        if not page.after:
            break
        page = list_artists(owner, {"after": page.after.removeprefix("?after=").replace("%7E", "~")})
    assert seen == ["Ann", "bo", "Cy", "Dee", "Éva", "Фёдор"]
    letters = dict(list_artists(owner, {}).letters)
    jump = {letter: link.removeprefix("?after=").replace("%7E", "~") for letter, link in letters.items()}
    assert names(list_artists(owner, {"after": jump["C"]})) == ["Cy", "Dee"]
    assert names(list_artists(owner, {"after": jump["…"]})) == ["Фёдор"]
    assert list_artists(owner, {"after": jump["C"]}).before
    assert names(list_artists(owner, {"after": "nonsense"})) == ["Ann", "bo"]


def test_an_artist_has_releases_tracks_on_none_and_appearances(page_client, owner):
    make_credited(owner, ["Ann"], "Early", year=1990)
    make_credited(owner, ["Ann"], "Late", year=2020)
    make_credited(owner, ["Ann"], title="Loose end")
    make_credited(owner, ["Bo", "Ann"], "Guests")
    Release.objects.filter(title="Late").update(year=2020)
    page = artist_page(page_client, "Ann").context["page"]
    assert [card.release.title for card in page.releases] == ["Late", "Early"]
    assert [track.title for track in page.tracks] == ["Loose end"]
    assert [(card.release.title, card.release.artist.name) for card in page.appearances] == [("Guests", "Bo")]
    assert (page.card.tracks, page.card.releases) == (4, 2)
    assert artist_page(page_client, "Ann").content.decode().count("data-play=") == 4


def test_long_lists_lead_on(page_client, owner, monkeypatch):
    for limit in ("MOST_RELEASES", "MOST_APPEARANCES"):
        monkeypatch.setattr(artists, limit, 1)
    for number in range(2):
        make_credited(owner, ["Ann"], f"Own {number}")
        make_credited(owner, ["Bo", "Ann"], f"Guests {number}")
    page = artist_page(page_client, "Ann").content.decode()
    for parameter, count in (("artist", 2), ("with", 2)):
        link = f"{reverse('releases')}?{parameter}={Artist.objects.get(name='Ann').pk}"
        assert link in page
        assert len(page_client.get(link).context["page"].cards) == count


def test_further_pages_have_but_tracks(page_client, owner, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(artists, "PAGE_SIZE", 2)
    make_credited(owner, ["Ann"], "Album")
    for letter in "abcde":
        make_credited(owner, ["Ann"], title=letter)
    page_client.force_login(owner)
    address = reverse("artist", args=[Artist.objects.get(name="Ann").pk])
    first = page_client.get(address).context["page"]
    with django_assert_max_num_queries(12):
        second = page_client.get(address + first.after).context["page"]
    shown = [([track.title for track in page.tracks], len(page.releases)) for page in (first, second)]
    assert shown == [(["a", "b"], 1), (["c", "d"], 0)]


def test_full_pages_take_few_queries(page_client, owner, django_assert_max_num_queries):
    for number in range(15):
        make_credited(owner, [f"Artist {number}", "Ann"], f"Release {number}")
        make_credited(owner, ["Ann"], f"By Ann {number}")
        make_credited(owner, ["Ann"])
    page_client.force_login(owner)
    for name, arguments in (("artists", []), ("artist", [Artist.objects.get(name="Ann").pk])):
        with django_assert_max_num_queries(13):
            assert page_client.get(reverse(name, args=arguments)).status_code == 200


def test_without_tracks_the_page_says_so(page_client):
    assert "as soon as there are tracks" in page_client.get(reverse("artists")).content.decode()
    assert not Track.objects.exists()
