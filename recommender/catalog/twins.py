"""Tracks that are, or may be, the same recording as another one."""

from recommender.catalog.models import PairVerdict, RecordingPair, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer


def possible_twins(track: Track, viewer: Viewer) -> TrackQuerySet:
    """What `viewer` may see of the tracks that may be one recording with `track` and were not judged different."""
    pairs = RecordingPair.objects.exclude(verdict=PairVerdict.DIFFERENT)
    others = pairs.filter(first=track).values("second").union(pairs.filter(second=track).values("first"))
    return Track.objects.visible_to(viewer).filter(pk__in=others)
