import io
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from recommender.accounts.models import Role
from recommender.catalog.audio_files import COVER_SIDES, cover_path_of
from recommender.catalog.models import Cover, Track
from recommender.web.covers import LARGEST_BYTES
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def picture(colour="red", name="cover.png"):
    made = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), content_type="image/png")


@pytest.fixture
def track():
    return make_track()


@pytest.fixture
def scripts(track):
    client = Client(headers={"Accept": "application/json"})
    client.force_login(track.owner)
    return client


def send(client, track, **fields):
    return client.post(reverse("track_cover_change", args=[track.pk]), fields)


def cover_of(track):
    return Track.objects.get(pk=track.pk).cover_id


@pytest.mark.django_db(transaction=True)
def test_a_cover_comes_changes_and_goes(scripts, track):
    assert send(scripts, track, cover=picture()).status_code == 204
    first = cover_of(track)
    assert all(cover_path_of(first, side).exists() for side in COVER_SIDES)
    assert send(scripts, track, cover=picture("blue"), only_if_missing="1").status_code == 204
    assert cover_of(track) == first
    assert send(scripts, track, cover=picture("blue")).status_code == 204
    assert cover_of(track) not in (None, first)
    assert send(scripts, track, remove="1").status_code == 204
    assert (cover_of(track), Cover.objects.count()) == (None, 0)
    assert not any(cover_path_of(first, side).exists() for side in COVER_SIDES)


def test_the_page_that_edits_tells_what_happened(page_client, track):
    page_client.force_login(track.owner)
    edit = reverse("track_edit", args=[track.pk])
    for fields, told in (
        ({"cover": picture()}, "The cover was changed."),
        ({"cover": picture(), "only_if_missing": "1"}, "The track keeps the cover it has."),
        ({"cover": SimpleUploadedFile("a.png", b"no picture")}, "This is no picture we can use"),
        ({}, "Choose a picture first."),
        ({"remove": "1"}, "The cover was removed."),
    ):
        answer = page_client.post(reverse("track_cover_change", args=[track.pk]), fields, follow=True)
        assert answer.redirect_chain == [(edit, 302)]
        assert told in answer.content.decode()


def test_another_cover_has_another_address(scripts, track, page_client):
    shown = set()
    for colour in ("red", "blue"):
        send(scripts, track, cover=picture(colour))
        shown.add(re.search(r'src="(/tracks/\d+/cover/1000[^"]*)"', page_of(page_client, track)).group(1))
    assert len(shown) == 2
    assert all(page_client.get(address).getvalue() for address in shown)


def page_of(client, track):
    return client.get(reverse("track", args=[track.pk])).content.decode()


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "one_file"),
        ({"cover": "text"}, 400, "one_file"),
        ({"cover": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n and no more")}, 415, "not_a_picture"),
        ({"cover": SimpleUploadedFile("a.svg", b"<svg onload='alert(1)'/>")}, 415, "not_a_picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing_behind(scripts, track, fields, status, code):
    answer = send(scripts, track, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert cover_of(track) is None
    assert list(settings.STORAGE.staging.iterdir()) == []


def test_what_is_too_large_is_refused_before_it_is_read(scripts, track):
    address = reverse("track_cover_change", args=[track.pk])
    large = scripts.generic("POST", address, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=LARGEST_BYTES * 2)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    unknown = scripts.generic("POST", address, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH="")
    assert unknown.status_code == 411


def test_nobody_else_changes_a_cover_and_every_change_wants_the_token(track):
    stranger = Client(headers={"Accept": "application/json"})
    stranger.force_login(make_user(Role.UPLOADER))
    assert send(stranger, track, cover=picture()).status_code == 403
    careless = Client(headers={"Accept": "application/json"}, enforce_csrf_checks=True)
    careless.force_login(track.owner)
    assert send(careless, track, cover=picture()).status_code == 403
    assert cover_of(track) is None
