import datetime as dt
import logging
import os
import time

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from recommender.catalog.models import Analysis, AnalysisState, Pause, Rendition
from recommender.ingest.sweeper import (
    MARK,
    remove_old_uploads,
    requeue_abandoned,
    sweep,
    wake_waiting,
    warn_of_obstacles,
)
from recommender.ingest.wake import queue_length
from recommender.similarity.spaces import ensure_space
from tests.people import make_audio_file, make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def make_analysis(**given):
    longer_ago = timezone.now() - dt.timedelta(minutes=2)
    return Analysis.objects.create(track=make_track(), space=make_space(), state_changed_at=longer_ago, **given)


def lost(**given):
    past = timezone.now() - dt.timedelta(seconds=1)
    return make_analysis(state=AnalysisState.ANALYSING, lease_owner="gone", lease_expires_at=past, **given)


def test_an_abandoned_track_is_queued_again():
    analysis = lost()
    requeue_abandoned()
    analysis.refresh_from_db()
    assert (analysis.state, analysis.lost_leases) == (AnalysisState.QUEUED, 1)


def test_a_live_lease_is_left_alone():
    analysis = lost()
    Analysis.objects.update(lease_expires_at=timezone.now() + dt.timedelta(seconds=30))
    requeue_abandoned()
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.ANALYSING


def test_a_track_that_loses_every_worker_is_given_up():
    analysis = lost(lost_leases=settings.ANALYSIS.max_lost_leases)
    requeue_abandoned()
    analysis.refresh_from_db()
    assert (analysis.state, analysis.reason) == (AnalysisState.FAILED, "lost")
    assert analysis.detail


@pytest.mark.usefixtures("empty_queue")
def test_waiting_tracks_are_sent_again_after_the_queue_was_lost():
    make_analysis()
    wake_waiting()
    assert queue_length("analysis") == 1
    wake_waiting()
    assert queue_length("analysis") == 1


@pytest.mark.usefixtures("empty_queue")
def test_nobody_is_woken_while_the_analysis_is_paused():
    make_analysis()
    Pause.objects.begin(make_user())
    wake_waiting()
    assert queue_length("analysis") == 0
    Pause.objects.end()
    wake_waiting()
    assert queue_length("analysis") == 1


@pytest.mark.usefixtures("empty_queue")
def test_a_track_without_any_analysis_is_found():
    space, track = make_space(), make_track()
    sweep()
    assert Analysis.objects.get(track=track).space == space
    assert (settings.STORAGE.locks / MARK).exists()


@pytest.mark.usefixtures("empty_queue")
def test_a_change_of_the_encoder_waits_behind_uploads():
    track, moment_ago = make_track(), timezone.now() - dt.timedelta(minutes=1)
    ensure_space("old", "cnn", 8)
    new = ensure_space("new", "cnn", 8)
    Analysis.objects.update(state_changed_at=moment_ago)
    wake_waiting()
    wake_waiting()
    assert (queue_length("analysis"), queue_length("analysis", is_urgent=False)) == (1, 1)
    with current_app.connection_for_write() as connection, connection.SimpleQueue("analysis") as queue:
        answers = [queue.get(timeout=5).payload[0][0] for _ in range(2)]
    assert answers[1] == Analysis.objects.get(track=track, space=new).pk


@pytest.mark.usefixtures("empty_queue")
def test_copies_for_browsers_are_made_while_some_are_wanted():
    audio_file = make_audio_file()
    wake_waiting()
    assert queue_length("background", is_urgent=False) == 0
    audio_file.rendition = Rendition.WANTED
    audio_file.save()
    wake_waiting()
    assert queue_length("background", is_urgent=False) == 1


def test_what_holds_a_change_up_is_said_once_and_again_when_it_changes(caplog):
    first, second = make_track(), make_track()
    old = ensure_space("old", "compact", 8)
    new = ensure_space("new", "musicnn", 8)
    Analysis.objects.filter(space=old).update(state=AnalysisState.READY)
    caplog.set_level(logging.WARNING)
    warn_of_obstacles()
    assert caplog.messages == []
    Analysis.objects.filter(space=new, track=first).update(state=AnalysisState.READY)
    Analysis.objects.filter(space=new, track=second).update(state=AnalysisState.FAILED, reason="corrupt")
    for _ in range(3):
        warn_of_obstacles()
    assert caplog.messages == [f"compact -> musicnn: 1 of 2 tracks, 1 failed: corrupt (tracks {second.pk})"]
    Analysis.objects.filter(space=new, track=first).update(state=AnalysisState.FAILED, reason="corrupt")
    warn_of_obstacles()
    assert len(caplog.messages) == 2


def test_only_old_uploads_are_removed():
    old, new = settings.STORAGE.staging / "old", settings.STORAGE.staging / "new"
    for staged in (old, new):
        staged.write_bytes(b"part")
    days_ago = time.time() - 3 * 24 * 3600
    os.utime(old, (days_ago, days_ago))
    remove_old_uploads()
    assert not old.exists()
    assert new.exists()
    new.unlink()


def test_a_link_to_an_old_file_is_as_young_as_the_link():
    song, link = settings.STORAGE.home / "old song", settings.STORAGE.staging / "import-link"
    song.write_bytes(b"song")
    days_ago = time.time() - 3 * 24 * 3600
    os.utime(song, (days_ago, days_ago))
    link.hardlink_to(song)
    remove_old_uploads()
    assert link.exists()
    link.unlink()
    song.unlink()
