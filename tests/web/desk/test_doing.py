"""The door through which pages change tracks."""

import pytest
from django.urls import reverse

from recommender.catalog.models import Track, Visibility
from recommender.curation import acts
from recommender.curation.models import Act, JobState
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
DO, SCRIPTS = "/desk/do", {"Accept": "application/json"}


def test_done_told_and_taken_back_in_the_same_place(page_client, curator):
    tracks = [make_track(visibility=Visibility.SUBMITTED) for _ in range(2)]
    form = {"verb": "approve", "track": [track.pk for track in tracks], "next": "/library/?sort=title"}
    page = page_client.post(DO, form, follow=True)
    assert page.redirect_chain == [("/library/?sort=title", 302)]
    undo = reverse("desk_undo", args=[Act.objects.get().pk])
    shown = page.content.decode()
    assert "2 tracks were approved." in shown
    assert f'action="{undo}"' in shown
    assert 'name="next" value="/library/?sort=title"' in shown
    page = page_client.post(undo, {"next": "/library/?sort=title"}, follow=True).content.decode()
    assert "Taken back." in page
    assert Track.objects.filter(visibility=Visibility.SUBMITTED).count() == 2


def test_scripts_are_told_what_came_of_it(page_client, curator):
    track, other = make_track(), make_track(visibility=Visibility.WITHDRAWN)
    told = page_client.post(DO, {"verb": "withdraw", "track": [track.pk, other.pk]}, headers=SCRIPTS).json()
    act = Act.objects.get()
    undo = reverse("desk_undo", args=[act.pk])
    assert told == {
        "act": act.pk,
        "address": reverse("desk_act", args=[act.pk]),
        "undo": undo,
        "told": "1 track was withdrawn.",
        "done": 1,
        "failed": 0,
        "job": False,
    }
    taken_back = page_client.post(undo, headers=SCRIPTS).json()
    assert (taken_back["undo"], taken_back["told"]) == ("", "Taken back.")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"verb": "reject"}, "Say why"),
        ({"verb": "hide", "track": []}, "Choose at least one track first."),
        ({"verb": "purge"}, "Some of these tracks are not yours to change"),
    ],
)
def test_what_is_refused_is_told_where_it_was_asked_for(page_client, curator, form, sentence):
    track = make_track(visibility=Visibility.SUBMITTED)
    page = page_client.post(DO, {"track": track.pk, "next": "/library/", **form}, follow=True)
    assert page.redirect_chain == [("/library/", 302)]
    assert sentence in page.content.decode()
    assert page_client.post(DO, {"track": track.pk, **form}, headers=SCRIPTS).status_code in (400, 403)
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    "form", [{}, {"verb": "describe"}, {"verb": "pair", "track": "7"}, {"verb": "hide", "track": "seven"}]
)
def test_nonsense_is_refused(page_client, curator, form):
    assert page_client.post(DO, form).status_code == 400
    long = {"verb": "hide", "track": make_track().pk, "note": "x" * 2001}
    assert page_client.post(DO, long).status_code == 400


def test_who_is_sent_elsewhere_stays_here(page_client, curator):
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "", "elsewhere", "home", "\0"):
        answer = page_client.post(DO, {"verb": "hide", "track": make_track().pk, "next": elsewhere})
        assert answer["Location"] == "/desk/"


def test_an_uploader_changes_only_their_own(page_client):
    owner = make_user()
    page_client.force_login(owner)
    own, other = make_track(owner), make_track()
    page_client.post(DO, {"verb": "trash", "track": [own.pk, other.pk]})
    page_client.post(DO, {"verb": "approve", "track": own.pk})
    assert not Act.objects.exists()
    page_client.post(DO, {"verb": "trash", "track": own.pk})
    assert list(Track.objects.filter(is_deleting=True)) == [own]


def test_of_many_it_is_told_how_far_they_are_and_they_are_stopped(page_client, curator, monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    form = {"verb": "hide", "track": [make_track().pk, make_track().pk]}
    page = page_client.post(DO, form, follow=True).content.decode()
    act = Act.objects.get()
    job = act.jobs.get()
    assert "2 tracks are being changed" in page
    assert f'data-job="{job.pk}"' in page
    assert f'href="{reverse("desk_act", args=[act.pk])}"' in page
    page = page_client.post(reverse("desk_job_stop", args=[job.pk]), follow=True).content.decode()
    assert "Stopped." in page
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    page = page_client.post(reverse("desk_job_stop", args=[job.pk]), {"next": "/desk/"}, follow=True).content.decode()
    assert "There was nothing to stop any more." in page
