import numpy as np
import pytest

from embeddings.blockwise import UNKNOWN, find_neighbours
from recommender.catalog.models import Artist, Embedding, Release, Visibility
from recommender.operations.catalog_vectors import group_copies, read_catalog
from recommender.operations.errors import CatalogTooSmallError
from recommender.similarity.vectors import to_bytes
from tests.people import make_audio_file, make_embedding, make_space, make_track, unit_vector

pytestmark = pytest.mark.django_db


def near(vector: np.ndarray, cosine: float, seed: int = 99) -> np.ndarray:
    """A unit vector at this cosine to `vector`."""
    other = unit_vector(seed)
    across = other - (other @ vector) * vector
    made = cosine * vector + np.sqrt(1 - cosine**2) * across / np.linalg.norm(across)
    return made.astype(np.float32)


def test_all_playable_tracks_of_the_active_space_are_read():
    space, other_space = make_space(), make_space(is_active=False)
    artist = Artist.objects.create(name="The Tests")
    release = Release.objects.create(title="First Light", artist=artist)
    tagged = make_track(artist=artist, release=release, title="Harbour", visibility=Visibility.PRIVATE)
    plain = make_track(duration_seconds=None)
    for seed, track in enumerate((tagged, plain, make_track(is_playable=False), make_track(is_deleting=True))):
        make_embedding(track, space, unit_vector(seed))
    make_embedding(make_track(), other_space, unit_vector(9))

    found = read_catalog(2)
    assert found.space == space
    np.testing.assert_array_equal(found.track_ids, [tagged.pk, plain.pk])
    np.testing.assert_allclose(found.vectors, [unit_vector(0), unit_vector(1)])
    assert found.vectors.dtype == np.float32
    assert found.artists.tolist() == [artist.pk, UNKNOWN]
    assert found.releases.tolist() == [release.pk, UNKNOWN]
    assert found.durations.tolist() == [60, 0]
    assert [found.name(row) for row in (0, 1)] == ["The Tests: Harbour", plain.title]


def test_damaged_vectors_are_left_out_and_counted():
    space = make_space()
    for seed in range(5):
        make_embedding(make_track(), space, unit_vector(seed))
    first, second, third, *_ = Embedding.objects.order_by("pk")
    Embedding.objects.filter(pk=first.pk).update(vector=b"short")
    Embedding.objects.filter(pk=second.pk).update(vector=to_bytes(np.full(8, np.nan, np.float32)))
    Embedding.objects.filter(pk=third.pk).update(vector=to_bytes(np.zeros(8, np.float32)))
    found = read_catalog(2)
    assert (len(found), found.damaged) == (2, 3)


def test_without_a_space_or_with_too_few_tracks_there_is_a_sentence():
    with pytest.raises(CatalogTooSmallError, match="prepare"):
        read_catalog(1)
    space = make_space()
    with pytest.raises(CatalogTooSmallError, match="0 tracks have a vector"):
        read_catalog(1)
    make_embedding(make_track(), space, unit_vector(1))
    with pytest.raises(CatalogTooSmallError, match=r"1 tracks have a vector.*at least 2.*Add music"):
        read_catalog(2)


def test_copies_of_one_recording_get_one_number():
    space = make_space()
    artist = Artist.objects.create(name="The Tests")
    file, base = make_audio_file(), unit_vector(0)
    same_file = [(make_track(audio_file=file), base), (make_track(audio_file=file), unit_vector(1))]
    encodings = [
        (make_track(duration_seconds=100), unit_vector(2)),
        (make_track(duration_seconds=100.4), near(unit_vector(2), 0.999)),
    ]
    longer = [(make_track(duration_seconds=130), near(unit_vector(2), 0.999))]
    editions = [
        (make_track(duration_seconds=200, title="Dawn", artist=artist), unit_vector(3)),
        (make_track(duration_seconds=201.5, title="DAWN", artist=artist), near(unit_vector(3), 0.95)),
    ]
    others = [
        (make_track(duration_seconds=200, title="Dawn"), near(unit_vector(3), 0.96, seed=7)),
        (make_track(duration_seconds=200, title="Dusk", artist=artist), near(unit_vector(3), 0.94, seed=8)),
    ]
    for track, vector in [*same_file, *encodings, *longer, *editions, *others]:
        make_embedding(track, space, vector)
    catalog = read_catalog(2)
    groups = group_copies(catalog, find_neighbours(catalog.vectors, 8))
    number = dict(zip(catalog.track_ids.tolist(), groups.tolist(), strict=True))
    for pair in (same_file, encodings, editions):
        assert number[pair[0][0].pk] == number[pair[1][0].pk]
    assert len(set(groups.tolist())) == 6
