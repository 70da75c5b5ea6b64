"""What would go well with a playlist: what sounds like its tracks, as in a blend, and is not there yet."""

from typing import Final

from recommender.catalog.models import Track
from recommender.catalog.models.music import Viewer
from recommender.listening.models import Playlist
from recommender.listening.playlists import settled_tracks, tracks_of
from recommender.similarity.blend import MOST_SEEDS, Blend, Ingredient, Recipe, find_blend

USUAL_COUNT: Final = 5


def suggest_additions(playlist: Playlist, viewer: Viewer, count: int = USUAL_COUNT) -> Blend | None:
    """At most `count` tracks that `viewer` may see and that were not refused; None where there is nothing to be like.

    The seeds are spread over the whole playlist, first and last included, so that a long one costs no more than a blend
    of MOST_SEEDS tracks, and a track that was just added counts at once.
    """
    seeds = Track.objects.visible_to(viewer).in_bulk(choose_seeds(tracks_of(playlist, viewer)))
    if not seeds:
        return None
    likes = [Ingredient(track=track) for track in seeds.values()]
    return find_blend(Recipe(likes=likes, limit=count, without=settled_tracks(playlist)), viewer)


def choose_seeds(track_ids: list[int]) -> list[int]:
    """At most MOST_SEEDS different ones, evenly spread, with the first and the last."""
    different = list(dict.fromkeys(reversed(track_ids)))
    if len(different) <= MOST_SEEDS:
        return different
    step = (len(different) - 1) / (MOST_SEEDS - 1)
    return [different[round(number * step)] for number in range(MOST_SEEDS)]
