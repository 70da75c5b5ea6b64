import pytest
from django.urls import reverse

from recommender.catalog.models import AnalysisState
from recommender.curation.models import Act
from tests.people import make_space, make_track

pytestmark = pytest.mark.django_db


@pytest.fixture
def track(page_client):
    made = make_track(title="Mine & only")
    made.analyses.create(space=make_space(), state=AnalysisState.FAILED, reason="corrupt")
    page_client.force_login(made.owner)
    return made


def test_deleting_asks_first_then_hides_the_track_at_once(track, page_client):
    address = reverse("track_delete", args=[track.pk])
    assert "Delete “Mine &amp; only”?" in page_client.get(address).content.decode()
    page = page_client.post(address, follow=True)
    assert page.redirect_chain == [(reverse("library"), 302)]
    assert "“Mine &amp; only” is in the trash now." in page.content.decode()
    assert page_client.get(reverse("track", args=[track.pk])).status_code == 404
    assert page_client.post(address).status_code == 404
    undo = reverse("desk_undo", args=[Act.objects.get().pk])
    assert f'action="{undo}"' in page.content.decode()
    page_client.post(undo)
    assert page_client.get(reverse("track", args=[track.pk])).status_code == 200


def test_a_script_is_told_on_the_page_it_goes_to(track, page_client):
    scripts = {"Accept": "application/json"}
    answer = page_client.post(reverse("track_delete", args=[track.pk]), {"tell": "1"}, headers=scripts)
    assert answer.status_code == 200
    assert "is in the trash now" in page_client.get(reverse("library")).content.decode()


def test_a_script_that_stays_tells_the_same_with_the_way_back(track, page_client):
    scripts = {"Accept": "application/json"}
    told = page_client.post(reverse("track_delete", args=[track.pk]), headers=scripts).json()
    assert told["told"] == "“Mine & only” is in the trash now."
    assert told["undo"] == reverse("desk_undo", args=[Act.objects.get().pk])
    assert "is in the trash now" not in page_client.get(reverse("library")).content.decode()


def test_who_may_keep_tracks_here_no_longer_deletes_none(track, page_client):
    track.owner.groups.clear()
    assert page_client.post(reverse("track_delete", args=[track.pk])).status_code == 403
    track.refresh_from_db()
    assert not track.is_deleting


def test_a_failed_track_is_tried_again(track, page_client):
    page = page_client.post(reverse("track_retry", args=[track.pk]), follow=True)
    assert page.redirect_chain == [(reverse("track", args=[track.pk]), 302)]
    assert "Queued" in page.content.decode()
    assert track.analyses.get().state == AnalysisState.QUEUED


def test_a_ready_track_is_not_disturbed_by_a_retry(track, page_client):
    track.analyses.update(state=AnalysisState.READY)
    page_client.post(reverse("track_retry", args=[track.pk]))
    assert track.analyses.get().state == AnalysisState.READY
