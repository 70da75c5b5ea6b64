"""Which file is worth keeping."""

import pytest

from recommender.catalog.models import AudioFile, Track
from recommender.curation.best_file import Best, Merit, choose_best, find_better

LOSSLESS = {"codec": "flac", "rate_hz": 44_100, "channels": 2, "bit_rate": 900_000}
GOOD = {"codec": "mp3", "rate_hz": 44_100, "channels": 2, "bit_rate": 320_000}
POOR = {**GOOD, "bit_rate": 128_000}


def track(pk, file, **given):
    described = {"is_playable": True, "duration_seconds": 200.0, **given}
    return Track(pk=pk, audio_file=AudioFile(**file), **described)


@pytest.mark.parametrize(
    ("better", "worse", "merit"),
    [
        ((LOSSLESS, {}), (GOOD, {}), Merit.LOSSLESS),
        (({**LOSSLESS, "codec": "pcm_s16le"}, {}), (GOOD, {"duration_seconds": 205.0}), Merit.LOSSLESS),
        ((GOOD, {}), (POOR, {}), Merit.BIT_RATE),
        ((GOOD, {}), (LOSSLESS, {"is_truncated": True}), Merit.WHOLE),
        ((GOOD, {}), (LOSSLESS, {"is_playable": False}), Merit.PLAYABLE),
        (({**LOSSLESS, "rate_hz": 96_000}, {}), ({**LOSSLESS, "bit_rate": 990_000}, {}), Merit.RATE),
        ((GOOD, {}), ({**GOOD, "channels": 1}, {}), Merit.CHANNELS),
        ((POOR, {"duration_seconds": 205.0}), (GOOD, {}), Merit.LENGTH),
        ((GOOD, {}), (POOR, {"duration_seconds": 201.9}), Merit.BIT_RATE),
    ],
)
def test_the_better_file(better, worse, merit):
    one, other = track(2, better[0], **better[1]), track(1, worse[0], **worse[1])
    assert choose_best([other, one], {}) == Best(one, merit)
    assert find_better(merit, [one, other], {}) == {2}


def test_of_equals_the_one_that_was_played_and_then_the_older():
    one, other = track(1, GOOD), track(2, GOOD, duration_seconds=200.1)
    assert choose_best([other, one], {}) == Best(one, Merit.AGE)
    assert choose_best([one, other], {2: 3}) == Best(other, Merit.PLAYS)
    assert find_better(Merit.LENGTH, [one, other], {}) == frozenset()


def test_one_alone_is_the_best_for_no_reason():
    assert choose_best([track(1, POOR)], {}).merit is None
