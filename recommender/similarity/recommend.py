"""What sounds like a track: candidates, brought into shape, with the reasons why each is there."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from recommender.catalog.models import Credit, Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.listening.feedback import opinion_on
from recommender.similarity.candidates import Candidate, Seed, find_seed, gather
from recommender.similarity.errors import BadWishError, IndexUnavailableError, check_count
from recommender.similarity.explain import Reason, ReasonKind, explain, explain_taste
from recommender.similarity.fetching import Question, choose_nearest
from recommender.similarity.filters import Filters
from recommender.similarity.moments import Moment, find_moments
from recommender.similarity.rerank import (
    LEAST_SIMILARITY,
    RAW,
    SHAPED,
    Shape,
    Step,
    StepReport,
    drop_unlike,
    keep_above_floor,
    move_by_taste,
    rerank,
)
from recommender.similarity.sounds import Sound
from recommender.similarity.taste import read_taste

logger = logging.getLogger(__name__)

LARGEST_LIMIT: Final = 100


class Variety(StrEnum):
    """RAW: the nearest, whatever they are. SHAPED: versions folded, artists and releases capped, spread out."""

    RAW = "raw"
    SHAPED = "shaped"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`without` names steps that are left out. Raises BadWishError when it makes no sense."""

    limit: int = 10
    variety: Variety = Variety.SHAPED
    strictness: float = 1.0
    filters: Filters = field(default_factory=Filters)
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_count(self.limit, LARGEST_LIMIT)
        if not (isfinite(self.strictness) and 0 <= self.strictness <= 1):
            raise BadWishError(_("Strictness is a number from 0 to 1."))
        unknown = self.without - {step.__name__ for step in SHAPED if step is not drop_unlike}
        if unknown:
            raise BadWishError(_("There is no step %(names)s.") % {"names": ", ".join(sorted(unknown))})

    @property
    def steps(self) -> tuple[Step, ...]:
        steps = RAW if self.variety == Variety.RAW else SHAPED
        return tuple(step for step in steps if step.__name__ not in self.without)


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """`similarity` 0-1 as this catalog has it, `cosine` as the vectors have it. `versions`: how many it stands for.
    `said` is the viewer's verdict on it, empty where there is none.
    `moment`: where both sound most alike, unless the segments of one of them are unknown.
    """

    track: Track
    similarity: float
    cosine: float
    versions: int
    reasons: list[Reason]
    said: str = ""
    moment: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class SimilarTracks:
    """`is_degraded`: the index could not be asked, so that an empty list means nothing. `is_floor_reached`: there are
    more tracks, and they do not really sound like the seed. `steps` say what each left out.
    """

    recommendations: list[Recommendation] = field(default_factory=list)
    steps: list[StepReport] = field(default_factory=list)
    is_floor_reached: bool = False
    is_degraded: bool = False

    @property
    def passed_over(self) -> int:
        """How many are left out for what the listener said before."""
        return count_passed_over(self.steps)


class Chosen(NamedTuple):
    """All that was near and may be shown, what is shown of it, and what each step left out."""

    candidates: list[Candidate]
    chosen: list[Candidate]
    steps: list[StepReport]


def similar_to(track: Track, viewer: Viewer, wish: Wish | None = None) -> SimilarTracks:
    """The tracks that sound most like `track` among those `viewer` may see."""
    wish = wish or Wish()
    found = find_seed(track)
    if found is None:
        return SimilarTracks()
    space, seed = found
    return _add_moments(space, seed, find_similar(space, seed, track, viewer, wish))


def find_similar(space: Space, seed: Seed, told: Track | Sound, viewer: Viewer, wish: Wish) -> SimilarTracks:
    """What sounds like `seed`. `told` is what the reasons compare with."""
    allowed = Track.objects.visible_to(viewer).recommendable().filter(wish.filters.condition())
    try:
        found = _choose(space, allowed, find_shape(space, seed, viewer, wish), wish)
    except IndexUnavailableError as error:
        logger.warning("similarity search is off: %s", error)
        return SimilarTracks(is_degraded=True)
    return SimilarTracks(
        recommendations=describe(told, found.chosen, viewer),
        steps=found.steps,
        is_floor_reached=len(found.chosen) < wish.limit and has_strangers(found.candidates),
    )


def _add_moments(space: Space, seed: Seed, found: SimilarTracks) -> SimilarTracks:
    moments = find_moments(space, seed.track_id, [each.track.pk for each in found.recommendations])
    told = [replace(each, moment=moments.get(each.track.pk)) for each in found.recommendations]
    return replace(found, recommendations=told)


def find_shape(space: Space, seed: Seed, viewer: Viewer, wish: Wish) -> Shape:
    """What the steps are told, with the viewer's taste as it is now."""
    return Shape(
        seed=seed,
        limit=wish.limit,
        strictness=wish.strictness,
        taste=read_taste(viewer, space, [seed.track_id]) if move_by_taste in wish.steps else None,
    )


def _choose(space: Space, allowed: TrackQuerySet, shape: Shape, wish: Wish) -> Chosen:
    def choose(track_ids: list[int]) -> Chosen:
        candidates = gather(space, shape.seed, allowed, {*track_ids, *shape.seed.together_ids})
        return Chosen(candidates, *rerank(candidates, shape, wish.steps))

    vectors, is_narrow = shape.seed.vector[None, :], not wish.filters.is_empty
    question = Question(space=space, vectors=vectors, allowed=allowed, is_narrow=is_narrow)
    return choose_nearest(question, choose, lambda found: is_enough(wish, found))


def is_enough(wish: Wish, found: Chosen) -> bool:
    """Whether more neighbours would change nothing."""
    return len(found.chosen) >= wish.limit or reaches_floor(found.candidates, wish)


def reaches_floor(candidates: Sequence[Candidate], wish: Wish) -> bool:
    """Whether what is further from the seed is below the floor, but for a few that whitening lifts just above it."""
    found = [candidate for candidate in candidates if not candidate.is_ruled]
    return keep_above_floor in wish.steps and any(candidate.seen_by_seed < LEAST_SIMILARITY for candidate in found)


def count_passed_over(steps: Sequence[StepReport]) -> int:
    """How many the listener's taste left out."""
    return sum(step.left_out for step in steps if step.name == move_by_taste.__name__)


def has_strangers(candidates: Sequence[Candidate]) -> bool:
    return any(candidate.similarity < LEAST_SIMILARITY and not candidate.is_ruled for candidate in candidates)


def describe(seed: Track | Sound, chosen: Sequence[Candidate], viewer: Viewer) -> list[Recommendation]:
    """With their tracks and the reasons. `seed` is what the reasons compare with."""
    listed = Track.objects.select_related("artist", "release", "audio_file").defer("waveform")
    listed = listed.annotate(said=opinion_on(viewer))
    tracks = listed.in_bulk([candidate.track_id for candidate in chosen])
    credited = Prefetch("credits", Credit.objects.select_related("artist"))
    own = [seed] if isinstance(seed, Track) else []
    prefetch_related_objects([*own, *tracks.values()], credited, "tags")
    return [
        Recommendation(
            track=tracks[candidate.track_id],
            similarity=candidate.similarity,
            cosine=candidate.cosine,
            versions=1 + len(candidate.versions),
            reasons=[
                *_explain_rule(candidate),
                *explain(seed, tracks[candidate.track_id]),
                *explain_taste(candidate.moved),
            ],
            said=vars(tracks[candidate.track_id])["said"],
        )
        for candidate in chosen
        if candidate.track_id in tracks
    ]


def _explain_rule(candidate: Candidate) -> list[Reason]:
    return [Reason(ReasonKind.TOGETHER)] if candidate.is_ruled else []
