"""The page of rules: what is kept out of recommendations, looked at first, and taken back."""

import pytest
from django.urls import reverse

from recommender.catalog.models import Artist, Genre, PairRule, PairSaying, PoolRule, Release, Track, Visibility
from tests.people import make_track

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol():
    track = make_track(title="A carol")
    track.genres.add(Genre.objects.create(name="Christmas"))
    return track


def draft(client, **form):
    return client.post(reverse("desk_rule_draft"), form, follow=True).content.decode()


def test_from_the_draft_to_the_undo(page_client, curator, carol):
    page = draft(page_client, kind="genre", name="christmas", **{"from": "2026-01-07", "to": "2026-11-30"})
    rule = PoolRule.objects.get()
    assert (rule.from_day, rule.to_day) == (107, 1130)
    for shown in ("Would keep 1 track out of recommendations", "each year from January 7 to November 30", "A carol"):
        assert shown in page
    assert Track.objects.recommendable().exists()
    PoolRule.objects.update(from_day=None, to_day=None)
    page = page_client.post(reverse("desk_rule_switch", args=[rule.pk]), {"on": "1"}, follow=True).content.decode()
    assert "Kept out of recommendations: genre “Christmas”." in page
    assert not Track.objects.recommendable().exists()
    assert (
        "Switch the rule off first."
        in page_client.post(reverse("desk_rule_delete", args=[rule.pk]), follow=True).content.decode()
    )
    assert page_client.post(reverse("desk_rule_switch", args=[rule.pk])).status_code == 400
    page_client.post(reverse("desk_rule_switch", args=[rule.pk]), {"on": "0"})
    page_client.post(reverse("desk_rule_delete", args=[rule.pk]))
    assert not PoolRule.objects.exists()


def test_a_length_is_in_minutes(page_client, curator):
    make_track(title="A jingle", duration_seconds=29.0)
    assert "A jingle" in draft(page_client, kind="length", least="0", most="0.5")
    assert "A jingle" not in draft(page_client, kind="length", least="0.5", most="1")


def test_what_curators_may_not_see_is_not_counted(page_client, curator, carol):
    draft(page_client, kind="genre", name="christmas")
    Track.objects.update(visibility=Visibility.PRIVATE)
    page = page_client.get(reverse("desk_rule", args=[PoolRule.objects.get().pk])).content.decode()
    assert "A carol" not in page
    assert "0 tracks" in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"kind": "genre", "name": "polka"}, "There is nothing called “polka” here."),
        ({"kind": "genre", "name": " "}, "Say which one is meant."),
        ({"kind": "genre", "name": "x" * 600}, "Say which one is meant."),
        ({"kind": "planet", "name": "Mars"}, "A rule is about one of"),
        ({"kind": "length", "least": "2", "most": "1"}, "The longer end"),
    ],
)
def test_what_makes_no_sense_is_said(page_client, curator, form, sentence):
    assert sentence in draft(page_client, **form)
    assert not PoolRule.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "length", "least": "nan", "most": "1"},
        {"kind": "length", "least": "0", "most": "1e9"},
        {"kind": "genre", "name": "christmas", "from": "2026-02-30", "to": "2026-03-01"},
        {"kind": "genre", "name": "christmas", "from": "2026-02-01"},
    ],
)
def test_what_no_form_sends_is_refused(page_client, curator, carol, form):
    assert page_client.post(reverse("desk_rule_draft"), form).status_code == 400


def test_artists_and_releases_are_kept_out_from_their_pages(page_client, curator, carol):
    artist = Artist.objects.create(name="Band")
    release = Release.objects.create(title="Carols", artist=artist)
    Track.objects.update(artist=artist, release=release)
    for kind, pk, name in (("artist", artist.pk, artist.name), ("release", release.pk, release.pk)):
        page = page_client.get(reverse(kind, args=[pk])).content.decode()
        assert reverse("desk_rule_draft") in page
        assert "A carol" in draft(page_client, kind=kind, name=name)


def test_what_is_said_of_two_tracks_is_listed(page_client, curator):
    one, other = make_track(title="The seed"), make_track(title="The other")
    PairRule.objects.create(first=one, second=other, says=PairSaying.TOGETHER)
    hidden = make_track(title="The hidden", visibility=Visibility.PRIVATE)
    PairRule.objects.create(first=one, second=hidden)
    page = page_client.get(reverse("desk_rules")).content.decode()
    assert "Belong together" in page
    assert "The hidden" not in page
    page_client.post(reverse("track_rule", args=[other.pk]), {"seed": one.pk, "say": "alike"})
    assert PairRule.objects.get().second == hidden
