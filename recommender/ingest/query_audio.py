"""The worker's half of asking with a sound: listen to it once, say what was heard, and forget it."""

import contextlib
import functools
import logging
import os
import uuid
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_noop

from embeddings import DecodeLimits, Decoder, TrackAnalysis, analyse_file
from embeddings.errors import AudioError, DecoderError, EncoderError
from recommender.ingest.analysis import encoder_of
from recommender.ingest.findings import MEASURED
from recommender.ingest.queries import NotHeard, Query, finish_query
from recommender.ingest.words import choose_words
from recommender.similarity.sounds import Sound
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import check_vectors

logger = logging.getLogger(__name__)

# In the words of somebody who asks; what is not listed says of itself what it is.
_SENTENCES: Final = {
    "too_short": gettext_noop(
        "This is too short to be compared: five seconds are enough, less than half a second is not."
    ),
    "silent": gettext_noop("Nothing is to be heard in it. Was the microphone on?"),
    "too_long": gettext_noop("This lasts too long. Send the part that you mean, of at most %(minutes)d minutes."),
}
_UNDECODABLE: Final = gettext_noop("This file could not be decoded: something in it brings the decoder down.")
_NO_ENCODER: Final = gettext_noop("The server cannot listen to anything right now. An administrator can find out why.")
_BROKEN: Final = gettext_noop("Something broke on our side while it was listened to. It has been noted.")


def prepare_to_listen() -> None:
    """Have the encoder loaded before the first question comes."""
    space = active_space()
    with contextlib.suppress(EncoderError):
        if space is not None:
            encoder_of(os.getpid(), space.signature)


def listen_to_query(owner_id: int, query_id: str) -> None:
    """Listen to a sound unless nobody waits for it any more. However that ends, the sound is gone then."""
    query = Query(owner_id, uuid.UUID(query_id))
    if not query.sound.exists():
        return
    try:
        heard = _listen(query.sound)
    except FileNotFoundError:
        logger.info("a query was given up while it was listened to")
    except Exception:
        logger.exception("a query failed unexpectedly")
        finish_query(query, NotHeard("internal", _BROKEN, is_our_fault=True))
    else:
        finish_query(query, heard)


def _listen(path: Path) -> Sound | NotHeard:
    """Raises FileNotFoundError."""
    try:
        return _embed(path)
    except AudioError as error:
        parts = {"minutes": settings.QUERIES.max_duration_seconds // 60} if error.code == "too_long" else {}
        return NotHeard(error.code, _SENTENCES.get(error.code, str(error)), parts=parts)
    except DecoderError as error:
        return NotHeard(error.code, _UNDECODABLE)
    except EncoderError as error:
        logger.warning("nobody can ask with a sound: %s", error)
        return NotHeard(error.code, _NO_ENCODER, is_our_fault=True)


def _embed(path: Path) -> Sound:
    space = active_space()
    if space is None:
        raise EncoderError("There is no active space yet.")
    found = analyse_file(path, encoder_of(os.getpid(), space.signature), decoder=_decoder(os.getpid()))
    check_vectors(found.embedding[None, :], space.dimension)
    return _describe(space.signature, found)


def _describe(signature: str, found: TrackAnalysis) -> Sound:
    return Sound(
        signature=signature,
        vector=found.embedding,
        duration_seconds=found.duration_seconds,
        is_truncated=found.is_truncated,
        words=choose_words(found.tags),
        **{name: getattr(found.descriptors, name) for name in MEASURED},
    )


@functools.cache
def _decoder(_process_id: int) -> Decoder:
    """Impatient: others wait behind this sound, and whoever sent it does not wait for long."""
    limits = settings.QUERIES
    return Decoder(
        DecodeLimits(
            max_seconds=limits.max_duration_seconds,
            stall_seconds=limits.wait_seconds / 2,
            wall_seconds=limits.wait_seconds,
            cpu_seconds=limits.wait_seconds,
        )
    )
