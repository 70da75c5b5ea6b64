import numpy as np
import pytest

from recommender.similarity.nearness.pairwise import Tracks, compare_all, compare_pairs
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(space):
    made = []
    for number in range(40):
        made.append(make_track())
        make_embedding(made[-1], space, unit_vector(number))
    synchronise_space(space)
    return Tracks(np.array([track.pk for track in made]), np.stack([unit_vector(number) for number in range(40)]))


def test_all_pairs_and_some_are_alike(space, tracks):
    table = compare_all(space, tracks, tracks)
    rows, columns = np.array([(row, column) for row in range(40) for column in range(40) if row != column]).T
    pairs = [Tracks(tracks.ids[chosen], tracks.vectors[chosen]) for chosen in (rows, columns)]
    assert table[rows, columns] == pytest.approx(compare_pairs(space, *pairs), abs=2e-3)


def test_a_part_is_the_part_of_the_whole(space, tracks):
    some = Tracks(tracks.ids[:3], tracks.vectors[:3])
    assert np.allclose(compare_all(space, some, tracks), compare_all(space, tracks, tracks)[:3])


def test_who_stands_aside_is_counted_nowhere(space, tracks):
    """A track between two others takes a rank from them; put aside it does not."""
    some = Tracks(tracks.ids[:3], tracks.vectors[:3])
    plain, aside = (compare_all(space, some, tracks, aside=ids) for ids in (tracks.ids[:0], tracks.ids[:3]))
    assert not np.allclose(plain, aside)
    assert compare_all(space, some, tracks, aside=tracks.ids).shape == (3, 40)


def test_nothing_compares_with_nothing(space, tracks):
    nothing = Tracks(tracks.ids[:0], tracks.vectors[:0])
    assert compare_all(space, nothing, tracks).shape == (0, 40)
    assert compare_all(space, tracks, nothing).shape == (40, 0)
