"""What every page knows: where the menu leads, and which of it is here."""

import pytest
from django.urls import reverse

from recommender.web.context import PLACES
from tests.people import make_user

pytestmark = pytest.mark.django_db


def marks(answer):
    return {place.name: mark for place, mark in answer.context["site"].places}


def test_the_menu_marks_where_the_viewer_is(page_client):
    assert marks(page_client.get(reverse("library")))["library"] == "page"
    assert marks(page_client.get(reverse("artists")))["library"] == "true"
    assert marks(page_client.get(reverse("blend")))["discover"] == "true"
    page = page_client.get(reverse("discover"))
    assert marks(page) == {"home": "", "library": "", "map": "", "discover": "page"}
    assert f'href="{reverse("discover")}" aria-current="page"' in page.content.decode()


def test_what_is_personal_is_for_those_who_are_known(page_client):
    page_client.force_login(make_user())
    assert "playlists" in marks(page_client.get(reverse("discover")))


def test_a_page_that_is_not_there_is_nowhere(page_client):
    assert set(marks(page_client.get("/nothing/")).values()) == {""}


def test_every_place_exists_and_none_is_in_two():
    around = [name for place in PLACES for name in (place.name, *place.around)]
    assert len(around) == len(set(around))
    for place in PLACES:
        assert place.link.startswith("/")


def test_the_sign_in_page_knows_the_site_too(page_client, settings):
    settings.ACCESS = type(settings.ACCESS)(open_signup=True, require_sign_in=False)
    page = page_client.get(reverse("sign_in"))
    assert page.context["site"].is_signup_open
    assert f'href="{reverse("sign_up")}"' in page.content.decode()
