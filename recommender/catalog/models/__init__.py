from recommender.catalog.models.music import Artist, AudioFile, Release, Track, TrackQuerySet, Visibility
from recommender.catalog.models.spaces import MEDIA_LOST, Analysis, AnalysisState, Embedding, Space

__all__ = [
    "MEDIA_LOST",
    "Analysis",
    "AnalysisState",
    "Artist",
    "AudioFile",
    "Embedding",
    "Release",
    "Space",
    "Track",
    "TrackQuerySet",
    "Visibility",
]
