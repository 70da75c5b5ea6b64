"""The form by which something is reported, and the page that says what came of it."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Artist, Release, Track, Visibility
from recommender.curation import reports
from recommender.curation.models import Report
from recommender.curation.settling import settle
from recommender.web import reporting
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
FORM = {"reason": "tags", "text": "The year is wrong."}


def address(track):
    return reverse("track_report", args=[track.pk])


def test_from_the_menu_of_a_track_to_ones_own_reports(page_client, listener):
    album = Release.objects.create(title="Album", artist=Artist.objects.create(name="Band"))
    track = make_track(title="Song", release=album)
    for page in (reverse("track", args=[track.pk]), reverse("release", args=[album.pk])):
        assert f'href="{address(track)}"' in page_client.get(page).content.decode()
    assert "Whoever uploaded the track does not" in page_client.get(address(track)).content.decode()
    page = page_client.post(address(track), FORM, follow=True)
    assert page.redirect_chain == [(reverse("track", args=[track.pk]), 302)]
    assert "Thank you. A curator will look at it." in page.content.decode()
    form = page_client.get(address(track)).content.decode()
    assert "You have reported this track already." in form
    assert "The year is wrong.</textarea>" in form
    page = page_client.post(address(track), {**FORM, "text": "It is from 1959."}, follow=True).content.decode()
    assert "Your report is amended." in page
    page = page_client.get(reverse("reports")).content.decode()
    amend = f'href="{address(track)}">Amend'
    for shown in ("It is from 1959.", "Wrong title, artist or other details", ">Open<", amend):
        assert shown in page


def test_what_came_of_it(page_client, listener):
    track = make_track(title="Song")
    page_client.post(address(track), FORM)
    settle(Report.objects.all(), make_user(Role.CURATOR), is_open=False, answer="Mended, thank you.")
    Track.objects.update(visibility=Visibility.WITHDRAWN)
    page = page_client.get(reverse("reports")).content.decode()
    for shown in ("Answer: Mended, thank you.", ">Closed<", "<span>Song</span>"):
        assert shown in page
    page_client.force_login(make_user())
    assert "You have not reported anything." in page_client.get(reverse("reports")).content.decode()


def test_pages_go_back_in_time(page_client, listener, monkeypatch):
    monkeypatch.setattr(reporting, "PAGE_SIZE", 1)
    for _ in range(2):
        page_client.post(address(make_track()), FORM)
    page = page_client.get(reverse("reports")).context["page"]
    older = page_client.get(reverse("reports") + page.after).context["page"]
    assert (page.before, older.after, len(older.rows)) == ("", "", 1)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"reason": "tags", "text": " "}, "This field is required."),
        ({"reason": "boring", "text": "Yawn."}, "Select a valid choice."),
        ({"reason": "tags", "text": "x" * 1001}, "at most 1000 characters"),
        ({"reason": "tags", "text": "a\0b"}, "Null characters"),
    ],
)
def test_what_says_nothing_is_refused(page_client, listener, form, sentence):
    track = make_track()
    assert sentence in page_client.post(address(track), form).content.decode()
    answer = page_client.post(address(track), form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_report")
    assert sentence in answer.json()["detail"]
    assert not Report.objects.exists()


def test_too_many_in_an_hour(page_client, listener, monkeypatch):
    monkeypatch.setattr(reports, "MOST", 1)
    answer = page_client.post(address(make_track()), FORM, headers={"Accept": "application/json"})
    assert answer.status_code == 204
    track = make_track()
    answer = page_client.post(address(track), FORM)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3500
    page = answer.content.decode()
    assert "You have reported 1 tracks within an hour." in page
    assert "The year is wrong.</textarea>" in page
    answer = page_client.post(address(track), FORM, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_often")


def test_a_stranger_signs_in_first(page_client):
    track = make_track()
    assert page_client.get(address(track))["Location"] == f"/sign-in/?next={address(track)}"
    assert page_client.post(address(track), FORM).status_code == 403
    assert address(track) not in page_client.get(reverse("track", args=[track.pk])).content.decode()
