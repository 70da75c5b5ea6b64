import numpy as np

from recommender.similarity.nearness.whitening import find_whitening, whiten


def make_vectors(count, dimension=32):
    """Unit vectors that vary most along the first axis, and have the second in common."""
    made = np.random.default_rng(3).normal(size=(count, dimension))
    made[:, 0] *= 6
    made[:, 1] = 8
    return (made / np.linalg.norm(made, axis=1)[:, None]).astype(np.float32)


def cosines_of(vectors):
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def test_what_is_common_counts_less_and_lengths_stay():
    vectors = make_vectors(2_000)
    whitened = whiten(vectors, find_whitening(vectors))
    assert whitened.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(whitened, axis=1), 1, atol=1e-5)
    before, after = ((found**2).mean(axis=0) for found in (vectors, whitened))
    assert after[1] < 0.9 * before[1]
    assert after[0] / after[2:].mean() < 0.9 * before[0] / before[2:].mean()
    assert cosines_of(whitened).mean() < cosines_of(vectors).mean()


def test_of_few_tracks_little_is_learnt():
    vectors = make_vectors(2_000)
    by_all, by_few = (cosines_of(whiten(vectors[:50], find_whitening(some))) for some in (vectors, vectors[:50]))
    plain = cosines_of(vectors[:50])
    assert np.abs(by_few - plain).mean() < 0.5 * np.abs(by_all - plain).mean()


def test_without_tracks_nothing_changes():
    vectors = make_vectors(5)
    np.testing.assert_allclose(whiten(vectors, find_whitening(vectors[:0])), vectors, atol=1e-6)
