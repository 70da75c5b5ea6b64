"""Adapting the encoder in use to this catalog. Importing this loads torch: only the command does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from embeddings import Decoder, analyse_file, create_encoder, list_encoders
from embeddings.adaptation import Adaptation, Pair, adapt
from embeddings.adaptation_measures import Library
from embeddings.audio import DecodeLimits
from embeddings.blockwise import SPARE, OnProgress, find_neighbours
from embeddings.encoders import Encoder
from embeddings.encoders.adapted import install_adapted
from embeddings.encoders.card import PLAIN_NAME
from embeddings.encoders.families import FAMILIES
from embeddings.encoders.store import installed_names
from embeddings.errors import AudioError, DecoderError
from recommender.catalog.audio_files import path_of
from recommender.operations.catalog_vectors import CatalogVectors, group_copies, read_catalog
from recommender.operations.errors import AdaptationFailedError
from recommender.operations.spaces import choose_encoder
from recommender.similarity.spaces import chosen_space

LEAST_TRACKS: Final = 100
DEFAULT_LISTENED: Final = 300
PREFIX: Final = "adapted-"

ShowProgress = Callable[[str], OnProgress]


@dataclass(frozen=True)
class TrackPair:
    """What somebody said of two tracks, by id: that they are similar, or that they are not."""

    first_id: int
    second_id: int
    is_similar: bool


@dataclass(frozen=True)
class AdaptationPlan:
    """``name`` of the new encoder (None: the first free ``adapted-N``); ``listened``: of how many tracks the segments
    are computed again, since they are not kept; ``is_forced``: install it even where it is not better."""

    name: str | None = None
    listened: int = DEFAULT_LISTENED
    is_forced: bool = False


def adapt_to_catalog(
    plan: AdaptationPlan, show_progress: ShowProgress, pairs: Sequence[TrackPair] = ()
) -> dict[str, Any]:
    """Learn a head for the active space, and where it is better on tracks it never saw, install the adapted encoder and
    make it the one that is filled next. Gives the report, ready for JSON; ``installed`` is the new name or None.

    ``pairs``: likes and "not similar" of listeners; the catalog keeps none yet. Errors, with nothing changed:
    CatalogTooSmallError, AdaptationFailedError, EncoderError.
    """
    name = _choose_name(plan.name)
    catalog = read_catalog(LEAST_TRACKS)
    if chosen_space() != catalog.space:
        raise AdaptationFailedError(
            f"Another space ({chosen_space()}) is being filled and will take over: adapt the encoder after that."
        )
    encoder = _encoder_of(catalog)
    neighbours = find_neighbours(catalog.vectors, SPARE, show_progress("Neighbours"))
    segments, segment_tracks = _listen(catalog, encoder, plan.listened, show_progress("Listening"))
    recordings = group_copies(catalog, neighbours)
    library = Library(catalog.vectors, catalog.artists, catalog.releases, recordings, segments, segment_tracks)
    try:
        found = adapt(library, _to_rows(catalog, pairs), show_progress("Learning"))
    except ValueError as error:
        raise AdaptationFailedError(f"Nothing can be learned here: {error}.") from error
    is_wanted = found.verdict.is_better or plan.is_forced
    if is_wanted:
        install_adapted(settings.STORAGE.encoders, name, encoder, found.head)
        choose_encoder(name)
    listened = len(np.unique(segment_tracks))
    return _describe(encoder, catalog, found, listened) | {"installed": name if is_wanted else None}


def _choose_name(wanted: str | None) -> str:
    taken = {card.name for card in list_encoders()} | {*FAMILIES, *installed_names(settings.STORAGE.encoders)}
    if wanted is None:
        wanted = next(name for number in count(1) if (name := f"{PREFIX}{number}") not in taken)
    if not PLAIN_NAME.fullmatch(wanted):
        raise AdaptationFailedError(f"{wanted!r} is no name: small letters, digits and _ . - only.")
    if wanted in taken:
        raise AdaptationFailedError(f"There is an encoder or a family {wanted} already: choose another name.")
    configured = settings.ANALYSIS.encoder
    if configured and configured != wanted:
        raise AdaptationFailedError(
            f"SOUNDALIKE_ENCODER names {configured} and decides at every start, so an adapted encoder would not be "
            "used: unset it first."
        )
    return wanted


def _encoder_of(catalog: CatalogVectors) -> Encoder:
    for card in list_encoders():
        if card.signature == catalog.space.signature:
            return create_encoder(card.name)
    raise AdaptationFailedError(f"The encoder of the active space ({catalog.space}) is not installed here.")


def _listen(
    catalog: CatalogVectors, encoder: Encoder, listened: int, on_progress: OnProgress
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Segment embeddings (m, d) of up to ``listened`` random tracks, and the row of the track of each (m,).

    A file that is missing or cannot be decoded any more is passed over. Raises EncoderError.
    """
    rows = np.sort(np.random.default_rng(0).permutation(len(catalog))[:listened])
    parts = [np.zeros((0, catalog.space.dimension), np.float32)]
    tracks = [np.zeros(0, np.int64)]
    limits = DecodeLimits(max_seconds=settings.ANALYSIS.max_duration_seconds)
    with Decoder(limits) as decoder:
        for done, row in enumerate(rows, start=1):
            try:
                found = analyse_file(path_of(catalog.files[row]), encoder, decoder=decoder).segment_embeddings
            except (AudioError, DecoderError, OSError):
                found = parts[0]
            parts.append(found)
            tracks.append(np.full(len(found), row, np.int64))
            on_progress(done, len(rows))
    return np.concatenate(parts), np.concatenate(tracks)


def _to_rows(catalog: CatalogVectors, pairs: Sequence[TrackPair]) -> list[Pair]:
    rows = {int(track_id): row for row, track_id in enumerate(catalog.track_ids)}
    return [
        Pair(rows[pair.first_id], rows[pair.second_id], pair.is_similar)
        for pair in pairs
        if pair.first_id in rows and pair.second_id in rows
    ]


def _describe(encoder: Encoder, catalog: CatalogVectors, found: Adaptation, listened: int) -> dict[str, Any]:
    return {
        "encoder": encoder.spec.name,
        "signature": encoder.spec.signature,
        "tracks": len(catalog),
        "training_tracks": found.training_tracks,
        "held_out_tracks": found.held_out_tracks,
        "listened_tracks": listened,
        "strength": found.strength,
        "measures": found.measures,
        "hubness": dict(zip(("before", "after"), found.hubness, strict=True)),
        "is_better": found.verdict.is_better,
        "deciding": found.verdict.deciding,
        "reason": found.verdict.reason,
    }
