"""Pipeline health: what curators see of it, what only administrators do, and what can be done there."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Analysis, AnalysisState, Pause, Track, Visibility
from recommender.curation import machinery
from recommender.curation.models import Act, Job, Verb
from recommender.ingest.reanalysis import CHOICES
from recommender.web.desk.health import AGAIN, PART_NAMES, tell_seconds, tell_time_left
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(page_client, redis_server, milvus_server):
    for found in (machinery._workers, machinery._index, machinery._disk):
        found.forget()
    user = make_user(Role.ADMIN)
    page_client.force_login(user)
    return user


@pytest.fixture
def failed():
    track = make_track(title="Broken song", file_name="broken.mp3")
    Analysis.objects.create(track=track, space=make_space(), state=AnalysisState.FAILED, reason="too_long")
    return track


def read(client):
    return client.get(reverse("desk_health")).content.decode()


def test_curators_see_what_failed_and_try_their_own_again(page_client, curator, failed):
    foreign = make_track(title="Of another")
    Analysis.objects.create(track=foreign, space=failed.analyses.get().space, state="failed", reason="too_long")
    assert reverse("desk_health_retry") not in read(page_client)
    Track.objects.filter(pk=failed.pk).update(owner=curator)
    hidden = make_track(title="Not for curators", visibility=Visibility.PRIVATE)
    Analysis.objects.create(track=hidden, space=failed.analyses.get().space, state="failed", reason="too_long")
    page = read(page_client)
    told = "This file plays for longer than is allowed here."
    for shown in (told, "Broken song", "broken.mp3", "Of another", reverse("desk_health_retry")):
        assert shown in page
    for unshown in ("Not for curators", "Workers", "Free", "Pause the analysis"):
        assert unshown not in page
    page_client.post(reverse("desk_health_retry"), {"reason": "too_long"})
    assert failed.analyses.get().state == AnalysisState.QUEUED
    assert {track.analyses.get().state for track in (hidden, foreign)} == {AnalysisState.FAILED}
    assert "Broken song" not in read(page_client)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("desk_health_retry", {}),
        ("desk_health_retry", {"reason": "x" * 41}),
        ("desk_health_retry", {"reason": "\0"}),
        ("desk_health_again", {}),
        ("desk_health_again", {"choice": "none"}),
    ],
)
def test_what_no_form_sends_is_refused(page_client, admin, address, form):
    assert page_client.post(reverse(address), form).status_code == 400


def test_there_may_be_nothing_to_try_again(page_client, curator, failed):
    answer = page_client.post(reverse("desk_health_retry"), {"reason": "corrupt"}, follow=True)
    assert "Choose at least one track first." in answer.content.decode()


def test_administrators_see_what_it_runs_on(page_client, admin, failed, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page = read(page_client)
    for shown in ("no worker answers", "0 messages wait", "In the index", "Pause the analysis", "Vector index", "Free"):
        assert shown in page
    assert "Redis does not answer" not in page


def test_the_analysis_is_paused_and_goes_on(page_client, admin, curator):
    page_client.force_login(admin)
    assert "The analysis is paused" not in read(page_client)
    done = page_client.post(reverse("desk_health_pause"), {"on": "1"}, follow=True).content.decode()
    assert "The analysis of tracks was paused." in done
    assert f"The analysis is paused, by {admin.username}, just now." in done
    page_client.post(reverse("desk_health_pause"), {"on": "1"})
    assert [act.verb for act in Act.objects.all()] == [Verb.PAUSE]
    audit = page_client.get(reverse("desk_act", args=[Act.objects.get().pk])).content.decode()
    assert "Paused" in audit
    page_client.force_login(curator)
    page = read(page_client)
    assert "The analysis is paused" in page
    assert reverse("desk_health_pause") not in page
    page_client.force_login(admin)
    page_client.post(reverse("desk_health_pause"), {"on": "0"})
    assert not Pause.objects.exists()


def test_tracks_are_analysed_again_by_choice(page_client, admin, failed):
    ready = make_track()
    Analysis.objects.create(track=ready, space=failed.analyses.get().space, state=AnalysisState.READY)
    page_client.post(reverse("desk_health_again"), {"choice": "failed"})
    assert (failed.analyses.get().state, ready.analyses.get().state) == (AnalysisState.QUEUED, AnalysisState.READY)
    told = page_client.post(reverse("desk_health_again"), {"choice": "all"}, follow=True).content.decode()
    assert "1 track will be analysed again." in told


def test_a_space_that_is_being_filled_is_shown_beside_the_other(page_client, curator, failed):
    make_space(is_active=False)
    page = read(page_client)
    assert "Being filled beside it" in page
    assert 'max="1" value="0"' in page


def test_what_is_being_analysed_again_shows_how_far_it_is(page_client, curator):
    act = Act.objects.create(actor=curator, verb=Verb.ANALYSE)
    Job.objects.create(act=act, ids=list(range(150)), done=50)
    Job.objects.create(act=Act.objects.create(actor=curator, verb=Verb.HIDE), ids=[1, 2])
    page = read(page_client)
    assert page.count("data-job=") == 1
    assert "50 of 150 tracks" in page


def test_every_choice_and_every_part_has_a_name(admin):
    assert set(AGAIN) == set(CHOICES)
    assert set(machinery.measure_disk().used) <= set(PART_NAMES)


def test_times_are_told_as_people_do():
    assert [tell_seconds(seconds) for seconds in (0.04, 3.26, 12.4, 389)] == ["0.0 s", "3.3 s", "12 s", "6 min"]
    assert [tell_time_left(seconds) for seconds in (12, 60, 1500, 7000, 90_000, 400_000)] == [
        "less than a minute left",
        "about 1 minute left",
        "about 25 minutes left",
        "about 2 hours left",
        "about 25 hours left",
        "about 5 days left",
    ]
