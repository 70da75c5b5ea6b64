import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from tests.german import speaking_german
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def test_tables_and_columns_are_called_what_the_language_of_the_page_calls_them(client, tmp_path, settings):
    make_track()
    client.force_login(make_user(Role.CURATOR))
    client.cookies["language"] = "de"
    with speaking_german(tmp_path, settings, {"tracks": "Titel", "visibility": "Sichtbarkeit", "Catalog": "Katalog"}):
        page = client.get(reverse("admin:catalog_track_changelist")).content.decode()
    assert all(word in page for word in ("Titel", "Sichtbarkeit", "Katalog"))
