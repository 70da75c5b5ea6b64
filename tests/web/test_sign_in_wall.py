import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.conf import Access
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _closed_house(settings):
    settings.ACCESS = Access(open_signup=True, require_sign_in=True)


def test_pages_lead_to_the_sign_in_and_back(page_client):
    track = make_track()
    page = page_client.get(reverse("track", args=[track.pk]), {"a": "b"})
    assert page.status_code == 302
    assert page["Location"] == f"{reverse('sign_in')}?next=/tracks/{track.pk}/%3Fa%3Db"
    assert page_client.get(reverse("admin:index")).status_code == 302


def test_scripts_sound_and_covers_get_nothing(client):
    track = make_track(cover=make_cover())
    for name, given in (("track_audio", []), ("track_cover", [300]), ("track_download", [])):
        answer = client.get(reverse(name, args=[track.pk, *given]))
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_first")
    assert client.get(reverse("upload_states"), {"ids": "1"}).status_code == 401
    assert client.post(reverse("upload_file")).status_code == 401


@pytest.mark.parametrize(("name", "status"), [("sign_in", 200), ("sign_up", 200), ("livez", 200), ("favicon", 302)])
def test_the_door_itself_is_open(name, status, page_client):
    answer = page_client.get(reverse(name))
    assert answer.status_code == status
    assert "next=" not in answer.get("Location", "")


def test_signed_in_people_pass(page_client):
    page_client.force_login(make_user(Role.LISTENER))
    assert page_client.get(reverse("library")).status_code == 200
