"""Asking the index for more and more, until enough is left of what it finds.

The index knows nothing of who may see what, of filters, versions or copies: of its nearest tracks any number may be
left out, and those that are left may be too few for a page while there are more. So it is asked again, for more. Where
even that is not enough, nearly all that is near is hidden from the viewer or filtered out, and all that is not is
compared one by one, without the index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import numpy as np

from recommender.catalog.models import Space, TrackQuerySet
from recommender.similarity.index import get_index
from recommender.similarity.nearness.pairwise import merge_answers
from recommender.similarity.sync import alias_of, segments_alias_of
from recommender.similarity.vectors import Vector, stack_vectors

Chosen = TypeVar("Chosen")

# A neighbour beyond the first so many is outranked by as many others, seen from the seed alone.
SIZES: Final = (200, 1_000, 4_096)
# So many that may be shown are taken as they are; of up to so many more, those that are nearest.
FEW: Final = 2_000
_MOST_COMPARED: Final = 20_000
_READ_AT_ONCE: Final = 2_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What is near to any of `vectors` (n, dimension), n >= 1, among `allowed`.

    `is_narrow`: `allowed` may well be little, so that it is looked at before the index. `by_moments`: tracks by their
    nearest segment. `per_answer`: of several answers together at most so many times what each is asked for.
    `looked_at`: of more than so many only the first count, so that they have to be in order.
    """

    space: Space
    vectors: Vector
    allowed: TrackQuerySet
    is_narrow: bool = False
    by_moments: bool = False
    per_answer: int | None = None
    looked_at: int = FEW


def choose_nearest(
    question: Question,
    choose: Callable[[list[int]], Chosen],
    is_enough: Callable[[Chosen], bool],
    *,
    sizes: Sequence[int] = (),
) -> Chosen:
    """What `choose` makes of the ids of the nearest tracks, nearest first, when that `is_enough` or there are no more.

    It is given whatever is near: that the viewer may see it is for `choose` to check. Where all is looked at that may
    be shown, it comes in any order. `sizes`: how many the index is asked for, one after the other; SIZES where none are
    given. Raises IndexUnavailableError.
    """
    if question.is_narrow and (few := _find_few(question)) is not None:
        return choose(few)
    for size in sizes or SIZES:
        track_ids, is_all = _ask(question, size)
        chosen = choose(track_ids)
        if is_all or is_enough(chosen):
            return chosen
    few = _find_few(question)
    rest = _find_nearest_allowed(question) if few is None else few
    return chosen if rest is None else choose(rest)


def _ask(question: Question, size: int) -> tuple[list[int], bool]:
    """The nearest, and whether these are all there are."""
    index, space = get_index(), question.space
    if question.by_moments:
        answers = index.segment_neighbours(segments_alias_of(space), question.vectors, size)
    else:
        answers = index.neighbours(alias_of(space), question.vectors, size)
    most = None if question.per_answer is None else question.per_answer * size
    return merge_answers(answers)[:most], all(len(answer) < size for answer in answers)


def _find_few(question: Question) -> list[int] | None:
    """All there is that may be shown, or None where that is more than a FEW."""
    heard = question.allowed.filter(embeddings__space=question.space).order_by()
    ids = list(heard.values_list("pk", flat=True)[: FEW + 1])
    if len(ids) > FEW:
        return None
    return ids if len(ids) <= question.looked_at else _find_nearest_allowed(question)


def _find_nearest_allowed(question: Question) -> list[int] | None:
    """The FEW nearest of all that may be shown, or None where those are too many to be compared."""
    heard = question.allowed.filter(embeddings__space=question.space).order_by()
    if heard[_MOST_COMPARED:].exists():
        return None
    ids, nearness = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    rows = heard.values_list("pk", "embeddings__vector").iterator(_READ_AT_ONCE)
    while part := list(islice(rows, _READ_AT_ONCE)):
        part_ids, vectors = stack_vectors(part, question.space.dimension)
        ids.append(part_ids)
        nearness.append((vectors @ question.vectors.T).max(axis=1))
    nearest = np.argsort(-np.concatenate(nearness), kind="stable")[:FEW]
    found: list[int] = np.concatenate(ids)[nearest].tolist()
    return found
