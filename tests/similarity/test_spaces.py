import datetime as dt

import pytest
from django.utils import timezone

from recommender.catalog.models import MEDIA_LOST, Analysis, AnalysisState, Space, Track
from recommender.similarity.spaces import (
    active_space,
    chosen_space,
    describe_obstacles,
    ensure_space,
    filling_spaces,
    measure_progress,
    promote_complete_space,
)
from tests.people import make_embedding, make_track, unit_vector

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
    assert promote_complete_space(new) is None
    Analysis.objects.filter(space=new).update(state=AnalysisState.READY)
    assert promote_complete_space(new) == new
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
    assert (promote_complete_space(new) == new) is is_promoted


def test_a_lost_file_is_no_fault_of_the_encoder():
    make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    Analysis.objects.filter(space=old).update(state=AnalysisState.READY)
    Analysis.objects.filter(space=new).update(state=AnalysisState.FAILED, reason=MEDIA_LOST)
    assert describe_obstacles(new) == ""
    assert promote_complete_space(new) == new


def test_a_vector_that_the_index_lacks_holds_the_change_up():
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    embedding = make_embedding(make_track(), new, unit_vector(1), AnalysisState.READY)
    Analysis.objects.create(track=embedding.track, space=old, state=AnalysisState.READY)
    assert promote_complete_space(new) is None
    assert measure_progress(new).waiting == 1
    new.embeddings.update(indexed_generation=new.generation)
    assert promote_complete_space(new) == new
    assert measure_progress(new).ready == 1


def test_a_track_that_nobody_queued_for_the_new_space_holds_the_change_up():
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    Analysis.objects.create(track=make_track(), space=old, state=AnalysisState.READY)
    assert promote_complete_space(new) is None
    Track.objects.update(is_deleting=True)
    assert promote_complete_space(new) == new


def test_another_space_than_the_one_in_the_index_does_not_take_over():
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    assert promote_complete_space(old) is None
    assert active_space() == old
    ensure_space("newer", "cnn", 8)
    assert promote_complete_space(new) is None
    assert active_space() == old


def test_what_holds_a_change_up_is_told():
    tracks = [make_track() for _ in range(8)]
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    Analysis.objects.filter(space=old).update(state=AnalysisState.READY)
    assert describe_obstacles(new) == ""
    Analysis.objects.filter(space=new, track__in=tracks[:6]).update(state=AnalysisState.FAILED, reason="corrupt")
    later = timezone.now() + dt.timedelta(minutes=5)
    Analysis.objects.filter(space=new, track=tracks[7]).update(not_before=later, reason="encoder_unavailable")
    failed = ", ".join(str(track.pk) for track in tracks[:5])
    assert describe_obstacles(new) == (
        f"6 failed: corrupt (tracks {failed} ...); 1 held back: encoder_unavailable (tracks {tracks[7].pk})"
    )
    progress = measure_progress(new)
    assert (progress.total, progress.ready, progress.failed, progress.waiting) == (8, 0, 6, 2)


def test_the_old_encoder_can_be_chosen_again():
    track = make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 16)
    Analysis.objects.update(state=AnalysisState.READY)
    assert promote_complete_space(new) == new
    missed = make_track()
    assert ensure_space("old", "cnn", 8) == old == chosen_space()
    assert filling_spaces() == [new, old]
    assert Analysis.objects.get(track=missed, space=old).state == AnalysisState.QUEUED
    assert Analysis.objects.get(track=track, space=old).state == AnalysisState.READY
    assert promote_complete_space(old) is None
    Analysis.objects.filter(space=old).update(state=AnalysisState.READY)
    assert promote_complete_space(old) == old


def test_a_choice_taken_back_halfway_leaves_the_active_space_alone():
    make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 16)
    assert ensure_space("old", "cnn", 8).is_active
    assert filling_spaces() == [old]
    Analysis.objects.filter(space=new).update(state=AnalysisState.READY)
    assert promote_complete_space(new) is None
    assert active_space() == old


def test_of_three_only_the_active_and_the_chosen_are_filled():
    first, _second, third = (ensure_space(name, "cnn", 8) for name in ("first", "second", "third"))
    assert filling_spaces() == [first, third]


def test_asking_for_the_chosen_space_again_changes_nothing():
    ensure_space("old", "cnn", 8)
    new = ensure_space("new", "cnn", 8)
    assert ensure_space("new", "cnn", 8).chosen_at == new.chosen_at


def test_a_clock_that_was_set_back_does_not_undo_a_choice():
    ensure_space("old", "cnn", 8)
    Space.objects.update(chosen_at=timezone.now() + dt.timedelta(hours=1))
    assert ensure_space("new", "cnn", 8) == chosen_space()
    assert ensure_space("old", "cnn", 8) == chosen_space()
