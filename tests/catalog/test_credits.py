import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommender.catalog.credits import (
    credit_artists,
    drop_unused,
    find_artist,
    find_release,
    mentions_of,
    set_genres,
)
from recommender.catalog.models import Artist, ArtistAlias, Genre, PoolRule, Release, Track
from tests.people import make_track

pytestmark = pytest.mark.django_db

IDENTIFIER = "5b11f4ce-a62d-471e-81fc-a69a8278c7da"


def test_one_artist_however_it_is_written():
    first = find_artist("Björk")
    assert find_artist("BJORK") == first
    assert Artist.objects.get().name == "Björk"


def test_an_identifier_is_filled_in_once():
    find_artist("Nirvana")
    assert find_artist("Nirvana", IDENTIFIER).musicbrainz_id == IDENTIFIER
    assert find_artist("Nirvana", IDENTIFIER[::-1]).musicbrainz_id == IDENTIFIER
    assert Artist.objects.get().musicbrainz_id == IDENTIFIER


@pytest.mark.parametrize("name", ["", "   ", "\u00a0"])
def test_a_name_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match="name"):
        find_artist(name)


def test_a_name_longer_than_its_key_is_found_again():
    assert find_artist("é" * 400) == find_artist("é" * 400)


def test_releases_are_told_apart_by_their_artists_and_learn():
    one, other = find_artist("One"), find_artist("Other")
    release = find_release("Greatest Hits", one)
    assert find_release("GREATEST HITS", one, year=1999, musicbrainz_id=IDENTIFIER) == release
    assert find_release("Greatest Hits", one, year=2005).year == 1999
    assert find_release("Greatest Hits", other) != release
    release.refresh_from_db()
    assert (release.title, release.year, release.musicbrainz_id) == ("Greatest Hits", 1999, IDENTIFIER)


def test_credits_keep_their_order_and_name_nobody_twice():
    track = make_track()
    credit_artists(track, ["Simon", "Garfunkel", "SIMON"], ["", IDENTIFIER])
    track.refresh_from_db()
    assert (track.artist_name, track.artist.name) == ("Simon, Garfunkel", "Simon")
    assert Artist.objects.get(name="Garfunkel").musicbrainz_id == IDENTIFIER
    credit_artists(track, ["Garfunkel"])
    track.refresh_from_db()
    assert track.artist_name == "Garfunkel"
    credit_artists(track, [])
    track.refresh_from_db()
    assert (track.artist_name, track.artist) == ("Unknown artist", None)


def test_genres_are_replaced():
    track = make_track()
    set_genres(track, ["Hip-Hop", "Jazz"])
    set_genres(track, ["JAZZ", "Blues"])
    assert {genre.name for genre in track.genres.all()} == {"Jazz", "Blues"}


def make_described(**given):
    track = make_track(**given)
    credit_artists(track, ["Main", "Guest"])
    set_genres(track, ["Jazz"])
    track.release = find_release("Release", find_artist("Album artist"))
    track.save()
    return track


def test_with_its_last_track_goes_what_only_it_referred_to():
    track = make_described()
    unrelated = find_artist("Waiting for a track")
    mentions = mentions_of([track])
    drop_unused(mentions)
    assert (Artist.objects.count(), Release.objects.count(), Genre.objects.count()) == (4, 1, 1)
    track.delete()
    drop_unused(mentions)
    assert list(Artist.objects.all()) == [unrelated]
    assert (Release.objects.count(), Genre.objects.count()) == (0, 0)


def test_what_others_refer_to_stays():
    gone, kept = make_described(), make_described()
    set_genres(gone, ["Jazz", "Rare"])
    credit_artists(gone, ["Main", "Nobody else"])
    mentions = mentions_of([gone])
    gone.delete()
    drop_unused(mentions)
    assert {artist.name for artist in Artist.objects.all()} == {"Main", "Guest", "Album artist"}
    assert list(Genre.objects.values_list("name", flat=True)) == ["Jazz"]
    kept.refresh_from_db()
    assert kept.release.title == "Release"


def test_an_artist_of_a_release_stays_with_it():
    track = make_track(release=find_release("Release", find_artist("Album artist")))
    credit_artists(track, ["Main"])
    mentions = mentions_of([track])
    credit_artists(track, [])
    drop_unused(mentions)
    assert list(Artist.objects.values_list("name", flat=True)) == ["Album artist"]


def test_only_what_was_mentioned_is_looked_at():
    track = make_described()
    with CaptureQueriesContext(connection) as queries:
        drop_unused(mentions_of([track]))
    assert len(queries) <= 12
    drop_unused(mentions_of(Track.objects.none()))
    assert Artist.objects.count() == 3


def test_another_name_finds_the_artist_unless_somebody_is_called_so():
    artist = find_artist("Prince")
    ArtistAlias.objects.create(artist=artist, name="The Artist")
    assert find_artist("the artist", "a" * 36) == artist
    assert Artist.objects.get().musicbrainz_id == ""
    namesake = Artist.objects.create(name="The Artist")
    assert find_artist("THE ARTIST") == namesake


def test_who_has_other_names_or_a_rule_stays_without_tracks():
    for name in ("Ann", "Bo", "Cy"):
        track = make_track()
        credit_artists(track, [name])
        mentions = mentions_of([track])
        if name == "Ann":
            ArtistAlias.objects.create(artist=find_artist(name), name="Anna")
        elif name == "Bo":
            PoolRule.objects.create(kind="artist", artist=find_artist(name))
        track.delete()
        drop_unused(mentions)
    assert sorted(Artist.objects.values_list("name", flat=True)) == ["Ann", "Bo"]
