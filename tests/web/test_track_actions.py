import pytest
from django.urls import reverse

from recommender.catalog.models import AnalysisState
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
    assert "“Mine &amp; only” was deleted." in page.content.decode()
    assert page_client.get(reverse("track", args=[track.pk])).status_code == 404
    assert page_client.post(address).status_code == 404


def test_a_failed_track_is_tried_again(track, page_client):
    page = page_client.post(reverse("track_retry", args=[track.pk]), follow=True)
    assert page.redirect_chain == [(reverse("track", args=[track.pk]), 302)]
    assert "Queued" in page.content.decode()
    assert track.analyses.get().state == AnalysisState.QUEUED


def test_a_ready_track_is_not_disturbed_by_a_retry(track, page_client):
    track.analyses.update(state=AnalysisState.READY)
    page_client.post(reverse("track_retry", args=[track.pk]))
    assert track.analyses.get().state == AnalysisState.READY
