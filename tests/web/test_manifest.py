"""The site can be installed: the manifest is whole, and its icons are what it says."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

IMAGES = Path(settings.BASE_DIR) / "static" / "img"


@pytest.fixture
def manifest(client, uncollected):
    answer = client.get(reverse("manifest"))
    assert answer["Content-Type"] == "application/manifest+json"
    return json.loads(answer.content)


def test_it_starts_on_the_first_page(manifest):
    assert manifest["start_url"] == manifest["scope"] == reverse("home")
    assert manifest["display"] == "standalone"
    assert {shortcut["url"] for shortcut in manifest["shortcuts"]} == {reverse("library"), reverse("discover")}


def test_icons_are_as_large_as_it_says(manifest):
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with Image.open(IMAGES / Path(icon["src"]).name) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
            assert picture.format == "PNG"


def test_a_closed_house_shows_it(client, settings, uncollected):
    settings.ACCESS = type(settings.ACCESS)(open_signup=False, require_sign_in=True)
    assert client.get(reverse("manifest")).status_code == 200
