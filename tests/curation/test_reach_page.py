import re

import numpy as np
import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Embedding, Track, Visibility
from recommender.curation import reach_page
from recommender.curation.reach_page import describe_reach
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db
TRACKS = 40


@pytest.fixture
def library():
    """Tracks in all directions, one in the middle of them and one away from all."""
    space, owner = make_space(), make_user()
    vectors = [unit_vector(seed) for seed in range(TRACKS)]
    vectors = [np.abs(vector) for vector in vectors]
    middle = np.sum(vectors, axis=0)
    vectors += [middle / np.linalg.norm(middle), -middle / np.linalg.norm(middle)]
    titles = [*(f"Track {number}" for number in range(TRACKS)), "Everywhere", "Nowhere"]
    for title, vector in zip(titles, vectors, strict=True):
        make_embedding(make_track(owner, title=title), space, vector.astype(np.float32))
    Embedding.objects.update(indexed_generation=space.generation)
    return space


@pytest.fixture
def curator(client):
    client.force_login(make_user(Role.CURATOR))


def read(client):
    page = client.get(reverse("admin:reach")).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(("role", "status"), [(Role.LISTENER, 302), (Role.CURATOR, 200)])
def test_the_page_is_for_curators(client, role, status):
    client.force_login(make_user(role))
    assert client.get(reverse("admin:reach")).status_code == status


@pytest.mark.usefixtures("library", "curator")
def test_hubs_and_orphans_are_listed_with_counts(client):
    page = describe_reach()
    hub = next(found for found in page.hubs if found.track.title == "Everywhere")
    assert hub.plain > 0.8 * TRACKS
    assert hub.served < hub.plain
    assert "Nowhere" in [found.track.title for found in page.loneliest]
    shown = read(client)
    assert f"Measured among all {TRACKS + 2} tracks" in shown
    assert f"Everywhere Unknown artist {hub.plain} {hub.served}" in shown
    assert "in no list" in shown
    assert "Hubs and orphans" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.usefixtures("library", "curator")
def test_it_is_measured_anew_only_after_a_change():
    first = describe_reach().measured
    assert describe_reach().measured is first
    hidden = Track.objects.get(title="Everywhere")
    Track.objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)
    second = describe_reach()
    assert second.measured.measured_at > first.measured_at
    assert hidden.pk not in second.measured.track_ids


@pytest.mark.usefixtures("curator")
def test_of_a_large_library_some_are_measured(client, library, monkeypatch):
    monkeypatch.setattr(reach_page, "MOST_MEASURED", 20)
    reach_page._measure.cache_clear()
    assert f"Measured among 20 of the {TRACKS + 2} tracks" in read(client)
    reach_page._measure.cache_clear()


@pytest.mark.usefixtures("curator")
def test_there_may_be_nothing_to_compare(client):
    assert "Fewer than three tracks" in read(client)


@pytest.mark.usefixtures("library", "curator")
def test_the_page_costs_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        client.get(reverse("admin:reach"))
