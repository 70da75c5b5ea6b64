import pytest

from recommender.catalog.models import TrackTag
from recommender.similarity.explain import (
    LEAST_MOVED,
    Reason,
    ReasonKind,
    compatible_keys,
    explain,
    explain_taste,
    is_same_pace,
)
from tests.people import make_track

pytestmark = pytest.mark.django_db
A_MINOR, C_MAJOR, F_MAJOR, G_MAJOR, E_MINOR, D_MINOR, F_SHARP_MAJOR = 21, 0, 5, 7, 16, 14, 6


def track(tags=(), **given):
    made = make_track(tempo_confidence=0.9, key_confidence=0.9, **given)
    TrackTag.objects.bulk_create(
        TrackTag(track=made, name=name, probability=share) for name, share in dict(tags).items()
    )
    return made


def test_the_words_both_have_the_likeliest_first():
    first = track({"piano": 0.9, "calm": 0.2, "jazz": 0.8, "sad": 0.5, "loud": 0.9})
    second = track({"piano": 0.5, "calm": 0.9, "jazz": 0.8, "sad": 0.9, "happy": 0.9})
    assert explain(first, second) == [Reason(ReasonKind.WORDS, ("jazz", "piano", "sad"))]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [(120, 120, True), (120, 124, True), (120, 130, False), (60, 121, True), (174, 87, True), (100, 150, False)],
)
def test_one_tempo_and_its_half_and_double(first, second, is_same):
    assert is_same_pace(first, second) is is_same
    expected = [Reason(ReasonKind.TEMPO, (first, second))] if is_same else []
    assert explain(track(tempo_bpm=first), track(tempo_bpm=second)) == expected


def test_keys_that_mix():
    assert compatible_keys(A_MINOR) == {A_MINOR, C_MAJOR, E_MINOR, D_MINOR}
    assert compatible_keys(C_MAJOR) == {C_MAJOR, A_MINOR, G_MAJOR, F_MAJOR}
    assert explain(track(key=C_MAJOR), track(key=A_MINOR)) == [Reason(ReasonKind.KEY, (C_MAJOR, A_MINOR))]
    assert explain(track(key=C_MAJOR), track(key=F_SHARP_MAJOR)) == []


@pytest.mark.parametrize("key", range(24))
def test_compatibility_is_mutual(key):
    assert all(key in compatible_keys(other) for other in compatible_keys(key))


def test_levels_are_a_reason_towards_an_end_only():
    assert explain(track(energy=0.9, brightness=0.5), track(energy=0.85, brightness=0.5)) == [
        Reason(ReasonKind.ENERGY, (0.9, 0.85))
    ]
    assert explain(track(energy=0.1), track(energy=0.3)) == []
    assert explain(track(brightness=0.1), track(brightness=0.2)) == [Reason(ReasonKind.BRIGHTNESS, (0.1, 0.2))]


def test_a_guess_is_no_reason():
    unsure = make_track(tempo_bpm=120, tempo_confidence=0.2, key=3, key_confidence=0.1)
    assert explain(track(tempo_bpm=120, key=3), unsure) == []
    assert explain(make_track(), make_track()) == []


def test_taste_is_a_reason_where_it_can_be_seen():
    assert explain_taste(-0.2) == [Reason(ReasonKind.TASTE, (-0.2,))]
    assert explain_taste(LEAST_MOVED / 2) == explain_taste(0.0) == []
