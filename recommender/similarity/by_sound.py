"""What sounds like a sound that is no track. Its own recording may be in the catalog, and is what is wanted then."""

from dataclasses import replace
from math import inf
from typing import Final

from recommender.catalog.models import SegmentVectors, Space
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import NO_TRACK, Seed
from recommender.similarity.errors import OtherSpaceError
from recommender.similarity.explain import Reason, ReasonKind
from recommender.similarity.moments import Moment, find_best_moments
from recommender.similarity.passages import find_similar_moments
from recommender.similarity.recommend import Recommendation, SimilarTracks, Wish, find_similar
from recommender.similarity.sounds import Sound
from recommender.similarity.spaces import active_space

# What encodings of one recording are held to (tests/corpus); different recordings of the labelled music stay below.
SAME_COSINE: Final = 0.98
# Recordings from the microphone end sooner.
LONGEST_PASSAGE_SECONDS: Final = 45.0


def similar_to_sound(sound: Sound, viewer: Viewer, wish: Wish | None = None) -> SimilarTracks:
    """The tracks among those `viewer` may see that sound most like `sound`.

    What is short is a passage of something, and compared with moments of tracks rather than with the whole of them:
    five seconds find the track they are from more often that way. Of what lasts, the same recording is told, and first.

    Raises OtherSpaceError.
    """
    space = active_space()
    if space is None or space.signature != sound.signature:
        raise OtherSpaceError("the sound was embedded for a space that is not the active one")
    # No track is as long: nothing is left out for being the seed.
    seed = Seed(track_id=NO_TRACK, audio_file="", vector=sound.vector, duration_seconds=inf, twin_ids=frozenset())
    if sound.duration_seconds <= LONGEST_PASSAGE_SECONDS and _knows_moments(space):
        return find_similar_moments(space, seed, sound, viewer, wish or Wish())
    found = find_similar(space, seed, sound, viewer, wish or Wish())
    return replace(found, recommendations=_same_first(_add_moments(space, sound, found.recommendations)))


def _knows_moments(space: Space) -> bool:
    """Not where nothing was analysed since segments are kept."""
    return SegmentVectors.objects.filter(embedding__space=space).exists()


def _add_moments(space: Space, sound: Sound, found: list[Recommendation]) -> list[Recommendation]:
    """Where in each track it sounds most like `sound` as a whole."""
    best = find_best_moments(space, sound.vector, [each.track.pk for each in found])
    moments = {
        track_id: Moment(seed_seconds=0.0, other_seconds=starts, cosine=float(vector @ sound.vector))
        for track_id, (starts, vector) in best.items()
    }
    return [replace(each, moment=moments.get(each.track.pk)) for each in found]


def _same_first(found: list[Recommendation]) -> list[Recommendation]:
    is_same = Reason(ReasonKind.RECORDING)
    same = [replace(each, reasons=[is_same, *each.reasons]) for each in found if each.cosine >= SAME_COSINE]
    return same + [each for each in found if each.cosine < SAME_COSINE]
