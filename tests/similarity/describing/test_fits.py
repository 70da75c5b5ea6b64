import pytest

from recommender.catalog.models import Genre, Track, TrackTag
from recommender.catalog.moods import set_moods
from recommender.similarity.describing.fits import HOLDS, add_fits, require_any
from recommender.similarity.describing.words import Term, TermKind
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db

CALM, SLOW = Term(TermKind.LEVEL, "calm", "calm"), Term(TermKind.PACE, "slow", "slow")
MEDIUM = Term(TermKind.PACE, "medium", "medium")
HAPPY = Term(TermKind.WORD, "happy", "happy")
PIANO, ROCK = Term(TermKind.WORD, "piano", "piano"), Term(TermKind.WORD, "rock", "rock")
MINOR, NINETIES = Term(TermKind.KEY, 21, "a minor"), Term(TermKind.DECADE, 1990, "90s")


def fits_of(term, genres=None):
    """What the term gives every track, and who is left when it is required."""
    fitting, (name,) = add_fits(Track.objects.order_by("pk"), [term], genres or {})
    left = set(fitting.filter(require_any(term, name, genres or {})).values_list("pk", flat=True))
    return list(fitting.values_list(name, flat=True)), left


@pytest.fixture
def make():
    owner = make_user()
    return lambda **given: make_track(owner, **given)


def test_levels_and_paces_are_read_off_their_curves(make):
    tracks = [make(energy=energy) for energy in (0.1, 0.25, 0.35, 0.4, 0.9, None)]
    given, left = fits_of(CALM)
    assert given == pytest.approx([1, 0.8, HOLDS, 0.4, 0, 0])
    assert left == {track.pk for track in tracks[:4]}
    tracks = [make(tempo_bpm=bpm, tempo_confidence=sure) for bpm, sure in ((50, 1), (90, 1), (105, 1), (90, 0.4))]
    assert fits_of(SLOW)[0][6:] == pytest.approx([1, HOLDS, 0, 0])
    given, left = fits_of(MEDIUM)
    assert given[6:] == pytest.approx([0, HOLDS, 1, 0])
    assert left == {tracks[1].pk, tracks[2].pk}


def test_keys_and_decades_are_as_they_are_said(make):
    for given in ({"key": 21, "key_confidence": 1}, {"key": 21, "key_confidence": 0.1}, {"year": 1999}, {"year": 2000}):
        make(**given)
    assert fits_of(MINOR)[0] == [1, 0, 0, 0]
    given, left = fits_of(NINETIES)
    assert (given, len(left)) == ([0, 0, 1, 0], 1)


def test_what_people_said_counts_in_full_whatever_was_measured(make):
    tracks = [make(energy=0.9), make(energy=0.1), make(), make()]
    set_moods(tracks[0], ["calm", "happy"])
    assert fits_of(CALM) == ([1, 1, 0, 0], {tracks[0].pk, tracks[1].pk})
    for track, share in zip(tracks[1:3], (0.1, 0.2), strict=True):
        TrackTag.objects.create(track=track, name="happy", probability=share)
    assert fits_of(HAPPY) == (pytest.approx([1, 0.8, 1, 0]), {track.pk for track in tracks[:3]})


def test_words_are_spread_by_place_and_genres_count_in_full(make):
    tracks = [make() for _ in range(5)]
    TrackTag.objects.bulk_create(
        TrackTag(track=track, name="rock", probability=share)
        for track, share in zip(tracks[:4], (0.1, 0.2, 0.3, 0.9), strict=True)
    )
    assert fits_of(ROCK)[0] == pytest.approx([0.7, 0.8, 0.9, 1, 0])
    assert fits_of(PIANO) == ([0] * 5, set())
    rock = Genre.objects.create(name="Rock")
    tracks[0].genres.add(rock)
    tracks[4].genres.add(rock)
    given, left = fits_of(ROCK, {"rock": rock.pk})
    assert given == pytest.approx([1, 0.8, 0.9, 1, 1])
    assert left == {track.pk for track in tracks}
