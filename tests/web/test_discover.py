"""The page of all ways to find music by its sound."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_every_way_is_one_link_away(page_client):
    page = page_client.get(reverse("discover")).content.decode()
    for name in ("radio", "blend", "ask", "path", "missing", "map"):
        assert f'href="{reverse(name)}"' in page, name
    assert f'action="{reverse("describe")}"' in page
