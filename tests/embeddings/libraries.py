"""Made-up libraries of vectors in which it is known what belongs together, and what only hides it."""

import numpy as np

from embeddings.adaptation_measures import Library

RELEASES, TRACKS, SEGMENTS = 2, 3, 6


def make_library(artists: int = 40, *, dimension: int = 16, nuisance: float = 2.0, seed: int = 0) -> Library:
    """Artists with two releases of three tracks of six segments.

    The first half of the dimensions is the artist with a little of its own for each track; the second half is chance
    that changes from segment to segment, ``nuisance`` times as strong. A head that turns the second half down finds
    better. With an infinite nuisance everything is chance.
    """
    rng = np.random.default_rng(seed)
    count = artists * RELEASES * TRACKS
    half = dimension // 2
    centres = np.repeat(rng.normal(size=(artists, half)), RELEASES * TRACKS, axis=0)
    own = centres + 0.6 * rng.normal(size=(count, half))
    if np.isinf(nuisance):
        own, nuisance = rng.normal(size=own.shape), 1.0
    chance = nuisance * rng.normal(size=(count, half))
    segments = np.concatenate(
        [
            np.repeat(own, SEGMENTS, axis=0),
            np.repeat(chance, SEGMENTS, axis=0) + 0.7 * nuisance * rng.normal(size=(count * SEGMENTS, half)),
        ],
        axis=1,
    )
    segments /= np.linalg.norm(segments, axis=1, keepdims=True)
    vectors = segments.reshape(count, SEGMENTS, dimension).mean(axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Library(
        vectors=vectors.astype(np.float32),
        artists=np.arange(count) // (RELEASES * TRACKS),
        releases=np.arange(count) // TRACKS,
        recordings=np.arange(count),
        segments=segments.astype(np.float32),
        segment_tracks=np.arange(count * SEGMENTS) // SEGMENTS,
    )
