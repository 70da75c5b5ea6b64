"""What sounds like a track: candidates, brought into shape, with the reasons why each is there."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from typing import Final

from django.db.models import Prefetch, prefetch_related_objects

from recommender.catalog.models import Credit, Space, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.similarity.candidates import Candidate, Seed, find_seed, gather
from recommender.similarity.errors import BadWishError, IndexUnavailableError, check_count
from recommender.similarity.explain import Reason, explain, explain_taste
from recommender.similarity.filters import Filters
from recommender.similarity.index import get_index
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
from recommender.similarity.sync import alias_of
from recommender.similarity.taste import read_taste

logger = logging.getLogger(__name__)

LARGEST_LIMIT: Final = 100
# The first question to the index. A neighbour beyond it is outranked by so many others, seen from the seed alone.
_FETCH: Final = 200
_LARGEST_FETCH: Final = 4_096
# What filters leave of the catalog is compared with the seed one by one up to here, without asking the index.
_FEW: Final = 2_000


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
            raise BadWishError("Strictness is a number from 0 to 1.")
        unknown = self.without - {step.__name__ for step in SHAPED if step is not drop_unlike}
        if unknown:
            raise BadWishError(f"There is no step {', '.join(sorted(unknown))}.")

    @property
    def steps(self) -> tuple[Step, ...]:
        steps = RAW if self.variety == Variety.RAW else SHAPED
        return tuple(step for step in steps if step.__name__ not in self.without)


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """`similarity` 0-1 as this catalog has it, `cosine` as the vectors have it. `versions`: how many it stands for.
    `moment`: where both sound most alike, unless the segments of one of them are unknown.
    """

    track: Track
    similarity: float
    cosine: float
    versions: int
    reasons: list[Reason]
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
        return sum(step.left_out for step in self.steps if step.name == move_by_taste.__name__)


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
        candidates, chosen, reports = _choose(space, allowed, find_shape(space, seed, viewer, wish), wish)
    except IndexUnavailableError as error:
        logger.warning("similarity search is off: %s", error)
        return SimilarTracks(is_degraded=True)
    return SimilarTracks(
        recommendations=describe(told, chosen),
        steps=reports,
        is_floor_reached=len(chosen) < wish.limit and has_strangers(candidates),
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


def _choose(
    space: Space, allowed: TrackQuerySet, shape: Shape, wish: Wish
) -> tuple[list[Candidate], list[Candidate], list[StepReport]]:
    """Ask for more and more neighbours until enough are left of them, or there are no more that sound like the seed."""
    seed = shape.seed
    if not wish.filters.is_empty and (few := _find_few(space, allowed)) is not None:
        candidates = gather(space, seed, allowed, few)
        return candidates, *rerank(candidates, shape, wish.steps)
    fetch = _FETCH
    while True:
        found = get_index().neighbours(alias_of(space), seed.vector[None, :], fetch)[0]
        candidates = gather(space, seed, allowed, [neighbour.track_id for neighbour in found])
        chosen, reports = rerank(candidates, shape, wish.steps)
        is_all = len(found) < fetch or reaches_floor(candidates, wish)
        if is_all or len(chosen) >= wish.limit:
            return candidates, chosen, reports
        if fetch >= _LARGEST_FETCH:
            # Nearly all that is near is hidden from the viewer; what is not may be little.
            few = _find_few(space, allowed) if wish.filters.is_empty else None
            candidates = candidates if few is None else gather(space, seed, allowed, few)
            return candidates, *rerank(candidates, shape, wish.steps)
        fetch = min(fetch * 5, _LARGEST_FETCH)


def _find_few(space: Space, allowed: TrackQuerySet) -> list[int] | None:
    """All there is that may be shown, or None where that is too much to be compared one by one."""
    ids = list(allowed.filter(embeddings__space=space).values_list("pk", flat=True)[: _FEW + 1])
    return ids if len(ids) <= _FEW else None


def reaches_floor(candidates: Sequence[Candidate], wish: Wish) -> bool:
    """Whether all that is further from the seed is below the floor."""
    has_floor = keep_above_floor in wish.steps
    return has_floor and any(candidate.seen_by_seed < LEAST_SIMILARITY for candidate in candidates)


def has_strangers(candidates: Sequence[Candidate]) -> bool:
    return any(candidate.similarity < LEAST_SIMILARITY for candidate in candidates)


def describe(seed: Track | Sound, chosen: Sequence[Candidate]) -> list[Recommendation]:
    """With their tracks and the reasons. `seed` is what the reasons compare with."""
    listed = Track.objects.select_related("artist", "release", "audio_file").defer("waveform")
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
            reasons=[*explain(seed, tracks[candidate.track_id]), *explain_taste(candidate.moved)],
        )
        for candidate in chosen
        if candidate.track_id in tracks
    ]
