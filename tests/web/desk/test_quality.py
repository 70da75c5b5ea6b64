"""The state of the catalog: counts that lead to lists, and pictures that can be read."""

import re

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Analysis, AnalysisState, Genre, Track, Visibility
from recommender.curation.quality import FLAWS
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks():
    space, rock, made = make_space(), Genre.objects.create(name="Rock & Roll"), []
    for number in range(3):
        sound = {"tempo_bpm": 121.0, "tempo_confidence": 0.9, "key": 21, "key_confidence": 0.9}
        made.append(make_track(title=f"Song {number}", duration_seconds=12.0, **sound))
        made[-1].genres.add(rock)
        Analysis.objects.create(track=made[-1], space=space, state=AnalysisState.READY)
    return made


def read(client, name, *arguments, **query):
    page = client.get(reverse(name, args=arguments), query).content.decode()
    return page, " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_counts_lead_to_lists(page_client, curator, tracks, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page, told = read(page_client, "desk_quality")
    assert "Very short 3 tracks" in told
    assert "No genre none" in told
    for flaw in ("short", "no_artist", "no_cover"):
        assert reverse("desk_quality_list", args=[flaw]) in page
    assert reverse("desk_quality_list", args=["long"]) not in page


def test_pictures_say_what_they_show(page_client, curator, tracks):
    page, told = read(page_client, "desk_quality")
    assert "<title>120 to 130 BPM: 3</title>" in page
    assert "<title>A minor: 3</title>" in page
    assert 'aria-label="How many tracks there are of each tempo."' in page
    assert "120 to 130 BPM 3" in told
    assert "Rock &amp; Roll 3 tracks" in told


def test_an_empty_catalog_has_no_pictures(page_client, curator):
    page, told = read(page_client, "desk_quality")
    assert "<title>" not in page.partition("</title>")[2]
    assert "No artist none" in told


@pytest.mark.parametrize("flaw", FLAWS)
def test_every_flaw_has_a_list(page_client, curator, tracks, flaw, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        assert page_client.get(reverse("desk_quality_list", args=[flaw])).status_code == 200


def test_several_are_mended_at_once(page_client, curator, tracks):
    _page, told = read(page_client, "desk_quality_list", "short")
    assert "Song 0" in told
    assert "Move to the trash" not in told
    form = {"verb": "hide", "track": [tracks[0].pk, tracks[1].pk], "next": reverse("desk_quality_list", args=["short"])}
    page_client.post(reverse("desk_do"), form)
    assert Track.objects.filter(is_recommendable=False).count() == 2
    assert read(page_client, "desk_quality_list", "short")[1].count("Not recommended") == 2
    page_client.force_login(make_user(Role.ADMIN))
    assert "Move to the trash" in read(page_client, "desk_quality_list", "short")[1]


def test_lists_have_reasons_and_pages(page_client, curator, tracks, monkeypatch):
    monkeypatch.setattr("recommender.web.desk.quality.PAGE_SIZE", 2)
    Analysis.objects.update(state=AnalysisState.UNINDEXED, reason="too_short")
    Analysis.objects.filter(track=tracks[0]).update(reason="silent")
    _page, told = read(page_client, "desk_quality_list", "uncompared")
    assert "it is too short to be compared with other tracks. 2 " in told
    assert ("Song 0" in told, "Song 2" in told) == (False, True)
    assert "Song 0" in read(page_client, "desk_quality_list", "uncompared", after=str(tracks[1].pk))[1]
    _page, told = read(page_client, "desk_quality_list", "uncompared", reason="silent")
    assert ("Song 0" in told, "Song 2" in told) == (True, False)
    assert read(page_client, "desk_quality_list", "uncompared", reason="nonsense")[1].count("Song") > 1


def test_what_curators_may_not_know_of_is_not_listed(page_client, curator, tracks):
    Track.objects.filter(pk=tracks[0].pk).update(visibility=Visibility.PRIVATE)
    assert "Very short 2 tracks" in read(page_client, "desk_quality")[1]
    assert "Song 0" not in read(page_client, "desk_quality_list", "short")[1]


def test_there_is_no_such_flaw(page_client, curator):
    assert page_client.get(reverse("desk_quality_list", args=["boring"])).status_code == 404
