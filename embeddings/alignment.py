"""Whether two fingerprints are of one recording: laid over each other at every offset, their equal bits are counted."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.fingerprint import HEARD_SECONDS, SECONDS_OF_A_VALUE, SECONDS_PER_VALUE

# As much may be cut off, or put before, at the start and at the end.
MAX_OFFSET_SECONDS: Final = 15.0
SAME_SCORE: Final = 0.87
ABOVE_BACKGROUND: Final = 0.05
MIN_OVERLAP_SHARE: Final = 0.5
MIN_MOVING_SECONDS: Final = 6.0
_BITS: Final = 32
# Neighbouring values look at nearly the same two seconds: to find the offset so many of them are enough.
_TAKEN: Final = 128
_FEWEST: Final = 8

Values = NDArray[np.uint32]


@dataclass(frozen=True)
class Alignment:
    """Where two fingerprints agree best.

    ``score`` is the share of equal bits, 0 to 1, where they lie over each other and either of them is moving, that is
    to say anything but what it said a moment before: silence and held tones are equal to any other. ``background`` is
    the median of that share at all offsets, what moves not: noise and loops resemble themselves everywhere. The second
    begins ``offset_seconds`` after the first, before it when negative.
    """

    score: float
    background: float
    offset_seconds: float
    overlap_seconds: float
    moving_seconds: float


def align(first: Values, second: Values, *, max_offset_seconds: float = MAX_OFFSET_SECONDS) -> Alignment:
    """The offset at which most bits are equal beyond the background: in a loop it fits at each turn, at one in full.

    Fingerprints (n,) and (m,) of ``compute_fingerprint``; at least half of the shorter one lies over the other. All is
    0 for less than a second.
    """
    if min(first.size, second.size) < _FEWEST:
        return Alignment(0.0, 0.0, 0.0, 0.0, 0.0)
    reach = round(max_offset_seconds / SECONDS_PER_VALUE)
    scores, counts = _score_offsets(first, second, reach)
    background = float(np.sort(scores[counts > 0])[np.count_nonzero(counts) // 2])
    beyond = np.where(counts > 0, (scores - background) * counts, -np.inf)
    near = int(beyond.argmax()) - reach
    offset = max(range(near - 1, near + 2), key=lambda each: _count_equal(*_lay_over(first, second, each)))
    upper, lower = _lay_over(first, second, offset)
    is_moving = _is_moving(upper) | _is_moving(lower)
    moving = int(is_moving.sum())
    equal = _count_equal(upper[is_moving], lower[is_moving])
    return Alignment(
        score=equal / (_BITS * max(moving, 1)),
        background=background,
        offset_seconds=offset * SECONDS_PER_VALUE,
        overlap_seconds=upper.size * SECONDS_PER_VALUE,
        moving_seconds=moving * SECONDS_PER_VALUE,
    )


def _score_offsets(first: Values, second: Values, reach: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """By offset from -reach on: the share of equal bits of some values, and of how many; both 0 for a small overlap.

    The value j of the second lies over the value j + offset of the first. Around the first there are zeros, from which
    each seems to differ by as many bits as the other has; what they add is taken off again.
    """
    stride = max(1, second.size // _TAKEN)
    taken = second[::stride]
    span = (taken.size - 1) * stride + 1
    padded = np.zeros(max(reach + first.size, 2 * reach + span), np.uint32)
    padded[reach : reach + first.size] = first
    windows = np.lib.stride_tricks.sliding_window_view(padded, span)[: 2 * reach + 1, ::stride]
    differing = np.bitwise_count(windows ^ taken).sum(axis=1, dtype=np.uint32).astype(np.int64)
    offsets = np.arange(-reach, reach + 1)
    starts = np.minimum(np.maximum(-(offsets // stride), 0), taken.size)
    ends = np.minimum(np.maximum(-((offsets - first.size) // stride), starts), taken.size)
    ones = np.concatenate([[0], np.bitwise_count(taken).cumsum(dtype=np.int64)])
    differing -= ones[starts] + ones[-1] - ones[ends]
    is_enough = 2 * (ends - starts) * stride >= min(first.size, second.size)
    counts = np.where(is_enough, ends - starts, 0)
    return np.where(is_enough, 1 - differing / (_BITS * np.maximum(counts, 1)), 0.0), counts


def _lay_over(first: Values, second: Values, offset: int) -> tuple[Values, Values]:
    """What lies over each other when the second begins ``offset`` values after the first."""
    upper, lower = first[max(offset, 0) :], second[max(-offset, 0) :]
    return upper[: lower.size], lower[: upper.size]


def _is_moving(values: Values) -> NDArray[np.bool_]:
    return np.concatenate([[False], values[1:] != values[:-1]])


def _count_equal(first: Values, second: Values) -> int:
    return _BITS * first.size - int(np.bitwise_count(first ^ second).sum())


def is_same_recording(alignment: Alignment, first_seconds: float, second_seconds: float) -> bool:
    """Whether two files of these durations are one recording, in another encoding or cut a little at either end.

    The thresholds come from `tests/bench/test_duplicates.py`.
    """
    tail_seconds = first_seconds - (alignment.offset_seconds + second_seconds)
    heard_seconds = min(max(first_seconds, second_seconds), HEARD_SECONDS) - SECONDS_OF_A_VALUE
    return (
        alignment.score >= max(SAME_SCORE, alignment.background + ABOVE_BACKGROUND)
        and alignment.moving_seconds >= MIN_MOVING_SECONDS
        and alignment.overlap_seconds >= MIN_OVERLAP_SHARE * heard_seconds
        and abs(tail_seconds) <= MAX_OFFSET_SECONDS
    )
