import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import Analysis, AnalysisState, Track, Visibility
from recommender.curation.errors import NothingChosenError
from recommender.curation.models import Verb
from recommender.curation.pipeline import (
    analyse_again,
    describe_spaces,
    find_oldest_waiting,
    group_failures,
    measure_stages,
    retry_failures,
)
from recommender.similarity.spaces import filling_spaces
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


def add(space, state, *, minutes_ago=60.0, reason="", **given):
    track = make_track(**given)
    changed = timezone.now() - dt.timedelta(minutes=minutes_ago)
    Analysis.objects.create(track=track, space=space, state=state, reason=reason, state_changed_at=changed)
    return track


def states_of(tracks, space):
    found = Analysis.objects.filter(track__in=tracks, space=space)
    return set(found.values_list("state", flat=True))


def test_what_is_where_is_counted():
    active, filling = make_space(), make_space(is_active=False)
    for state in AnalysisState:
        add(active, state)
    add(active, AnalysisState.READY, is_deleting=True)
    make_track(title="No worker has met it")
    first, second = describe_spaces(filling_spaces())
    assert (first.space, second.space) == (active, filling)
    assert first.counts == {state: 2 if state == AnalysisState.QUEUED else 1 for state in AnalysisState}
    assert (first.total, first.ended) == (7, 3)
    assert second.counts[AnalysisState.QUEUED] == 7
    assert second.ended == 0


def test_how_long_it_takes_is_told_from_the_last_minutes():
    space = make_space()
    for minutes in (1, 2, 4, 30):
        add(space, AnalysisState.READY, minutes_ago=minutes)
    assert describe_spaces(filling_spaces())[0].seconds_left is None
    for _ in range(6):
        add(space, AnalysisState.QUEUED, minutes_ago=0)
    # Three in four minutes.
    assert describe_spaces(filling_spaces())[0].seconds_left == pytest.approx(480, abs=10)
    Analysis.objects.filter(state=AnalysisState.READY)[:1].get().delete()
    Analysis.objects.filter(state=AnalysisState.READY).earliest("state_changed_at").delete()
    assert describe_spaces(filling_spaces())[0].seconds_left is None


def test_who_waits_longest_is_found():
    space = make_space()
    assert find_oldest_waiting([space]) is None
    longest = add(space, AnalysisState.QUEUED, minutes_ago=50)
    add(space, AnalysisState.QUEUED, minutes_ago=10)
    assert find_oldest_waiting([space]) == longest.analyses.get().state_changed_at


def test_how_long_each_stage_lasted_is_kept():
    space = make_space()
    track = add(space, AnalysisState.QUEUED, minutes_ago=5)
    assert measure_stages(space) is None
    claimed = Analysis.objects.claim(track.analyses.get().pk, "worker", settings.ANALYSIS)
    Analysis.objects.update(state_changed_at=timezone.now() - dt.timedelta(seconds=7))
    Analysis.objects.held_by(claimed).move_to(AnalysisState.INDEXING)
    Analysis.objects.update(state_changed_at=timezone.now() - dt.timedelta(seconds=2))
    Analysis.objects.filter(track=track).move_to(AnalysisState.READY)
    stages = measure_stages(space)
    assert stages.count == 1
    assert (stages.queued, stages.analysing, stages.indexing) == pytest.approx((300, 7, 2), abs=1)


def test_failures_are_grouped_and_tried_again_by_reason():
    space, curator = make_space(), make_user(Role.CURATOR)
    corrupt = [add(space, AnalysisState.FAILED, reason="corrupt") for _ in range(2)]
    lost = add(space, AnalysisState.FAILED, reason="lost")
    private = add(space, AnalysisState.FAILED, reason="corrupt", visibility=Visibility.PRIVATE)
    groups = group_failures(curator)
    assert [(group.reason, group.count) for group in groups] == [("corrupt", 2), ("lost", 1)]
    assert {track.pk for track in groups[0].tracks} == {track.pk for track in corrupt}
    admin = make_user(Role.ADMIN)
    assert (group_failures(admin)[0].count, group_failures(admin)[0].retriable) == (3, 3)
    with pytest.raises(NothingChosenError):
        retry_failures(curator, "corrupt")
    Track.objects.filter(pk=corrupt[0].pk).update(owner=curator)
    assert group_failures(curator)[0].retriable == 1
    act = retry_failures(curator, "corrupt")
    assert (act.verb, act.changes.count()) == (Verb.ANALYSE, 1)
    assert states_of([lost, private, corrupt[1]], space) == {AnalysisState.FAILED}
    retry_failures(admin, "corrupt")
    assert states_of([*corrupt, private], space) == {AnalysisState.QUEUED}


def test_what_the_chosen_encoder_lacks_is_analysed_for_it_alone():
    active, chosen, admin = make_space(), make_space(is_active=False), make_user(Role.ADMIN)
    whole, lacking = make_track(), make_track()
    for track in (whole, lacking):
        make_embedding(track, active, unit_vector(1), AnalysisState.READY)
    make_embedding(whole, chosen, unit_vector(1), AnalysisState.READY)
    Analysis.objects.create(track=lacking, space=chosen, state=AnalysisState.FAILED, reason="internal")
    act = analyse_again(admin, "missing")
    assert list(act.changes.values_list("track_id", flat=True)) == [lacking.pk]
    assert states_of([lacking], chosen) == {AnalysisState.QUEUED}
    assert states_of([whole, lacking], active) == {AnalysisState.READY}


def test_a_space_that_nobody_fills_any_more_is_left_alone():
    space, forgotten, admin = make_space(), make_space(is_active=False), make_user(Role.ADMIN)
    make_space(is_active=False)
    track = add(space, AnalysisState.READY)
    Analysis.objects.create(track=track, space=forgotten, state=AnalysisState.READY)
    analyse_again(admin, "all")
    assert states_of([track], space) == {AnalysisState.QUEUED}
    assert states_of([track], forgotten) == {AnalysisState.READY}
    assert Track.objects.get().is_playable
