import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Track
from recommender.curation import acts
from recommender.curation.acts import perform, take_back
from recommender.curation.jobs import run_job
from recommender.curation.models import Verb
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
STATES = "/desk/jobs/states"


@pytest.fixture
def job(monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    return perform(Verb.HIDE, make_user(Role.CURATOR), [make_track().pk, make_track().pk]).jobs.get()


def test_how_far_it_is_is_told_to_those_who_may_know(job, page_client, curator):
    state = {"id": job.pk, "done": 0, "total": 2, "is_over": False, "told": "0 of 2 tracks"}
    asked = {"ids": f"{job.pk},{10**9}"}
    assert page_client.get(STATES, asked).json() == {"jobs": [state]}
    assert page_client.get(STATES).json() == {"jobs": []}
    assert page_client.get(STATES, {"ids": "seven"}).status_code == 400
    page_client.force_login(make_user())
    assert page_client.get(STATES, asked).json() == {"jobs": []}


def test_taking_back_is_not_stopped_halfway(job, page_client, curator):
    run_job(job.pk)
    back = take_back(job.act, curator).jobs.get(is_undoing=True)
    assert reverse("desk_job_stop", args=[back.pk]) not in page_client.get("/desk/").content.decode()
    page_client.post(reverse("desk_job_stop", args=[back.pk]))
    run_job(back.pk)
    assert not Track.objects.filter(is_recommendable=False).exists()


def test_only_who_may_take_it_back_stops_it(job, page_client):
    page_client.force_login(make_user())
    assert page_client.post(reverse("desk_job_stop", args=[job.pk])).status_code == 404
    page_client.force_login(make_user(Role.ADMIN))
    page_client.post(reverse("desk_job_stop", args=[job.pk]))
    job.refresh_from_db()
    assert job.is_over
