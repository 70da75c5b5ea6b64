"""Light, dark or as the system has it: remembered in a cookie, and right in the first byte of every page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from recommender.web.theme import DARK_GROUND

STYLE = Path(settings.BASE_DIR) / "static" / "css" / "base.css"

pytestmark = pytest.mark.django_db


def choose(client, theme, came_from="http://testserver/discover/"):
    return client.post(reverse("theme"), {"theme": theme}, headers={"Referer": came_from})


def test_pages_follow_the_system_at_first(page_client):
    page = page_client.get(reverse("sign_in")).content.decode()
    assert '<html lang="en" dir="ltr" data-theme="system"' in page
    assert 'content="light dark"' in page
    assert 'media="(prefers-color-scheme: light)"' in page


@pytest.mark.parametrize(("theme", "light"), [("light", "all"), ("dark", "not all")])
def test_what_is_chosen_holds_from_then_on(page_client, theme, light):
    answer = choose(page_client, theme)
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/discover/")
    assert answer.cookies["theme"]["httponly"]
    page = page_client.get(reverse("sign_in")).content.decode()
    assert f'data-theme="{theme}"' in page
    assert f'<meta name="color-scheme" content="{theme}">' in page
    assert f'<meta name="theme-color" media="{light}" content="#faf8f5">' in page
    assert f'value="{theme}" aria-pressed="true"' in page


def test_what_browsers_paint_around_a_page_is_its_ground(page_client):
    grounds = re.search(r"--ground: light-dark\((#\w+), (#\w+)\)", STYLE.read_text())
    page = page_client.get(reverse("sign_in")).content.decode()
    assert tuple(re.findall(r'name="theme-color" [^>]*content="(#\w+)"', page)) == grounds.groups()
    assert grounds[2] == DARK_GROUND


def test_the_choice_is_taken_back(page_client):
    choose(page_client, "dark")
    choose(page_client, "system")
    assert 'data-theme="system"' in page_client.get(reverse("sign_in")).content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "", "//elsewhere.example/", "http://testserver/theme"]
)
def test_nobody_is_led_elsewhere_or_to_where_there_is_no_page(page_client, elsewhere):
    assert choose(page_client, "dark", elsewhere)["Location"] == reverse("home")


def test_scripts_need_no_page(client):
    assert choose(client, "light").status_code == 204


@pytest.mark.parametrize("nonsense", ["", "blue", "dark\0", "x" * 5000])
def test_nonsense_is_refused(page_client, nonsense):
    answer = choose(page_client, nonsense)
    assert answer.status_code == 400
    assert "A theme is one of: system, light, dark." in answer.content.decode()


@pytest.mark.parametrize("nonsense", ["", "blue", "x" * 5000])
def test_a_cookie_that_says_nothing_counts_for_nothing(page_client, nonsense):
    page_client.cookies["theme"] = nonsense
    assert 'data-theme="system"' in page_client.get(reverse("sign_in")).content.decode()
