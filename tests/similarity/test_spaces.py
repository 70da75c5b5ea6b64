import pytest

from recommender.catalog.models import Analysis, AnalysisState, Space
from recommender.similarity.spaces import (
    active_space,
    chosen_space,
    ensure_space,
    filling_spaces,
    promote_complete_space,
)
from tests.people import make_track

pytestmark = pytest.mark.django_db


def test_the_first_space_is_active_at_once():
    space = ensure_space("first", "cnn", 8)
    assert space.is_active
    assert ensure_space("first", "cnn", 8) == space
    assert Space.objects.count() == 1


def test_a_new_encoder_fills_beside_the_old_one_and_takes_over_when_complete():
    track = make_track()
    old = ensure_space("old", "cnn", 8)
    new = ensure_space("new", "cnn", 16)
    assert active_space() == old
    assert filling_spaces() == [old, new]
    assert Analysis.objects.filter(track=track, space=new, state=AnalysisState.QUEUED).exists()
    assert promote_complete_space() is None
    Analysis.objects.filter(space=new).update(state=AnalysisState.READY)
    assert promote_complete_space() == new
    assert active_space() == new
    assert filling_spaces() == [new]


@pytest.mark.parametrize(
    ("before", "after", "is_promoted"),
    [
        (AnalysisState.FAILED, AnalysisState.FAILED, True),
        (AnalysisState.READY, AnalysisState.READY, True),
        (AnalysisState.READY, AnalysisState.UNINDEXED, True),
        (AnalysisState.READY, AnalysisState.FAILED, False),
        (AnalysisState.FAILED, AnalysisState.INDEXING, False),
    ],
)
def test_a_new_space_takes_over_unless_tracks_were_lost_on_the_way(before, after, is_promoted):
    make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    Analysis.objects.filter(space=old).update(state=before)
    Analysis.objects.filter(space=new).update(state=after)
    assert (promote_complete_space() == new) is is_promoted


def test_the_old_encoder_can_be_chosen_again():
    track = make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 16)
    Analysis.objects.update(state=AnalysisState.READY)
    assert promote_complete_space() == new
    missed = make_track()
    assert ensure_space("old", "cnn", 8) == old == chosen_space()
    assert filling_spaces() == [new, old]
    assert Analysis.objects.get(track=missed, space=old).state == AnalysisState.QUEUED
    assert Analysis.objects.get(track=track, space=old).state == AnalysisState.READY
    assert promote_complete_space() is None
    Analysis.objects.filter(space=old).update(state=AnalysisState.READY)
    assert promote_complete_space() == old


def test_a_choice_taken_back_halfway_leaves_the_active_space_alone():
    make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 16)
    assert ensure_space("old", "cnn", 8).is_active
    assert filling_spaces() == [old]
    Analysis.objects.filter(space=new).update(state=AnalysisState.READY)
    assert promote_complete_space() is None
    assert active_space() == old


def test_of_three_only_the_active_and_the_chosen_are_filled():
    first, _second, third = (ensure_space(name, "cnn", 8) for name in ("first", "second", "third"))
    assert filling_spaces() == [first, third]


def test_asking_for_the_chosen_space_again_changes_nothing():
    ensure_space("old", "cnn", 8)
    new = ensure_space("new", "cnn", 8)
    assert ensure_space("new", "cnn", 8).chosen_at == new.chosen_at
