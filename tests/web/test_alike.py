import numpy as np
import pytest
from django.urls import reverse

from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, Release
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(space):
    """Of a track each by Ann, Bo who is like her, and Cy who is not."""
    made = make_user()
    for name, parts in (("Ann", (1, 0)), ("Bo", (1, 0.1)), ("Cy", (0, 0, 1))):
        track = make_track(made)
        edit_track(track, made, {"artists": [name], "release": f"By {name}"})
        vector = np.zeros(8, np.float32)
        vector[: len(parts)] = parts
        make_embedding(track, space, vector / np.linalg.norm(vector))
    synchronise_space(space)
    return made


def test_the_page_of_an_artist_shows_who_is_alike(page_client, owner):
    address = reverse("artist", args=[Artist.objects.get(name="Ann").pk])
    answer = page_client.get(address)
    assert [card.artist.name for card in answer.context["page"].alike] == ["Bo"]
    assert "Artists who sound like this" in answer.content.decode()
    alone = page_client.get(reverse("artist", args=[Artist.objects.get(name="Cy").pk]))
    assert "Artists who sound like this" not in alone.content.decode()


def test_the_page_of_a_release_shows_what_is_alike(page_client, owner):
    answer = page_client.get(reverse("release", args=[Release.objects.get(title="By Ann").pk]))
    assert [card.release.title for card in answer.context["page"].alike] == ["By Bo"]
    assert "Releases that sound like this" in answer.content.decode()
