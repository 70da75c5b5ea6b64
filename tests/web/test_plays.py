import pytest
from django.urls import reverse

from recommender.listening import plays
from recommender.listening.models import Play
from tests.people import make_track

pytestmark = pytest.mark.django_db


def tell(client, track, **body):
    return client.post(reverse("track_play", args=[track.pk]), body)


def test_what_was_heard_and_skipped_is_kept(page_client, listener):
    track = make_track()
    assert tell(page_client, track, heard="41.5", left="1").status_code == 204
    assert tell(page_client, track, heard="4.2", left="1").status_code == 204
    assert tell(page_client, track, heard="4.2", left="0").status_code == 204
    found = Play.objects.filter(listener=listener, track=track).order_by("pk")
    assert list(found.values_list("heard_seconds", "is_skipped")) == [(41.5, False), (4.2, True)]


@pytest.mark.parametrize("heard", ["", "x", "nan", "inf", "-1", "1e300", "9" * 400])
def test_nonsense_is_refused(page_client, listener, heard):
    answer = tell(page_client, make_track(), heard=heard)
    assert (answer.status_code, Play.objects.count()) == (400, 0)
    assert "number of seconds" in answer.content.decode()


def test_too_many_are_refused(page_client, listener, monkeypatch):
    monkeypatch.setattr(plays, "MOST_AN_HOUR", 1)
    track = make_track()
    tell(page_client, track, heard="40")
    answer = tell(page_client, track, heard="40")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
