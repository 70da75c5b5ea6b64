from recommender.catalog.models.music import Artist, AudioFile, Release, Track, TrackQuerySet, Visibility
from recommender.catalog.models.spaces import Analysis, AnalysisState, Embedding, Space

__all__ = [
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
