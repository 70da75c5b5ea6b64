import numpy as np
import pytest

from recommender.similarity.nearness.pairwise import Tracks, compare_in
from recommender.similarity.nearness.ranks import similarity_of
from recommender.similarity.nearness.sample import Sample, draw_rows, sample_of
from tests.people import make_embedding, make_track, unit_vector

IDS = np.arange(200)


@pytest.fixture(scope="module")
def vectors():
    made = np.random.default_rng(2).normal(size=(200, 32)) + 0.5
    return (made / np.linalg.norm(made, axis=1)[:, None]).astype(np.float32)


@pytest.fixture(scope="module")
def sample(vectors):
    return Sample(IDS[:150], vectors[:150])


def test_a_draw_is_the_same_every_time():
    assert draw_rows(1000, 50).tolist() == draw_rows(1000, 50).tolist()
    assert draw_rows(5, 50).tolist() == [0, 1, 2, 3, 4]


def test_a_track_does_not_see_itself(vectors, sample):
    seen = sample.see(sample.whiten(vectors[140:160]), IDS[140:160])
    assert np.isinf(seen).sum(axis=1).tolist() == [1] * 10 + [0] * 10


def test_one_seed_and_all_pairs_agree(vectors, sample):
    everything = Tracks(IDS, vectors)
    for seed in (3, 170):
        one = similarity_of(sample.rank_from(vectors[seed], seed, vectors, IDS))
        all_pairs = compare_in(sample, Tracks(IDS[[seed]], vectors[[seed]]), everything)[0]
        np.testing.assert_allclose(one, all_pairs, atol=1e-6)


def test_a_smaller_cosine_is_never_seen_as_nearer(vectors, sample):
    cosines = np.delete(vectors @ vectors[3], 3)
    shares = sample.rank_by_cosine(vectors[3], 3, np.delete(vectors, 3, axis=0))
    assert (np.diff(shares[np.argsort(cosines)]) <= 0).all()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_small_samples_give_no_nonsense(vectors, count):
    sample = Sample(IDS[:count], vectors[:count])
    shares = sample.rank_from(vectors[0], 0, vectors[:5], IDS[:5])
    assert ((shares >= 0) & (shares <= 1)).all()


@pytest.mark.django_db
def test_a_sample_is_of_the_tracks_that_stay(space):
    kept, going = make_track(), make_track(is_deleting=True)
    for number, track in enumerate((kept, going)):
        make_embedding(track, space, unit_vector(number))
    assert sample_of(space).track_ids.tolist() == [kept.pk]
    assert sample_of(space) is sample_of(space)
