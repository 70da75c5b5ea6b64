import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Analysis, AnalysisState, Artist, Genre, Release, Track, Visibility
from recommender.curation.doubts import Doubt, doubt_description, doubt_sound
from recommender.curation.quality import FLAWS, UNCOMPARED, count_flaws, group_reasons, name_flaw, with_flaw
from recommender.ingest.file_names import UNTITLED
from tests.people import make_cover, make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def library():
    """Tracks with a flaw or several, and one with none."""
    space, artist = make_space(), Artist.objects.create(name="Somebody")
    release = Release.objects.create(title="Something", artist=artist, year=1999)
    rock, measured = Genre.objects.create(name="Rock"), {"waveform": b"\x01", "loudness_lufs": -14.0}
    whole = {**measured, "artist": artist, "release": release, "cover": make_cover(), "duration_seconds": 200.0}
    given = {
        "whole": {},
        "bare": {"artist": None, "release": None, "cover": None, "file_name": "bare.mp3"},
        "two.parts": {"artist": None, "file_name": "two.parts.mp3"},
        "two": {"artist": None, "file_name": "two.parts.mp3"},
        "Two": {"artist": None, "file_name": "two.mp3"},
        "no ending": {"artist": None, "file_name": "no ending"},
        "named": {"file_name": "named.mp3"},
        UNTITLED: {},
        "loud": {"loudness_lufs": -3.0},
        "short": {"duration_seconds": 3.0},
        "long": {"duration_seconds": 5000.0},
        "cut": {"is_truncated": True},
        "silent": {"loudness_lufs": None},
        "a click": {"loudness_lufs": None, "duration_seconds": 0.3},
        "not measured": {"loudness_lufs": None, "waveform": b""},
        "undated": {"release": Release.objects.create(title="Undated", artist=artist)},
        "waiting": {"artist": None, "release": None, "is_playable": False},
        "dated itself": {"release": None, "year": 2001},
    }
    for title, differing in given.items():
        track = make_track(title=title, **{**whole, **differing})
        Analysis.objects.create(track=track, space=space, state=AnalysisState.READY)
        if title != "bare":
            track.genres.add(rock)
    for title, state, reason in (("failed", "failed", "corrupt"), ("still", "unindexed", "silent")):
        track = make_track(title=title, **whole)
        track.genres.add(rock)
        Analysis.objects.create(track=track, space=space, state=state, reason=reason, detail="Why.")


@pytest.mark.usefixtures("library")
def test_lists_counts_and_the_doubts_of_one_track_agree(curator):
    counts = count_flaws(curator)
    for flaw in FLAWS:
        assert counts[flaw] == with_flaw(curator, flaw).count() > 0, flaw
        assert name_flaw(flaw)
    for track in Track.objects.with_state():
        doubted = {*doubt_sound(track), *doubt_description(track)}
        found = {flaw for flaw in Doubt if with_flaw(curator, flaw).filter(pk=track.pk).exists()}
        assert found == doubted, track.title


@pytest.mark.usefixtures("library")
def test_what_has_no_vector_has_reasons(curator):
    (group,) = group_reasons(curator, UNCOMPARED)
    assert (group.reason, group.count, group.detail) == ("silent", 1, "Why.")
    assert [track.title for track in with_flaw(curator, UNCOMPARED, "silent")] == ["still"]
    assert not with_flaw(curator, UNCOMPARED, "too_short").exists()
    assert group_reasons(curator, Doubt.SHORT) == []


@pytest.mark.usefixtures("library")
def test_what_curators_may_not_know_of_is_not_counted(curator):
    Track.objects.update(visibility=Visibility.PRIVATE)
    assert set(count_flaws(curator).values()) == {0}
    assert group_reasons(curator, Doubt.FAILED) == []
    assert count_flaws(make_user(Role.ADMIN))[Doubt.NO_TITLE] > 0
