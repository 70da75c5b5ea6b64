"""Tracks that were analysed, analysed again: after a failure was mended, or to learn what an older version did not."""

from django.db.models import Exists, OuterRef, Q

from recommender.catalog.models import Analysis, AnalysisState, Embedding, Spectrogram
from recommender.similarity.spaces import active_space

BATCH = 500
_WITHOUT_SEGMENTS = Embedding.objects.filter(track=OuterRef("track"), space=OuterRef("space"), segments__isnull=True)
_SPECTROGRAM = Spectrogram.objects.filter(audio_file=OuterRef("track__audio_file"))
# What may be asked for, and which tracks that means.
CHOICES = {
    "all": Q(),
    "failed": Q(state=AnalysisState.FAILED),
    "unmeasured": Q(track__audio_file__audio_sha256="")
    | Q(Exists(_WITHOUT_SEGMENTS))
    | Q(~Exists(_SPECTROGRAM), track__is_playable=True),
}


def queue_again(choice: str) -> int:
    """Queue the tracks of `choice` (of CHOICES) again in the space that answers; how many those are.

    The sweeper wakes the workers. Until its turn has come a track is found by others as before.
    """
    analysed = Analysis.objects.filter(CHOICES[choice], space=active_space(), track__is_deleting=False)
    ids = list(analysed.values_list("pk", flat=True))
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return sum(Analysis.objects.filter(pk__in=batch).start_anew() for batch in batches)
