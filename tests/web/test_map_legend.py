"""The map by genre or decade, as its page tells it and as its script fetches it."""

import re
import struct
from html import unescape

import pytest
from django.urls import reverse

from recommender.catalog.models import Genre, MapPoint, MapRegion, Visibility
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(db):
    space, owner = make_space(), make_user()
    MapRegion.objects.create(space=space, number=1, name="calm", x=1, y=1)

    def add_point(*genres, **given):
        track = make_track(owner, **given)
        track.genres.set([Genre.objects.get_or_create(name=name)[0] for name in genres])
        MapPoint.objects.create(track=track, space=space, x=1, y=1, region=1)
        return track

    return add_point


def read(client, **query):
    answer = client.get(reverse("map"), query)
    assert answer.status_code == 200
    return answer.context["page"], " ".join(answer.content.decode().split())


def test_regions_have_the_colours_unless_others_are_asked_for(page_client, add):
    add("Rock")
    page, text = read(page_client)
    assert page.legend is None
    assert [(each.label, each.link, each.is_chosen) for each in page.colours] == [
        ("Sound", "?", True),
        ("Genre", "?colours=genre", False),
        ("Decade", "?colours=decade", False),
    ]
    assert 'data-colours=""' in text
    assert text.count("data-legend") == 1
    assert 'data-group="1"' in text


def test_genres_are_told_as_text_and_lead_to_the_library(page_client, add):
    for genres in (["Rock"], ["Rock"], ["Rhythm & Blues"], []):
        add(*genres)
    add("Secret", visibility=Visibility.PRIVATE)
    page, text = read(page_client, colours="genre")
    assert [(each.number, each.name, each.tracks) for each in page.legend.entries] == [
        (1, "Rock", 2),
        (2, "Rhythm & Blues", 1),
    ]
    rock = Genre.objects.get(name="Rock").pk
    assert f'<a class="card-title" href="/library/?genre={rock}">Rock</a><p class="fine">2 tracks</p>' in text
    assert 'aria-label="Only Rhythm &amp; Blues"' in text
    assert '<span class="card-title">Others</span><p class="fine">1 track</p>' in text
    assert text.count("data-legend") == 1
    assert 'href="?colours=genre" aria-current="true">Genre</a>' in text
    assert "Secret" not in text


def test_the_script_fetches_what_the_legend_says(page_client, add):
    for genres in (["Rock"], ["Folk"], ["Folk"], []):
        add(*genres)
    _, text = read(page_client, colours="genre")
    address = unescape(re.search(r'data-colours="([^"]+)"', text)[1])
    answer = page_client.get(address)
    points = page_client.get(reverse("map_points")).content
    assert answer.content[:12] == b"SCOL" + struct.pack("<HHI", 1, 2, 4)
    assert answer.content[12:16] == points[12:16]
    assert list(answer.content[16:]) == [2, 1, 1, 0]
    assert "private" in answer["Cache-Control"]
    assert page_client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_track_that_is_looked_for_stays_when_colours_change(page_client, add):
    track = add("Rock", year=1994)
    page, text = read(page_client, track=track.pk, colours="decade")
    assert [each.link for each in page.colours] == [
        f"?track={track.pk}",
        f"?track={track.pk}&colours=genre",
        f"?track={track.pk}&colours=decade",
    ]
    assert [each.name for each in page.legend.entries] == ["1990s"]
    assert 'href="/library/?decade=1990">1990s</a>' in text


@pytest.mark.parametrize("has_space", [True, False])
def test_without_a_map_there_is_nothing_to_colour(page_client, has_space):
    if has_space:
        make_space()
    page, text = read(page_client, colours="genre")
    assert page.legend.entries == []
    assert "is drawn as soon as" in text
    assert page_client.get(reverse("map_colours"), {"by": "genre", "of": 3}).content[16:] == b""


@pytest.mark.parametrize(
    "address",
    [
        "/map/?colours=shape",
        "/map/?colours=%00",
        "/map/colours",
        "/map/colours?by=sound",
        "/map/colours?by=genre&of=NaN",
        "/map/colours?by=genre&of=-1",
        "/map/colours?by=genre&of=" + "9" * 40,
        "/map/colours?by=decade&of=10000",
        "/map/colours?by=genre" + "&of=1" * 13,
    ],
)
def test_nonsense_is_refused(client, address):
    assert client.get(address).status_code == 400
