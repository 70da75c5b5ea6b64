"""The states of an analysis in words for people."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.catalog.models import AnalysisState, Track

UNFINISHED = frozenset({AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING})
RETRIABLE = frozenset({AnalysisState.FAILED, AnalysisState.UNINDEXED})

_LABELS: dict[str, str] = {
    AnalysisState.QUEUED: gettext_noop("Queued"),
    AnalysisState.ANALYSING: gettext_noop("Analysing"),
    AnalysisState.INDEXING: gettext_noop("Indexing"),
    AnalysisState.READY: gettext_noop("Ready"),
    AnalysisState.FAILED: gettext_noop("Failed"),
    AnalysisState.UNINDEXED: gettext_noop("Not compared"),
    "deleting": gettext_noop("Being deleted"),
}
_SENTENCES: dict[str, str] = {
    AnalysisState.QUEUED: gettext_noop("Waiting for its turn."),
    AnalysisState.ANALYSING: gettext_noop("Being listened to from start to end."),
    AnalysisState.INDEXING: gettext_noop("It can be played already. Its neighbours are about to be known."),
    AnalysisState.READY: gettext_noop("Compared with everything else in the catalog."),
    AnalysisState.FAILED: gettext_noop("Something went wrong while it was analysed. Trying again may help."),
    AnalysisState.UNINDEXED: gettext_noop("It can be played, but there is nothing in it to compare."),
    "deleting": gettext_noop("It will be gone in a moment."),
}
_REASONS: dict[str, str] = {
    "bad_audio": gettext_noop("The audio in this file could not be read."),
    "not_audio": gettext_noop("Nothing in this file could be recognised as audio."),
    "no_audio": gettext_noop("This file holds no audio, only video or data."),
    "unsupported": gettext_noop(
        "This kind of audio is not supported. Files with copy protection cannot be read, for instance."
    ),
    "corrupt": gettext_noop("This file is damaged: not one second of it could be decoded."),
    "too_long": gettext_noop("This file plays for longer than is allowed here."),
    "too_short": gettext_noop("It can be played, but it is too short to be compared with other tracks."),
    "silent": gettext_noop("It can be played, but it is silent, so there is nothing to compare."),
    "unembeddable": gettext_noop("It can be played, but there is nothing in it to compare."),
    "decoder_failed": gettext_noop("Decoding this file broke off several times."),
    "decoder_died": gettext_noop("Decoding this file broke off several times."),
    "decoder_stalled": gettext_noop("Decoding this file took too long, several times."),
}
# Reasons with several causes, of which the decoder names the one it met.
_TOLD_BEST_BY_THE_WORKER = frozenset({"not_audio", "unsupported", "corrupt"})
# What the library of `embeddings`, which knows no languages, says then: its sentences are looked up as they are kept.
# Those with numbers in them stay English.
TOLD_BY_DECODERS = (
    gettext_noop("Not one sample of the audio could be decoded."),
    gettext_noop("Reading the file needs more memory than is allowed."),
    gettext_noop("Nothing in the file is recognised as audio, or its beginning is broken."),
    gettext_noop("The audio is coded in a way that is not supported."),
    gettext_noop("The audio is encrypted (copy protection)."),
    gettext_noop("Decoding the file needs more memory than is allowed."),
)


@dataclass(frozen=True, kw_only=True)
class ShownState:
    """What a page says about where a track stands. `state` is the stable word, for machines and style sheets."""

    state: str
    label: str
    sentence: str
    is_unfinished: bool
    is_retriable: bool


def show_state(track: Track) -> ShownState:
    """Needs `with_state()`."""
    state = track.shown_state()
    ended = state in RETRIABLE
    return ShownState(
        state=state,
        label=name_state(state),
        sentence=_((_explain(track) if ended else "") or _SENTENCES.get(state, "")),
        is_unfinished=state in UNFINISHED,
        is_retriable=ended,
    )


def name_state(state: str) -> str:
    return _(_LABELS.get(state, state.capitalize()))


def explain_reason(reason: str, detail: str) -> str:
    """Why several tracks failed, of which a worker said `detail` of one: what it says of others may differ."""
    return _(_REASONS.get(reason) or detail or reason)


def _explain(track: Track) -> str:
    """In English: reasons we have words for, else the sentence the worker left."""
    reason, detail = getattr(track, "reason", None), getattr(track, "detail", None)
    if reason in _TOLD_BEST_BY_THE_WORKER and detail:
        return str(detail)
    return _REASONS.get(reason or "") or detail or ""


def describe_for_machines(track: Track) -> dict[str, Any]:
    """The answer to a browser that follows an upload. Needs `with_state()`."""
    shown = show_state(track)
    return {
        "id": track.pk,
        "title": track.title,
        "artist": track.artist_name if track.artist else "",
        "size_bytes": track.audio_file.size_bytes,
        "url": reverse("track", args=[track.pk]),
        "state": shown.state,
        "label": shown.label,
        "sentence": shown.sentence,
        "is_unfinished": shown.is_unfinished,
        "is_retriable": shown.is_retriable,
    }
