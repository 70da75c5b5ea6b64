import pytest
from django.urls import reverse

from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, Release, Track, Visibility
from recommender.web import releases
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def make_released(owner, release="Album", artist="Ann", year=None, **given):
    track = make_track(owner, **given)
    edit_track(track, owner, {"artists": [artist], "release": release, "year": year})
    return track


def release_page(client, title="Album", **query):
    return client.get(reverse("release", args=[Release.objects.get(title=title).pk]), query)


def titles(page):
    return [card.release.title for card in page.context["page"].cards]


def test_a_release_lists_its_tracks_by_disc_and_number(page_client, owner):
    for disc, number, title in ((2, 1, "d"), (1, None, "c"), (1, 2, "b"), (1, 1, "a")):
        make_released(owner, title=title, disc_number=disc, track_number=number, duration_seconds=100)
    page = release_page(page_client)
    discs = [(disc, [track.title for track in tracks]) for disc, tracks in page.context["page"].discs]
    assert discs == [(1, ["a", "b", "c"]), (2, ["d"])]
    text = page.content.decode()
    assert "Disc 2" in text
    assert "4 tracks · 6:40" in text
    assert "track_download" not in text
    assert 'alt=""' in text
    page_client.force_login(owner)
    track = Track.objects.get(title="a")
    assert reverse("track_download", args=[track.pk]) in release_page(page_client).content.decode()


def test_one_disc_is_not_numbered_and_the_cover_is_that_of_a_track(page_client, owner):
    track = make_released(owner, disc_number=1, cover=make_cover())
    page = release_page(page_client)
    assert page.context["page"].discs[0][0] is None
    assert page.context["page"].picture == reverse("track_cover", args=[track.pk, 1000])
    assert "Cover of Album" in page.content.decode()


def test_hidden_tracks_are_neither_listed_nor_counted(page_client, owner):
    make_released(owner, title="shown")
    make_released(owner, title="secret", visibility=Visibility.PRIVATE, cover=make_cover())
    make_released(owner, "Hidden", title="also secret", visibility=Visibility.PRIVATE)
    page = release_page(page_client)
    assert (page.context["page"].total, page.context["page"].has_cover) == (1, False)
    assert "secret" not in page.content.decode()
    assert release_page(page_client, "Hidden").status_code == 404
    assert titles(page_client.get(reverse("releases"))) == ["Album"]
    assert page_client.get(reverse("releases")).context["page"].total == 1


def test_a_track_that_cannot_be_played_has_no_play_button(page_client, owner):
    make_released(owner, is_playable=False)
    page_client.force_login(owner)
    text = release_page(page_client).content.decode()
    assert "data-play=" not in text


def test_releases_are_sorted_as_asked(page_client, owner):
    for title, artist, year in (("B", "Zoe", 1990), ("C", "Ann", None), ("A", "Bo", 2000)):
        make_released(owner, title, artist, year)
    address = reverse("releases")
    expected = {"": "ACB", "newest": "ACB", "title": "ABC", "artist": "CAB", "year": "ABC", "nonsense": "ACB"}
    assert {sort: "".join(titles(page_client.get(address, {"sort": sort}))) for sort in expected} == expected


@pytest.mark.parametrize("sort", releases.SORTS)
def test_paging_meets_every_release_once(page_client, owner, monkeypatch, sort):
    monkeypatch.setattr(releases, "PAGE_SIZE", 2)
    for number in range(5):
        make_released(owner, f"R{number}", f"A{number % 2}", 1990 + number if number % 2 else None)
    seen, link = [], f"?sort={sort}"
    while link:
        page = page_client.get(reverse("releases") + link)
        seen += titles(page)
        link = page.context["page"].after
    assert sorted(seen) == ["R0", "R1", "R2", "R3", "R4"]


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999", "-1", "٣"])
def test_releases_of_nobody_are_not_found(page_client, owner, number):
    make_released(owner)
    assert page_client.get(reverse("releases"), {"artist": number}).status_code == 404


def test_releases_of_an_artist_who_must_stay_unknown_are_not_found(page_client, owner):
    make_released(owner, visibility=Visibility.PRIVATE)
    ann = Artist.objects.get(name="Ann")
    assert page_client.get(reverse("releases"), {"artist": ann.pk}).status_code == 404


def test_a_very_long_release_is_cut_into_pages(page_client, owner, monkeypatch):
    monkeypatch.setattr(releases, "TRACKS_PER_PAGE", 2)
    for number in range(3):
        make_released(owner, title=f"t{number}", track_number=number + 1)
    page = release_page(page_client, page="2")
    assert [track.title for _, tracks in page.context["page"].discs for track in tracks] == ["t2"]
    assert 'href="?page=1"' in page.content.decode()
    assert release_page(page_client, page="nonsense").status_code == 200


def test_full_pages_take_few_queries(page_client, owner, django_assert_max_num_queries):
    for number in range(20):
        make_released(owner, track_number=number + 1, cover=make_cover())
        make_released(owner, f"Other {number}", f"Artist {number}")
    page_client.force_login(owner)
    with django_assert_max_num_queries(12):
        assert release_page(page_client).status_code == 200
    for sort in releases.SORTS:
        with django_assert_max_num_queries(12):
            assert len(titles(page_client.get(reverse("releases"), {"sort": sort}))) == 21
