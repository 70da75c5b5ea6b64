"""What is done to many tracks: batch after batch, whatever happens to the worker."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import Track, Visibility
from recommender.curation import acts, jobs
from recommender.curation.acts import perform, take_back
from recommender.curation.jobs import resume_jobs, run_job
from recommender.curation.models import SILENCE, Job, JobState, Verb
from recommender.curation.sentences import NO_WAY_BACK
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(monkeypatch):
    """A job for seven tracks, in batches of three."""
    monkeypatch.setattr(acts, "AT_ONCE", 5)
    monkeypatch.setattr(jobs, "BATCH", 3)
    monkeypatch.setattr(jobs, "PAUSE_SECONDS", 0)
    curator = make_user(Role.CURATOR)
    return perform(Verb.WITHDRAW, curator, [make_track().pk for _ in range(7)]).jobs.get()


def withdrawn():
    return Track.objects.filter(visibility=Visibility.WITHDRAWN).count()


def test_all_of_it_and_back(begun):
    assert (begun.state, begun.total, withdrawn()) == (JobState.WAITING, 7, 0)
    run_job(begun.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.done, withdrawn(), begun.act.changes.count()) == (JobState.DONE, 7, 7, 7)
    take_back(begun.act, begun.act.actor)
    back = begun.act.jobs.exclude(pk=begun.pk).get()
    assert (back.is_undoing, withdrawn()) == (True, 7)
    run_job(back.pk)
    assert withdrawn() == 0


def test_it_goes_on_where_a_worker_was_killed(begun):
    Job.objects.filter(pk=begun.pk).update(state=JobState.RUNNING)
    jobs._run_batch(begun.pk)
    run_job(begun.pk)  # its worker may still be alive
    assert withdrawn() == 3
    Job.objects.filter(pk=begun.pk).update(seen_at=timezone.now() - SILENCE - dt.timedelta(seconds=1))
    resume_jobs()
    run_job(begun.pk)
    assert (withdrawn(), begun.act.changes.count()) == (7, 7)
    run_job(begun.pk)
    assert begun.act.changes.count() == 7


def test_it_can_be_stopped(begun):
    Job.objects.filter(pk=begun.pk).update(state=JobState.RUNNING)
    jobs._run_batch(begun.pk)
    Job.objects.filter(pk=begun.pk).cancel()
    run_job(begun.pk)
    assert not jobs._run_batch(begun.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.done, withdrawn()) == (JobState.CANCELLED, 3, 3)
    take_back(begun.act, begun.act.actor)
    assert withdrawn() == 0


def test_what_is_still_going_on_is_stopped_before_it_is_taken_back(begun):
    Job.objects.filter(pk=begun.pk).update(state=JobState.RUNNING)
    jobs._run_batch(begun.pk)
    take_back(begun.act, begun.act.actor)
    run_job(begun.pk)
    assert withdrawn() == 0
    begun.refresh_from_db()
    assert begun.state == JobState.CANCELLED


def test_one_that_cannot_be_changed_does_not_hold_up_the_others(begun):
    Track.objects.filter(pk=begun.ids[1]).update(is_deleting=True)
    run_job(begun.pk)
    assert withdrawn() == 6
    assert begun.act.changes.exclude(problem="").get().track_id == begun.ids[1]


def test_who_is_gone_changes_nothing_and_it_ends(begun):
    begun.act.actor.delete()
    run_job(begun.pk)
    begun.refresh_from_db()
    assert (begun.state, withdrawn()) == (JobState.DONE, 0)


def test_who_lost_their_role_meanwhile_changes_nothing(begun):
    begun.act.actor.groups.clear()
    run_job(begun.pk)
    assert withdrawn() == 0


def test_who_lost_their_role_meanwhile_takes_nothing_back(begun):
    run_job(begun.pk)
    take_back(begun.act, begun.act.actor)
    begun.act.actor.groups.clear()
    run_job(begun.act.jobs.exclude(pk=begun.pk).get().pk)
    assert withdrawn() == 7
    assert set(begun.act.changes.values_list("problem", flat=True)) == {NO_WAY_BACK}
    begun.act.refresh_from_db()
    assert begun.act.undone_at is None
    take_back(begun.act, make_user(Role.ADMIN))
    run_job(begun.act.jobs.first().pk)
    assert withdrawn() == 0


def test_nobody_takes_back_what_a_worker_is_taking_back(begun):
    run_job(begun.pk)
    for _ in range(2):
        take_back(begun.act, begun.act.actor)
    assert begun.act.jobs.filter(is_undoing=True).count() == 1
