"""Moods that people say of a track, beside the words that an encoder found in it.

They are words like any other: a track has them in full, so that facets, descriptions, filters and rules of the pool
know them at once.
"""

from collections.abc import Collection
from typing import Final

from django.db.models import F

from recommender.catalog.models import Track, TrackTag

# Words of `similarity.describing.vocabulary` that say how music feels, rather than what kind it is or who plays.
MOODS: Final = (
    *("atmospheric", "bright", "calm", "chillout", "cinematic", "dark", "emotional", "energetic", "happy", "mellow"),
    *("party", "powerful", "relaxing", "sad"),
)
SAID: Final = 1.0


def set_moods(track: Track, moods: Collection[str]) -> None:
    """What the encoder heard is kept beside, and stays when nobody says it any more. Raises ValueError for another word
    than MOODS. Call it inside a transaction.
    """
    if strange := set(moods).difference(MOODS):
        raise ValueError(f"no moods: {', '.join(sorted(strange))}")
    taken_back = track.tags.filter(is_given=True).exclude(name__in=moods)
    taken_back.filter(heard=None).delete()
    taken_back.update(is_given=False, probability=F("heard"), heard=None)
    only_heard = track.tags.filter(is_given=False, name__in=moods)
    only_heard.update(is_given=True, heard=F("probability"), probability=SAID)
    there = set(track.tags.filter(is_given=True).values_list("name", flat=True))
    TrackTag.objects.bulk_create(
        TrackTag(track=track, name=name, probability=SAID, is_given=True) for name in sorted(set(moods) - there)
    )
