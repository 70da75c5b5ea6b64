"""What sounds like a track: its vector from SQL, neighbours from the index, and SQL's word on what may be shown."""

import logging
from dataclasses import dataclass

from django.db.models import Prefetch

from recommender.catalog.models import Credit, Embedding, Space, Track
from recommender.catalog.models.music import Viewer
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import Neighbour, get_index
from recommender.similarity.sync import alias_of
from recommender.similarity.vectors import Vector, from_bytes

logger = logging.getLogger(__name__)

OVERFETCH = 4
LARGEST_FETCH = 4_096


@dataclass(frozen=True)
class Recommendation:
    """`similarity` 0-1, larger is nearer: the cosine, with everything that points away counted as 0."""

    track: Track
    similarity: float


@dataclass(frozen=True)
class SimilarTracks:
    """`is_degraded`: the index could not be asked, so that an empty list means nothing."""

    recommendations: list[Recommendation]
    is_degraded: bool = False


def similar_to(track: Track, viewer: Viewer, limit: int = 10) -> SimilarTracks:
    """Up to `limit` tracks that sound most like `track` among those `viewer` may see, nearest first."""
    embedding = Embedding.objects.filter(track=track, space__is_active=True).select_related("space").first()
    if embedding is None:
        return SimilarTracks([])
    try:
        return SimilarTracks(_nearest(embedding.space, track, from_bytes(embedding.vector), viewer=viewer, limit=limit))
    except IndexUnavailableError as error:
        logger.warning("similarity search is off: %s", error)
        return SimilarTracks([], is_degraded=True)


def _nearest(space: Space, seed: Track, vector: Vector, *, viewer: Viewer, limit: int) -> list[Recommendation]:
    """Ask for more and more neighbours until enough of them may be shown, or there are no more."""
    fetch = limit * OVERFETCH
    while True:
        neighbours = get_index().neighbours(alias_of(space), vector[None, :], fetch)[0]
        shown = _allowed(neighbours, seed, viewer)
        if len(shown) >= limit or len(neighbours) < fetch or fetch >= LARGEST_FETCH:
            return shown[:limit]
        fetch = min(fetch * 4, LARGEST_FETCH)


def _allowed(neighbours: list[Neighbour], seed: Track, viewer: Viewer) -> list[Recommendation]:
    """Neighbours as tracks, less the seed's own file and whatever SQL does not let `viewer` see now."""
    ids = [neighbour.track_id for neighbour in neighbours]
    candidates = Track.objects.visible_to(viewer).recommendable().exclude(audio_file=seed.audio_file_id)
    listed = candidates.select_related("artist", "release", "audio_file").defer("waveform")
    tracks = listed.prefetch_related(Prefetch("credits", Credit.objects.select_related("artist"))).in_bulk(ids)
    return [
        Recommendation(tracks[neighbour.track_id], min(1.0, max(0.0, neighbour.similarity)))
        for neighbour in neighbours
        if neighbour.track_id in tracks
    ]
