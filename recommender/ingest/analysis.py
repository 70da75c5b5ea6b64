"""The worker's half of ingest: claim a track, measure it, keep what was found. The only user of torch among the rooms.

How an analysis may end is drawn in `catalog.models.AnalysisState`; what is unexpected is tried again later, a limited
number of times.
"""

import functools
import logging
import os
import time
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from embeddings import DecodeLimits, Decoder, TrackAnalysis, analyse_file, create_encoder, list_encoders
from embeddings.encoders import Encoder
from embeddings.errors import AudioError, DecoderError, EncoderError, UnembeddableError
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import MEDIA_LOST, Analysis, AnalysisState, Embedding, Pause, Rendition, Track
from recommender.ingest.findings import Findings, findings_of, keep_findings
from recommender.ingest.tags import FileTags, apply_tags, read_tags
from recommender.ingest.wake import wake_duplicates, wake_index, wake_renditions
from recommender.similarity.segments import Segments, keep_segments
from recommender.similarity.spaces import filling_spaces
from recommender.similarity.vectors import check_vectors, to_bytes

logger = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 4
# How long a track waits for an encoder that is not installed here: until an update, or its space is no longer wanted.
WITHOUT_ENCODER_SECONDS = 600
MEDIA_LOST_DETAIL = gettext_noop("The stored file of this track is missing. Upload it again to put it back.")
GIVEN_UP = gettext_noop(
    "This track could not be analysed because of a fault of the server. An administrator can try it again."
)


class ClaimLostError(Exception):
    """Somebody else has this analysis now, or the track is being deleted: leave everything as it is."""


class MediaLostError(Exception):
    """The store is there, the file of this track is not."""


def analyse_track(analysis_id: int, lease_owner: str) -> None:
    """Analyse one track if it is still waiting. Whatever happens, its row says how it ended."""
    analysis = _claim(analysis_id, lease_owner)
    if analysis is None:
        return
    try:
        _measure(analysis)
    except ClaimLostError:
        logger.info("analysis %d was taken over", analysis.pk)
    except AudioError as error:
        Analysis.objects.held_by(analysis).move_to(AnalysisState.FAILED, reason=error.code, detail=str(error))
    except DecoderError as error:
        _try_again(analysis, "decoder_failures", settings.ANALYSIS.max_decoder_failures, error.code, str(error))
    except EncoderError as error:
        logger.warning("analysis %d has to wait for its encoder: %s", analysis.pk, error)
        Analysis.objects.held_by(analysis).requeue(WITHOUT_ENCODER_SECONDS, reason=error.code, detail=str(error))
    except MediaLostError:
        Analysis.objects.held_by(analysis).move_to(AnalysisState.FAILED, reason=MEDIA_LOST, detail=MEDIA_LOST_DETAIL)
    except Exception as error:
        _end_unexpectedly(analysis, error)


def _claim(analysis_id: int, lease_owner: str) -> Analysis | None:
    """The analysis, unless somebody else has it, all are held up, or its space is filled no more: the choice was taken
    back.
    """
    if Pause.objects.exists() or not Analysis.objects.filter(pk=analysis_id, space__in=filling_spaces()).exists():
        return None
    return Analysis.objects.claim(analysis_id, lease_owner, settings.ANALYSIS)


def _end_unexpectedly(analysis: Analysis, error: Exception) -> None:
    if not Track.objects.filter(pk=analysis.track_id, is_deleting=False).exists():
        logger.info("track %d was deleted while it was analysed", analysis.track_id)
        return
    logger.error("analysis %d failed unexpectedly", analysis.pk, exc_info=error)
    _try_again(analysis, "lost_leases", settings.ANALYSIS.max_lost_leases, "internal", GIVEN_UP)


def _measure(analysis: Analysis) -> None:
    track = analysis.track
    encoder = encoder_of(os.getpid(), analysis.space.signature)
    path = path_of(track.audio_file_id)
    if not path.exists() and any(settings.STORAGE.audio.iterdir()):
        raise MediaLostError
    # Asked only once, so that what people have corrected since stays.
    tags = None if track.audio_file.audio_sha256 and track.is_playable else read_tags(path)
    try:
        found = analyse_file(path, encoder, decoder=_decoder(os.getpid()), on_progress=_renewal(analysis))
    except UnembeddableError as error:
        _end_without_vector(analysis, error, findings_of(error), tags)
        return
    check_vectors(found.embedding[None, :], analysis.space.dimension)
    _keep(analysis, found, findings_of(found), tags)


def _renewal(analysis: Analysis) -> Callable[[float], None]:
    """A callback that keeps the lease alive while sound is still arriving. It raises ClaimLostError."""
    lease_seconds = settings.ANALYSIS.lease_seconds
    renewed_at = time.monotonic()

    def renew(_seconds_decoded: float) -> None:
        nonlocal renewed_at
        if time.monotonic() - renewed_at < lease_seconds / RENEWALS_PER_LEASE:
            return
        renewed_at = time.monotonic()
        if not Analysis.objects.held_by(analysis).renew(lease_seconds):
            raise ClaimLostError

    return renew


@transaction.atomic
def _keep(analysis: Analysis, found: TrackAnalysis, findings: Findings, tags: FileTags | None) -> None:
    """The vector in SQL first; the index follows, and only then the track is ready."""
    if not Analysis.objects.held_by(analysis).move_to(AnalysisState.INDEXING):
        raise ClaimLostError
    embedding, _ = Embedding.objects.update_or_create(
        track=analysis.track,
        space=analysis.space,
        defaults={"vector": to_bytes(found.embedding), "indexed_generation": ""},
    )
    keep_segments(embedding, Segments(found.segment_embeddings, found.segment_starts_seconds))
    _describe(analysis.track, findings, tags)
    transaction.on_commit(wake_index)


@transaction.atomic
def _end_without_vector(
    analysis: Analysis, error: UnembeddableError, findings: Findings, tags: FileTags | None
) -> None:
    held = Analysis.objects.held_by(analysis)
    if not held.move_to(AnalysisState.UNINDEXED, reason=error.code, detail=str(error)):
        raise ClaimLostError
    _describe(analysis.track, findings, tags)


def _describe(track: Track, found: Findings, tags: FileTags | None) -> None:
    # A track of a version that read less of a file keeps what is said of it.
    is_known = track.is_playable
    keep_findings(track, found)
    if tags is not None:
        apply_tags(track, tags, only_missing=is_known)
    if track.audio_file.rendition == Rendition.WANTED:
        transaction.on_commit(wake_renditions)
    transaction.on_commit(wake_duplicates)


def _try_again(analysis: Analysis, counter: str, limit: int, reason: str, detail: str) -> None:
    """Queue the analysis once more after a pause that grows with its failures, or give it up at `limit`."""
    held = Analysis.objects.held_by(analysis)
    held.update(**{counter: F(counter) + 1})
    failures = getattr(analysis, counter) + 1
    if failures >= limit:
        held.move_to(AnalysisState.FAILED, reason=reason, detail=detail)
    else:
        held.requeue(settings.ANALYSIS.retry_after_seconds * failures, reason=reason, detail=detail)


@functools.cache
def encoder_of(_process_id: int, signature: str) -> Encoder:
    """The encoder of a space, so that vectors of two spaces never meet. Raises EncoderError when it is not here."""
    for card in list_encoders():
        if card.signature == signature:
            return create_encoder(card.name)
    raise EncoderError(f"No installed encoder has the signature {signature[:12]}.")


@functools.cache
def _decoder(_process_id: int) -> Decoder:
    return Decoder(DecodeLimits(max_seconds=settings.ANALYSIS.max_duration_seconds))
