import re

import pytest
from django.urls import reverse

from recommender.catalog.models import Embedding
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


def read(client):
    page = client.get(reverse("desk_quality_reach")).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.usefixtures("curator")
def test_hubs_and_orphans_are_listed_and_can_be_hidden(page_client, django_assert_max_num_queries):
    space, owner = make_space(), make_user()
    for number in range(12):
        make_embedding(make_track(owner, title=f"Song {number}"), space, unit_vector(number))
    Embedding.objects.update(indexed_generation=space.generation)
    with django_assert_max_num_queries(20):
        shown = read(page_client)
    assert "Measured among all 12 tracks" in shown
    assert re.search(
        r"Song \d+ Unknown artist · track.mp3 in \d+ lists, by cosine alone in \d+ · nearest 0\.\d\d", shown
    )
    assert "As recommended: tracks in some list" in shown
    assert "Hide from recommendations" in shown


@pytest.mark.usefixtures("curator")
def test_there_may_be_nothing_to_compare(page_client):
    assert "Fewer than three tracks" in read(page_client)
