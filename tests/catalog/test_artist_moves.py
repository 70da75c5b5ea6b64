"""What becomes of all that refers to an artist that becomes part of another one, and that it all comes back."""

import pytest
from django.utils import timezone

from recommender.catalog.artist_moves import find_obstacle, move_artist, move_back
from recommender.catalog.credits import credit_artists, find_artist, find_release
from recommender.catalog.editing import edit_track, read_fields
from recommender.catalog.models import Artist, ArtistAlias, Credit, MergedArtist, PoolRule, Release, Track
from tests.people import make_track

pytestmark = pytest.mark.django_db


def make_credited(*names, **given):
    track = make_track(**given)
    credit_artists(track, names)
    return track


def on_release(track, title, artist):
    track.release = find_release(title, find_artist(artist), year=given_year(title))
    track.save(update_fields=["release"])
    return track


def given_year(title):
    return 1999 if title == "Whole" else None


def describe():
    """Everything that refers to artists, in words."""
    tracks = Track.objects.order_by("pk").select_related("artist", "release__artist")
    return {
        "tracks": [(read_fields(track), track.artist and track.artist.name) for track in tracks],
        "places": list(Credit.objects.order_by("track", "position").values_list("track", "artist", "position")),
        "releases": sorted(Release.objects.values_list("pk", "title", "artist", "year", "musicbrainz_id")),
        "artists": sorted(Artist.objects.values_list("pk", "name", "musicbrainz_id")),
        "aliases": sorted(ArtistAlias.objects.values_list("name", "artist")),
        "addresses": sorted(MergedArtist.objects.values_list("old_id", "kept")),
        "rules": sorted(PoolRule.objects.values_list("pk", "artist", "release")),
    }


@pytest.fixture
def catalog():
    """An artist under two names, with all that can refer to one."""
    old, kept = find_artist("Bjork Gudmundsdottir", "b" * 36), find_artist("Björk")
    tracks = {
        "plain": make_credited(old.name, is_deleting=True),
        "guest": make_credited("Tricky", old.name),
        "both": make_credited("Tricky", old.name, kept.name),
        "twice": make_credited(kept.name, old.name),
        "loose": make_track(artist=old),
        "whole": on_release(make_credited(old.name), "Whole", old.name),
        "other": on_release(make_credited(kept.name), "whole", kept.name),
        "alone": on_release(make_credited("Tricky"), "Alone", old.name),
    }
    ArtistAlias.objects.create(artist=old, name="B.G.")
    MergedArtist.objects.create(old_id=9_000, kept=old)
    PoolRule.objects.create(kind="artist", artist=old)
    PoolRule.objects.create(kind="release", release=tracks["whole"].release)
    return old, kept, tracks


def test_all_follows_and_all_comes_back(catalog):
    old, kept, tracks = catalog
    before, number, since = describe(), old.pk, timezone.now()
    moved = move_artist(old, kept)
    now = {name: read_fields(Track.objects.get(pk=track.pk)) for name, track in tracks.items()}
    assert [now[name]["artists"] for name in ("plain", "guest", "both", "twice", "loose")] == [
        ["Björk"],
        ["Tricky", "Björk"],
        ["Tricky", "Björk"],
        ["Björk"],
        ["Björk"],
    ]
    assert (now["whole"]["album_artist"], now["alone"]["album_artist"]) == ("Björk", "Björk")
    whole = Release.objects.get(title_key="whole")
    assert (whole.tracks.count(), whole.year, whole.pool_rules.count()) == (2, 1999, 1)
    assert sorted(kept.aliases.values_list("name", flat=True)) == ["B.G.", "Bjork Gudmundsdottir"]
    assert set(MergedArtist.objects.values_list("old_id", "kept")) == {(9_000, kept.pk), (number, kept.pk)}
    assert kept.pool_rules.count() == 1
    assert Artist.objects.get(pk=kept.pk).musicbrainz_id == "b" * 36
    assert not Artist.objects.filter(pk=number).exists()
    assert find_artist("bjork gudmundsdottir") == kept
    assert move_back(moved, since=since) == []
    assert describe() == before


def test_what_was_said_since_stays(catalog):
    old, kept, tracks = catalog
    since = timezone.now()
    moved = move_artist(old, kept)
    for name, artists in {
        "plain": ["Björk", "Guest"],
        "twice": ["Somebody"],
        "guest": ["Tricky", "Björk", "Ann"],
    }.items():
        edit_track(tracks[name], tracks[name].owner, {"artists": artists})
    edit_track(tracks["whole"], tracks["whole"].owner, {"title": "Another", "release": "Elsewhere"})
    tracks["both"].delete()
    assert move_back(moved, since=since) == sorted(tracks[name].pk for name in ("plain", "guest", "twice"))
    said = {name: read_fields(Track.objects.get(pk=track.pk)) for name, track in tracks.items() if name != "both"}
    assert said["plain"]["artists"] == ["Björk", "Guest"]
    assert said["twice"]["artists"] == ["Somebody"]
    assert (said["whole"]["artists"], said["whole"]["release"]) == (["Bjork Gudmundsdottir"], "Elsewhere")
    assert said["other"]["release"] == "whole"


def test_an_edit_that_was_taken_back_was_none(catalog):
    old, kept, tracks = catalog
    since, moved = timezone.now(), move_artist(old, kept)
    edit_track(tracks["plain"], tracks["plain"].owner, {"year": 1999})
    assert move_back(moved, since=since) == []


def test_a_name_that_was_given_away_is_in_the_way(catalog):
    old, kept, _tracks = catalog
    moved = move_artist(old, kept)
    assert find_obstacle(moved) == ""
    alias = ArtistAlias.objects.get(name="Bjork Gudmundsdottir")
    ArtistAlias.objects.filter(pk=alias.pk).update(artist=find_artist("Tricky"))
    assert find_obstacle(moved) == "Bjork Gudmundsdottir"
    alias.delete()
    assert find_obstacle(moved) == ""
    # Somebody else's track has made another artist of that name: the tracks go there.
    since, another = timezone.now(), find_artist("Bjork Gudmundsdottir")
    move_back(moved, since=since)
    assert another.credits.count() == 5
