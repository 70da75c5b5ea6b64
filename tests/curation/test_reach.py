import numpy as np
import pytest

from recommender.catalog.models import Embedding, Track, Visibility
from recommender.curation import reach
from recommender.curation.reach import describe_reach
from tests.people import make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db
TRACKS = 40


@pytest.fixture
def library():
    """Tracks in all directions, one in the middle of them and one away from all."""
    space, owner = make_space(), make_user()
    vectors = [np.abs(unit_vector(seed)) for seed in range(TRACKS)]
    middle = np.sum(vectors, axis=0)
    vectors += [middle / np.linalg.norm(middle), -middle / np.linalg.norm(middle)]
    titles = [*(f"Track {number}" for number in range(TRACKS)), "Everywhere", "Nowhere"]
    for title, vector in zip(titles, vectors, strict=True):
        make_embedding(make_track(owner, title=title), space, vector.astype(np.float32))
    Embedding.objects.update(indexed_generation=space.generation)
    return space


@pytest.mark.usefixtures("library")
def test_hubs_and_orphans_are_found():
    found = describe_reach()
    hub = next(each for each in found.hubs if each.track.title == "Everywhere")
    assert hub.plain > 0.8 * TRACKS
    assert hub.served < hub.plain
    assert "Nowhere" in [each.track.title for each in found.loneliest]
    assert not found.is_drawn


@pytest.mark.usefixtures("library")
def test_it_is_measured_anew_only_after_a_change():
    first = describe_reach().measured
    assert describe_reach().measured is first
    hidden = Track.objects.get(title="Everywhere")
    Track.objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)
    second = describe_reach()
    assert second.measured.measured_at > first.measured_at
    assert hidden.pk not in second.measured.track_ids


@pytest.mark.usefixtures("library")
def test_of_a_large_library_some_are_measured(monkeypatch):
    monkeypatch.setattr(reach, "MOST_MEASURED", 20)
    reach._measure.cache_clear()
    found = describe_reach()
    assert (found.is_drawn, len(found.measured.track_ids), found.measured.total) == (True, 20, TRACKS + 2)
    reach._measure.cache_clear()


def test_there_may_be_nothing_to_compare():
    assert describe_reach() is None
