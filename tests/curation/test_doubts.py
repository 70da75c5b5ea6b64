"""What makes one look twice at a track before others hear it."""

import pytest

from recommender.catalog.models import AnalysisState, Artist, Genre, Release, Track
from recommender.curation.doubts import Doubt, doubt_description, doubt_sound
from tests.people import make_cover, make_space, make_track

pytestmark = pytest.mark.django_db


def sound_of(**given):
    track = make_track(**given)
    return doubt_sound(Track.objects.with_state().get(pk=track.pk))


@pytest.mark.parametrize(
    ("measured", "doubts"),
    [
        ({"waveform": b"\xff" * 1000, "loudness_lufs": -9.0}, []),
        ({"waveform": b"\0" * 1000, "loudness_lufs": None}, [Doubt.SILENT]),
        ({"waveform": b"\xff" * 1000, "loudness_lufs": None, "duration_seconds": 0.3}, [Doubt.SHORT]),
        ({"is_truncated": True}, [Doubt.TRUNCATED]),
        ({"loudness_lufs": -2.5}, [Doubt.CLIPPED]),
        ({"duration_seconds": 12.0}, [Doubt.SHORT]),
        ({"duration_seconds": 3600.0}, [Doubt.LONG]),
        ({"duration_seconds": None}, []),
    ],
)
def test_the_sound(measured, doubts):
    assert sound_of(**measured) == doubts


def test_where_the_analysis_failed():
    track = make_track()
    track.analyses.create(space=make_space(), state=AnalysisState.FAILED, reason="corrupt")
    assert doubt_sound(Track.objects.with_state().get(pk=track.pk)) == [Doubt.FAILED]


def test_what_is_not_said_of_it():
    gaps = [Doubt.NO_ARTIST, Doubt.NO_RELEASE, Doubt.NO_YEAR, Doubt.NO_GENRE, Doubt.NO_COVER]
    assert doubt_description(make_track(title="A song")) == gaps
    assert doubt_description(make_track(title="track", file_name="track.mp3")) == [Doubt.NO_TITLE, *gaps]


def test_what_waits_to_be_read_lacks_nothing_yet():
    assert doubt_description(make_track(title="track", file_name="track.mp3", is_playable=False)) == []


def test_a_track_that_is_fully_described():
    artist = Artist.objects.create(name="Ann")
    release = Release.objects.create(title="First", artist=artist, year=1999)
    track = make_track(title="track", artist=artist, release=release, cover=make_cover())
    track.genres.add(Genre.objects.create(name="Jazz"))
    assert doubt_description(track) == []
