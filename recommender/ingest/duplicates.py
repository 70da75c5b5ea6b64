"""Which tracks may be one recording: each new fingerprint is compared with all of about its length, pairs are proposed.

The work list are the fingerprints without `compared_at`. Nothing is merged, and what a curator has judged stays.
"""

import itertools
import logging
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from embeddings.alignment import MAX_OFFSET_SECONDS, Values, align, is_same_recording
from recommender.catalog.models import AudioFile, Evidence, Fingerprint, PairVerdict, RecordingPair, Track
from recommender.ingest.wake import wake_duplicates

logger = logging.getLogger(__name__)

# The queue has other work as well: so many comparisons with a catalog take some seconds.
AT_ONCE = 20
CHUNK = 200
CERTAIN = 1.0

Stored = bytes | memoryview


class Match(NamedTuple):
    """How another file resembles the one in question, which it follows by `offset_seconds`."""

    evidence: Evidence
    score: float = CERTAIN
    offset_seconds: float = 0.0


def propose_duplicates() -> None:
    """Compare some of what waits; the rest has its turn after what else waits in the queue."""
    waiting = list(Fingerprint.objects.filter(compared_at=None).order_by("pk")[:AT_ONCE])
    for fingerprint in waiting:
        count = compare(fingerprint)
        if count:
            logger.info("%d pairs may be one recording with %s", count, fingerprint)
    if len(waiting) == AT_ONCE:
        wake_duplicates()


def compare(fingerprint: Fingerprint) -> int:
    """Propose the pairs of one file, and note that it was compared; how many are new. Can be repeated at any time."""
    matches = {**_find_alike(fingerprint), **_find_same_audio(fingerprint)}
    with transaction.atomic():
        # Only now are the tracks read: whoever stores this file a moment later has it compared once more.
        found = _pair_up(fingerprint.pk, matches)
        count = _propose(found)
        Fingerprint.objects.filter(pk=fingerprint.pk).update(compared_at=timezone.now())
    return count


def _find_same_audio(fingerprint: Fingerprint) -> dict[str, Match]:
    """Files with the same decoded samples: other tags, or another lossless format."""
    sha256 = AudioFile.objects.filter(pk=fingerprint.pk).values_list("audio_sha256", flat=True).first()
    if not sha256:
        return {}
    same = AudioFile.objects.filter(audio_sha256=sha256).exclude(pk=fingerprint.pk)
    return dict.fromkeys(same.values_list("pk", flat=True), Match(Evidence.AUDIO))


def _find_alike(fingerprint: Fingerprint) -> dict[str, Match]:
    values, seconds = _read_values(fingerprint.values), fingerprint.duration_seconds
    matches = {}
    for name, stored, other_seconds in _candidates(fingerprint):
        alignment = align(values, _read_values(stored))
        if is_same_recording(alignment, seconds, other_seconds):
            matches[name] = Match(Evidence.FINGERPRINT, alignment.score, alignment.offset_seconds)
    return matches


def _candidates(fingerprint: Fingerprint) -> Iterator[tuple[str, Stored, float]]:
    """Files of about this length, a few at a time: as much longer or shorter as may be cut off at one end.

    Of two that wait it is the later one that looks at the other, so that each pair is compared once, by whomever.
    """
    seconds = fingerprint.duration_seconds
    played = Track.objects.filter(audio_file=OuterRef("pk"), is_deleting=False)
    candidates = Fingerprint.objects.filter(
        Q(compared_at__isnull=False) | Q(pk__lt=fingerprint.pk),
        Exists(played),
        duration_seconds__range=(seconds - MAX_OFFSET_SECONDS, seconds + MAX_OFFSET_SECONDS),
    ).exclude(pk=fingerprint.pk)
    return candidates.values_list("pk", "values", "duration_seconds").iterator(chunk_size=CHUNK)


def _read_values(stored: Stored) -> Values:
    return np.frombuffer(stored[: len(stored) // 4 * 4], "<u4")


def _pair_up(sha256: str, matches: Mapping[str, Match]) -> list[RecordingPair]:
    """All pairs of a track of this file with another one of it, or with one of a file that matches."""
    tracks = Track.objects.filter(is_deleting=False).order_by("pk")
    own = list(tracks.filter(audio_file=sha256).values_list("pk", flat=True))
    pairs = [_pair(first, second, Match(Evidence.BYTES)) for first, second in itertools.combinations(own, 2)]
    others = tracks.filter(audio_file__in=matches).values_list("pk", "audio_file")
    return pairs + [_pair(track, other, matches[name]) for other, name in others for track in own]


def _pair(track: int, other: int, match: Match) -> RecordingPair:
    first, second = sorted((track, other))
    offset = match.offset_seconds if track == first else -match.offset_seconds
    return RecordingPair(
        first_id=first, second_id=second, evidence=match.evidence, score=match.score, offset_seconds=offset
    )


def _propose(found: Collection[RecordingPair]) -> int:
    """Keep new pairs, and better evidence for those that nobody has judged yet; how many are new."""
    known = RecordingPair.objects.filter(first__in={pair.first_id for pair in found})
    known_evidence = {(pair.first_id, pair.second_id): pair.evidence for pair in known}
    new = [pair for pair in found if (pair.first_id, pair.second_id) not in known_evidence]
    RecordingPair.objects.bulk_create(new, ignore_conflicts=True)
    for pair in found:
        before = known_evidence.get((pair.first_id, pair.second_id), pair.evidence)
        if _certainty(pair.evidence) > _certainty(before):
            proposed = known.filter(first=pair.first_id, second=pair.second_id, verdict=PairVerdict.PROPOSED)
            proposed.update(evidence=pair.evidence, score=pair.score, offset_seconds=pair.offset_seconds)
    return len(new)


def _certainty(evidence: str) -> int:
    return [Evidence.FINGERPRINT, Evidence.AUDIO, Evidence.BYTES].index(Evidence(evidence))
