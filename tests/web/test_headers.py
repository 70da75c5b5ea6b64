"""What every answer promises to the browser."""

import pytest
from django.urls import reverse

from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def answers(page_client):
    track = make_track()
    page_client.force_login(track.owner)
    names = [("library", []), ("track", [track.pk]), ("upload", []), ("track_delete", [track.pk]), ("track", [999])]
    return [page_client.get(reverse(name, args=arguments)) for name, arguments in names]


def test_pages_carry_a_strict_policy(answers):
    for answer in answers:
        policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'self'"
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"


def test_pages_cannot_be_framed_or_sniffed(answers):
    for answer in answers:
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


def test_cookies_are_out_of_reach_of_scripts(page_client):
    user = make_user(password="a long password")
    page_client.get(reverse("sign_in"))
    page_client.post(reverse("sign_in"), {"username": user.username, "password": "a long password"})
    assert page_client.cookies["sessionid"]["httponly"]
    assert page_client.cookies["sessionid"]["samesite"] == "Lax"
