import pytest

from recommender.catalog.models import Artist, ArtistAlias, Visibility
from recommender.listening.playlist_files import Listed
from recommender.listening.playlist_matching import match_listed
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def make_song(title, *artists, seconds=200.0, **given):
    found = [Artist.objects.get_or_create(name=name)[0] for name in artists]
    track = make_track(title=title, artist=found[0] if found else None, duration_seconds=seconds, **given)
    for position, artist in enumerate(found):
        track.credits.create(artist=artist, position=position)
    return track


def match(*listed, ids=None):
    return match_listed(listed, ids or [None] * len(listed), make_user())


def test_by_artist_title_and_length():
    song, live = make_song("Jóga", "Björk"), make_song("Jóga", "Björk", seconds=260.0)
    make_song("Jóga", "Somebody")
    asked = [Listed(title="JOGA", artist="bjork", duration_seconds=seconds) for seconds in (None, 201.0, 258.0, 230.0)]
    assert match(*asked) == [song.pk, song.pk, live.pk, None]


def test_several_artists_are_written_in_many_ways():
    song = make_song("Under Pressure", "Queen", "David Bowie")
    spellings = (
        "Queen, David Bowie",
        "Queen & David Bowie",
        "Queen feat. David Bowie",
        "Queen",
        "David Bowie",
        "Bowie",
    )
    found = match(*(Listed(title="Under pressure", artist=artist) for artist in spellings))
    assert found == [song.pk] * 5 + [None]


def test_another_name_of_an_artist_names_its_tracks():
    song = make_song("Kiss", "Prince")
    ArtistAlias.objects.create(artist=Artist.objects.get(), name="The Artist")
    spellings = ("the artist", "The Artist & The Revolution", "The Artiste")
    assert match(*(Listed(title="Kiss", artist=artist) for artist in spellings)) == [song.pk, song.pk, None]


def test_without_an_artist_the_title_has_to_be_enough():
    one = make_song("Alone", "A")
    make_song("Intro", "A", seconds=10.0)
    other = make_song("Intro", "B", seconds=20.0)
    listed = (Listed(title="Alone"), Listed(title="Intro"), Listed(title="Intro", duration_seconds=20.0), Listed())
    assert match(*listed) == [one.pk, None, other.pk, None]


def test_our_own_addresses_are_believed_unless_all_else_says_otherwise():
    song, hidden = make_song("Song", "A"), make_song("Secret", "A", visibility=Visibility.PRIVATE)
    asked = (
        Listed(),
        Listed(title="Renamed since", duration_seconds=200.0),
        Listed(title="Of another catalog", duration_seconds=90.0),
        Listed(title="Secret", artist="A"),
        Listed(title="Song", artist="A"),
    )
    assert match(*asked, ids=[song.pk, song.pk, song.pk, hidden.pk, 10**17]) == [song.pk, song.pk, None, None, song.pk]


def test_long_lists_take_few_queries(django_assert_max_num_queries):
    viewer, song = make_user(), make_song("Song 3", "A")
    listed = [Listed(title=f"Song {number}", artist="A") for number in range(1200)]
    with django_assert_max_num_queries(8):
        found = match_listed(listed, [None] * 1200, viewer)
    assert [number for number, pk in enumerate(found) if pk == song.pk] == [3]
