import struct

import numpy as np
import pytest
from django.urls import reverse

from recommender.catalog.models import MapPoint, MapRegion, Track, TrackTag, Visibility
from recommender.similarity.sync import synchronise_space
from recommender.web import map_pages
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db
WORDS = {1: "calm, piano", 2: "R&B"}


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def drawn():
    made = make_space()
    for number, name in WORDS.items():
        MapRegion.objects.create(space=made, number=number, name=name, x=number * 100, y=number * 200)
    return made


@pytest.fixture
def add(drawn, owner):
    def add_point(region, **given):
        track = make_track(owner, **given)
        track.tags.bulk_create(TrackTag(track=track, name=name, probability=0.5) for name in WORDS[region].split(", "))
        MapPoint.objects.create(track=track, space=drawn, x=track.pk % 65_536, y=65_535, region=region)
        return track

    return add_point


def fetch(client, **headers):
    return client.get(reverse("map_points"), headers=headers)


def test_points_are_one_answer_of_bytes(client, add):
    tracks = [add(1), add(2), add(2)]
    add(1, visibility=Visibility.PRIVATE)
    body = fetch(client).content
    assert body[:4] == b"SMAP"
    assert struct.unpack("<HHI", body[4:12]) == (1, 2, 3)
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
    body = fetch(client).content
    assert body[:12] == struct.pack("<4sHHI", b"SMAP", 1, 0, 0)
    assert len(body) == 16
    assert client.get(reverse("map_regions")).json() == {"regions": []}
    assert "is drawn as soon as" in page_client.get(reverse("map")).content.decode()


def test_regions_are_named_with_their_middles_where_the_viewer_sees_tracks(client, add, owner):
    add(1)
    add(1)
    add(2, visibility=Visibility.PRIVATE)
    piano = {"number": 1, "name": "calm, piano", "x": 100, "y": 200, "tracks": 2}
    assert client.get(reverse("map_regions")).json() == {"regions": [piano]}
    client.force_login(owner)
    found = client.get(reverse("map_regions")).json()["regions"]
    assert [each["name"] for each in found] == ["calm, piano", "Region 2"]


def test_the_page_lists_regions_for_those_without_scripts(page_client, add):
    for _ in range(2):
        add(2)
    text = page_client.get(reverse("map")).content.decode()
    assert f'href="{reverse("map_region", args=[2])}">R&amp;B</a><p class="fine">2 tracks</p>' in text
    assert "piano" not in text
    assert f'data-map="{reverse("map_points")}"' in text


def test_a_track_is_shown_among_its_neighbours(page_client, client, add, owner):
    seed, hidden = add(1, title="The seed"), add(2, visibility=Visibility.PRIVATE)
    elsewhere = make_track(owner)
    page = page_client.get(reverse("map"), {"track": seed.pk})
    assert (page.context["page"].seed, page.context["page"].is_seed_on_map) == (seed, True)
    assert f'data-seed="{seed.pk}"' in page.content.decode()
    assert (
        "There is no place on the map yet" in page_client.get(reverse("map"), {"track": elsewhere.pk}).content.decode()
    )
    assert page_client.get(reverse("map"), {"track": hidden.pk}).status_code == 404
    assert page_client.get(reverse("map"), {"track": 10**9}).status_code == 404
    for nonsense in ("NaN", "-1", "1" * 40, "x"):
        assert client.get(reverse("map"), {"track": nonsense}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_neighbours_are_listed_and_ringed_in_few_queries(
    space, owner, page_client, listener, django_assert_max_num_queries
):
    MapRegion.objects.create(space=space, number=1, name="calm", x=1, y=1)
    tracks = [make_track(owner) for _ in range(5)]
    tracks.append(make_track(owner, visibility=Visibility.PRIVATE))
    for number, track in enumerate(tracks):
        vector = unit_vector(1) + 0.3 * unit_vector(number + 2)
        make_embedding(track, space, vector / np.linalg.norm(vector))
        MapPoint.objects.create(track=track, space=space, x=number, y=1, region=1)
    synchronise_space(space)
    with django_assert_max_num_queries(12):
        page_client.get(reverse("map"))
    page_client.get(reverse("track", args=[tracks[0].pk]))
    # What the process keeps, of the map and of the catalog, is there by now.
    with django_assert_max_num_queries(12):
        answer = page_client.get(reverse("map"), {"track": tracks[0].pk})
    near = answer.context["page"].near
    assert near
    assert {track.pk for track in near} <= {track.pk for track in tracks[1:5]}
    assert f'data-near="{"".join(f"{track.pk} " for track in near)}"' in answer.content.decode()


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
