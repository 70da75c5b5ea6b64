"""Rules are drafted, looked at, switched on, and taken back."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Artist, ArtistAlias, Genre, PoolKind, PoolRule, Release, Track, Visibility
from recommender.curation import pool
from recommender.curation.acts import take_back
from recommender.curation.errors import BadRuleError
from recommender.curation.pool import draft_rule, find_meant, hit_by, name_rule, switch_rule
from recommender.curation.sentences import CHANGED_SINCE, GONE
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def carols():
    genre = Genre.objects.create(name="Christmas")
    for visibility in (Visibility.PUBLISHED, Visibility.PRIVATE):
        make_track(visibility=visibility).genres.add(genre)
    return genre


def test_a_draft_shows_what_it_would_hit_and_does_nothing(curator, carols):
    rule = draft_rule(curator, PoolKind.GENRE, find_meant(curator, "genre", "CHRISTMAS"), None)
    assert hit_by(rule, curator).count() == 1
    assert Track.objects.recommendable().count() == 2
    assert name_rule(rule) == "genre “Christmas”"


def test_it_is_switched_on_and_taken_back(curator, carols):
    rule = draft_rule(curator, PoolKind.GENRE, {"genre": carols}, None, "Not in summer.")
    act = switch_rule(rule, curator, is_on=True)
    assert switch_rule(rule, curator, is_on=True) is None
    assert not Track.objects.recommendable().exists()
    assert (act.note, act.changes.get().track_id) == ("Not in summer.", None)
    take_back(act, curator)
    assert Track.objects.recommendable().count() == 2


def test_what_was_switched_since_stays(curator, carols):
    rule = draft_rule(curator, PoolKind.GENRE, {"genre": carols}, None)
    on, off = (switch_rule(rule, curator, is_on=is_on) for is_on in (True, False))
    take_back(on, curator)
    assert on.changes.get().problem == CHANGED_SINCE
    rule.delete()
    take_back(off, curator)
    assert off.changes.get().problem == GONE


@pytest.fixture
def debut():
    """A track with all that a rule can name."""
    artist = Artist.objects.create(name="Björk")
    track = make_track(artist=artist, release=Release.objects.create(title="Debut", artist=artist))
    track.credits.create(artist=artist)
    track.genres.create(name="Electronic")
    track.tags.create(name="choir", probability=0.9)
    return track


def test_what_is_meant(curator, debut):
    assert find_meant(curator, "artist", "bjork") == {"artist": debut.artist}
    ArtistAlias.objects.create(artist=debut.artist, name="The Sugarcubes singer")
    assert find_meant(curator, "artist", "the sugarcubes singer") == {"artist": debut.artist}
    assert find_meant(curator, "release", str(debut.release_id)) == {"release": debut.release}
    assert find_meant(curator, "genre", "electronic") == {"genre": debut.genres.get()}
    assert find_meant(curator, "tag", "Choir") == {"tag": "choir"}


def test_what_only_private_tracks_name_is_not_there(curator, debut):
    Track.objects.update(visibility=Visibility.PRIVATE)
    named = {"artist": "Björk", "release": str(debut.release_id), "genre": "Electronic", "tag": "choir"}
    for kind, name in named.items():
        with pytest.raises(BadRuleError):
            find_meant(curator, kind, name)
        assert find_meant(debut.owner, kind, name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("artist", "Nobody"), ("release", "x"), ("release", "9" * 30), ("tag", "zither"), ("track", "1"), ("", "")],
)
def test_what_is_not_there_is_said(curator, kind, name):
    with pytest.raises(BadRuleError):
        find_meant(curator, kind, name)


def test_drafts_that_nobody_wants_are_forgotten(curator, monkeypatch):
    monkeypatch.setattr(pool, "MOST_DRAFTS", 3)
    kept = draft_rule(curator, PoolKind.TAG, {"tag": "choir"}, None)
    switch_rule(kept, curator, is_on=True)
    off = draft_rule(curator, PoolKind.TAG, {"tag": "drum"}, None)
    for is_on in (True, False):
        switch_rule(off, curator, is_on=is_on)
    drafts = [draft_rule(curator, PoolKind.TAG, {"tag": "choir"}, (day, 106)) for day in range(1201, 1207)]
    assert set(PoolRule.objects.all()) == {kept, off, *drafts[-4:]}


def test_the_same_is_not_drafted_twice(curator):
    first = draft_rule(curator, PoolKind.TAG, {"tag": "choir"}, None)
    assert draft_rule(curator, PoolKind.TAG, {"tag": "choir"}, None) == first
    assert draft_rule(curator, PoolKind.TAG, {"tag": "choir"}, (1201, 106)) != first
