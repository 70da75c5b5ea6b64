import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import AnalysisState, Visibility
from recommender.curation import acts
from recommender.curation.acts import perform
from recommender.curation.models import Verb
from recommender.curation.pausing import pause
from recommender.web.desk.tabs import TABS
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def test_nothing_waits(read, curator):
    page = read("/desk/")
    assert "Nothing waits for you." in page
    assert "tracks in the trash" not in page


def test_what_waits_leads_to_where_it_is_dealt_with(read, curator, monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    track = make_track(visibility=Visibility.SUBMITTED)
    track.analyses.create(space=make_space(), state=AnalysisState.FAILED)
    perform(Verb.TRASH, curator, [make_track(curator).pk])
    job = perform(Verb.HIDE, curator, [make_track().pk, make_track().pk]).jobs.get()
    page = read("/desk/")
    assert f'href="{reverse("desk_review")}">1 track waits for review' in page
    for shown in ("1 track could not be analysed", f'data-job="{job.pk}"', "1 track in the trash", "Going on"):
        assert shown in page


def test_that_the_analysis_is_paused_is_seen_at_once(read, curator):
    assert "is paused" not in read("/desk/")
    admin = make_user(Role.ADMIN)
    pause(admin)
    page = read("/desk/")
    assert f"The analysis is paused, by {admin.username}, " in page
    assert f'href="{reverse("desk_health")}">Pipeline health</a> </p>' in page


def test_the_tabs_lead_on_and_say_where_the_viewer_is(read, page_client, curator):
    page = read("/desk/acts/")
    assert f'<a href="{reverse("desk_acts")}" aria-current="page">Done</a>' in page
    for name, label, _around in TABS:
        assert f'href="{reverse(name)}"' in page, label
    act = perform(Verb.HIDE, curator, [make_track().pk])
    assert 'aria-current="true">Done</a>' in read(reverse("desk_act", args=[act.pk]))


@pytest.mark.parametrize(("role", "is_there"), [(Role.UPLOADER, False), (Role.CURATOR, True)])
def test_the_way_to_the_desk_is_for_curators(page_client, read, role, is_there):
    page_client.force_login(make_user(role))
    assert ('href="/desk/"' in read("/describe/")) is is_there
    # Who is no curator has done things, too, but finds no tabs of the desk above them.
    assert ("/desk/review/" in read("/desk/acts/")) is is_there
