"""Tracks that were analysed, analysed again: after a failure was mended, or to learn what an older version did not."""

from django.db.models import Exists, OuterRef, Q

from recommender.catalog.models import Analysis, AnalysisState, Embedding, Spectrogram
from recommender.catalog.models.spaces import AnalysisQuerySet
from recommender.similarity.spaces import active_space, chosen_space

BATCH = 500
_WITHOUT_SEGMENTS = Embedding.objects.filter(track=OuterRef("track"), space=OuterRef("space"), segments__isnull=True)
_VECTOR = Embedding.objects.filter(track=OuterRef("track"), space=OuterRef("space"))
_SPECTROGRAM = Spectrogram.objects.filter(audio_file=OuterRef("track__audio_file"))
# What may be asked for, and which tracks that means.
CHOICES = {
    "all": Q(),
    "failed": Q(state=AnalysisState.FAILED),
    "unmeasured": Q(track__audio_file__audio_sha256="")
    | Q(Exists(_WITHOUT_SEGMENTS))
    | Q(~Exists(_SPECTROGRAM), track__is_playable=True),
    "missing": ~Q(Exists(_VECTOR)),
}
# These are asked of the encoder that was chosen last, the others of the one that answers.
_OF_CHOSEN = frozenset({"missing"})


def find_again(choice: str) -> AnalysisQuerySet:
    """The analyses that `choice` (of CHOICES) means, as far as they have ended: the others are done anyway."""
    space = chosen_space() if choice in _OF_CHOSEN else active_space()
    ended = Analysis.objects.ended().filter(space=space, track__is_deleting=False)
    return ended.filter(CHOICES[choice])


def queue_again(choice: str) -> int:
    """Queue the tracks of `choice` again; how many those are.

    The sweeper wakes the workers. Until its turn has come a track is found by others as before.
    """
    ids = list(find_again(choice).values_list("pk", flat=True))
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return sum(Analysis.objects.filter(pk__in=batch).start_anew() for batch in batches)
