import struct

import numpy as np
import pytest
from django.urls import reverse

from recommender.catalog.models import MapPoint, MapRegion, Track, Visibility
from recommender.web import map_pages
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def space():
    made = make_space()
    for number, name in ((1, "calm, piano"), (2, "R&B")):
        MapRegion.objects.create(space=made, number=number, name=name, x=number * 100, y=number * 200)
    return made


@pytest.fixture
def add(space, owner):
    def add_point(region, **given):
        track = make_track(owner, **given)
        MapPoint.objects.create(track=track, space=space, x=track.pk % 65_536, y=65_535, region=region)
        return track

    return add_point


def fetch(client, **headers):
    return client.get(reverse("map_points"), headers=headers)


def test_points_are_one_answer_of_bytes(client, add):
    tracks = [add(1), add(2), add(2)]
    add(1, visibility=Visibility.PRIVATE)
    body = fetch(client).content
    assert body[:4] == b"SMAP"
    assert struct.unpack("<HHII", body[4:16]) == (1, 2, 3, 0)
    assert len(body) == 16 + 9 * 3
    assert np.frombuffer(body, "<u4", 3, 16).tolist() == [track.pk for track in tracks]
    assert np.frombuffer(body, "<u2", 3, 28).tolist() == [track.pk % 65_536 for track in tracks]
    assert np.frombuffer(body, "<u2", 3, 34).tolist() == [65_535] * 3
    assert list(body[40:]) == [1, 2, 2]


def test_whoever_has_the_points_is_told_so_until_something_changes(client, add, owner):
    track = add(1)
    hidden = add(2, visibility=Visibility.PRIVATE)
    etag = fetch(client)["ETag"]
    same = fetch(client, if_none_match=etag)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
    assert "private" in same["Cache-Control"]
    client.force_login(owner)
    own = fetch(client, if_none_match=etag)
    assert own.status_code == 200
    client.logout()
    assert fetch(client, if_none_match=own["ETag"]).status_code == 200
    MapPoint.objects.filter(track=track).update(x=50_000)
    moved = fetch(client, if_none_match=etag)
    assert moved.status_code == 200
    Track.objects.filter(pk=hidden.pk).update(visibility=Visibility.PUBLISHED)
    assert fetch(client, if_none_match=moved["ETag"]).status_code == 200


@pytest.mark.parametrize("has_space", [True, False])
def test_an_empty_map(has_space, client, page_client):
    if has_space:
        make_space()
    assert fetch(client).content == struct.pack("<4sHHII", b"SMAP", 1, 0, 0, 0)
    assert client.get(reverse("map_regions")).json() == {"regions": []}
    assert "is drawn as soon as" in page_client.get(reverse("map")).content.decode()


def test_regions_are_named_with_their_middles_where_the_viewer_sees_tracks(client, add, owner):
    add(1)
    add(1)
    add(2, visibility=Visibility.PRIVATE)
    piano = {"number": 1, "name": "calm, piano", "x": 100, "y": 200, "tracks": 2}
    assert client.get(reverse("map_regions")).json() == {"regions": [piano]}
    client.force_login(owner)
    assert [each["name"] for each in client.get(reverse("map_regions")).json()["regions"]] == ["calm, piano", "R&B"]


def test_the_page_lists_regions_for_those_without_scripts(page_client, add):
    for _ in range(2):
        add(2)
    text = page_client.get(reverse("map")).content.decode()
    assert f'href="{reverse("map_region", args=[2])}">R&amp;B</a><p class="fine">2 tracks</p>' in text
    assert "piano" not in text
    assert f'data-map="{reverse("map_points")}"' in text


def test_pages_lead_through_the_tracks_of_a_region(page_client, add, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(map_pages, "PAGE_SIZE", 2)
    for title in "dacb":
        add(1, title=title)
    add(2, title="elsewhere")
    address = reverse("map_region", args=[1])
    with django_assert_max_num_queries(12):
        first = page_client.get(address).context["page"]
    second = page_client.get(address + first.after).context["page"]
    assert [[track.title for track in page.tracks] for page in (first, second)] == [["a", "b"], ["c", "d"]]
    assert (first.total, second.after) == (4, "")
    assert page_client.get(address, {"after": "99~zzz"}).context["page"].tracks == []


@pytest.mark.parametrize("number", ["0", "2", "3", "70000", "99999999999999999999", "-1", "NaN"])
def test_regions_of_which_the_viewer_may_know_nothing(number, page_client, add):
    add(1)
    add(2, visibility=Visibility.PRIVATE)
    assert page_client.get(f"/map/regions/{number}/").status_code == 404


def test_the_map_of_another_space_is_nobodys(page_client, owner):
    other = make_space(is_active=False)
    MapRegion.objects.create(space=other, number=1, name="old", x=1, y=1)
    MapPoint.objects.create(track=make_track(owner), space=other, x=1, y=1, region=1)
    make_space()
    assert page_client.get(reverse("map_region", args=[1])).status_code == 404
    assert len(fetch(page_client).content) == 16
