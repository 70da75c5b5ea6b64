"""What ranks of moments are counted in: the segments of some tracks of the catalog, in the memory of this process."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.catalog.models import SegmentVectors, Space
from recommender.similarity.nearness.held import HeldBySpace
from recommender.similarity.segments import Rows, choose_representatives, find_segments
from recommender.similarity.vectors import TrackIds, Vector

TRACKS: Final = 512


@dataclass(frozen=True, eq=False)
class SegmentSample:
    """`vectors` float32 (s, dimension), those of track `track_ids[i]` (m,) from row `firsts[i]` on."""

    track_ids: TrackIds
    firsts: Rows
    vectors: Vector

    def cosines(self, vectors: Vector, track_ids: TrackIds) -> Vector:
        """(n, m) of n moments with the nearest segment of each track of the sample; -inf where it is its own track."""
        if not len(self.firsts):
            return np.zeros((len(vectors), 0), np.float32)
        found = np.maximum.reduceat(vectors @ self.vectors.T, self.firsts, axis=1)
        found[track_ids[:, None] == self.track_ids[None, :]] = -np.inf
        return np.asarray(found, np.float32)


def segment_sample_of(space: Space) -> SegmentSample:
    """The same for everybody who asks, as long as the catalog is much the same."""
    return _samples.of(space)


def _count(space: Space) -> int:
    return SegmentVectors.objects.filter(embedding__space=space).count()


def _draw(space: Space) -> SegmentSample:
    stored = SegmentVectors.objects.filter(embedding__space=space, embedding__track__is_deleting=False)
    ids = list(stored.order_by("pk").values_list("embedding__track", flat=True))
    if len(ids) > TRACKS:
        ids = np.random.default_rng(0).choice(ids, TRACKS, replace=False).tolist()
    found = {track_id: segments.vectors for track_id, segments in find_segments(space, ids).items()}
    chosen = [vectors[choose_representatives(vectors)] for vectors in found.values()]
    lengths = np.array([len(vectors) for vectors in chosen], np.int64)
    return SegmentSample(
        track_ids=np.array(list(found), np.int64),
        firsts=np.cumsum(lengths) - lengths,
        vectors=np.concatenate(chosen) if chosen else np.zeros((0, space.dimension), np.float32),
    )


_samples = HeldBySpace(_count, _draw)
