from recommender.catalog.models.artists import ArtistAlias, DistinctNames, MergedArtist
from recommender.catalog.models.edits import TrackEdit
from recommender.catalog.models.files import AudioFile, Cover, Fingerprint, Rendition, Spectrogram
from recommender.catalog.models.maps import MapPoint, MapRegion
from recommender.catalog.models.merged import MergedTrack
from recommender.catalog.models.music import (
    Artist,
    Credit,
    Genre,
    Release,
    Track,
    TrackQuerySet,
    TrackTag,
    Visibility,
)
from recommender.catalog.models.pair_rules import PairRule, PairSaying
from recommender.catalog.models.pauses import Pause
from recommender.catalog.models.pool import PoolHit, PoolKind, PoolRule
from recommender.catalog.models.recordings import Evidence, PairVerdict, RecordingPair
from recommender.catalog.models.shelves import Revision, Shelf
from recommender.catalog.models.spaces import (
    MEDIA_LOST,
    Analysis,
    AnalysisRetry,
    AnalysisState,
    Embedding,
    SegmentVectors,
    Space,
)
from recommender.catalog.models.trash import TrashedTrack
from recommender.catalog.models.uploads import ImportedFile, Upload, UploadState

__all__ = [
    "MEDIA_LOST",
    "Analysis",
    "AnalysisRetry",
    "AnalysisState",
    "Artist",
    "ArtistAlias",
    "AudioFile",
    "Cover",
    "Credit",
    "DistinctNames",
    "Embedding",
    "Evidence",
    "Fingerprint",
    "Genre",
    "ImportedFile",
    "MapPoint",
    "MapRegion",
    "MergedArtist",
    "MergedTrack",
    "PairRule",
    "PairSaying",
    "PairVerdict",
    "Pause",
    "PoolHit",
    "PoolKind",
    "PoolRule",
    "RecordingPair",
    "Release",
    "Rendition",
    "Revision",
    "SegmentVectors",
    "Shelf",
    "Space",
    "Spectrogram",
    "Track",
    "TrackEdit",
    "TrackQuerySet",
    "TrackTag",
    "TrashedTrack",
    "Upload",
    "UploadState",
    "Visibility",
]
